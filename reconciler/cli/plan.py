"""``reconciler plan``: show what apply would change."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import options
from reconciler.cli.diagnostics import say
from reconciler.cli.live import Consent, LiveOptions
from reconciler.cli.recording import Taping, circumstances_of, taped
from reconciler.cli.reviewing import Review
from reconciler.cli.run_record import Recorded
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode, WrongUsage
from reconciler.model.user_folders import current_folder

if TYPE_CHECKING:
    from reconciler.model.plan import Plan
    from reconciler.plan.context import Context
    from reconciler.plan.since import Before


@click.command(cls=Recorded)
@options.files_or_paths
@options.targets
@options.exclude
@options.review
@click.option(
    "--out", type=options.ANY_PATH, metavar="FILE", help="Save the plan, for show and apply. Holds no secrets."
)
@click.option(
    "--base", metavar="REV",
    help="Distinguish what this change of the manifests does, since this git revision, from earlier differences. "
    "main... is where this branch left main.",
)  # fmt: skip
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@options.consent
@options.effective
@options.taping
@options.without_effect("--input")
@options.history
@options.connection
def plan(
    *, files: tuple[Path, ...], targets: tuple[Address, ...], exclude: tuple[Address, ...], review: Review,
    out: Path | None, base: str | None, detailed_exitcode: bool, consent: Consent, effective: bool, taping: Taping,
    settings: LiveOptions,
) -> ExitCode:  # fmt: skip
    """Show what apply would change; nothing is written.

    The manifests are compared with Keycloak, and with what GET /v1/me reports for each client. Where a policy of
    reconciler.yaml denies the plan, the exit code is 6.

    With --base, each difference says whether it is of this change, was there before (drift, or what was merged and not
    applied yet), or both. The revision is read from git as its own reconciler.yaml and overlays resolve it. Settings
    that differ are shown, and its policies hold for what this change does: a change cannot loosen what stops it.

    --record saves everything that was read, for a bug report; --replay makes the same plan from it, offline.
    """
    from reconciler.adapters.plan_file import check_replaceable, write_plan_file
    from reconciler.cli.inputs import context_then
    from reconciler.model.verdict import verdict_of
    from reconciler.review.plan_json import plan_json

    if out is not None:
        check_replaceable(out)
    before = None
    if base is not None and consent.destroy:
        raise WrongUsage("--destroy cannot be combined with --base: it asks no manifest.", remedy="Remove one of them.")
    if base is not None:
        from reconciler.cli.revisions import base_of

        before = base_of(base, files, settings.overlays)
    then = circumstances_of(taping, settings, files, targets, exclude, effective=effective, **asdict(consent))
    with taped(taping, settings, then) as live:
        context = context_then(live, then)
        found = planned(files, live, context, effective=then.effective, before=before, revision=then.revision)
    click.echo(review.text_of(found, saved_as="" if out is None else None), nl=False)
    if out is not None:
        write_plan_file(out, plan_json(found))
        _say_saved(out, found)
    return verdict_of(found).exit_code(ExitCode.CHANGES if detailed_exitcode else ExitCode.DONE)


def planned(
    files: tuple[Path, ...], settings: LiveOptions, context: "Context", *, effective: bool,
    before: "Before | None" = None, revision: str = "",
) -> "Plan":  # fmt: skip
    """Load, observe and plan, as the options say."""
    from reconciler.app import plan as use_case
    from reconciler.cli.inputs import ask, loaded_manifests
    from reconciler.plan.targets import naming

    loaded = loaded_manifests(files, settings, may_be_none=context.destroy)
    request = use_case.PlanRequest(
        loaded=loaded,
        context=naming(context, loaded.desired),
        root=current_folder() or Path(),
        before=before,
        policies=settings.said.policies,
        environment=settings.said.environment,
        revision=revision,
    )
    return asyncio.run(ask(use_case.plan, request, settings, effective=effective))


def _say_saved(out: Path, saved: "Plan") -> None:
    from reconciler.cli.next_commands import commands_for
    from reconciler.model.verdict import Verdict, verdict_of

    commands: dict[str, Any] = {}
    if verdict_of(saved) is Verdict.DENIED:
        text = "A denied plan cannot be applied."
    elif all(change.blocked for change in saved.changes):
        why = "nothing differs" if not saved.left_out else "--exclude leaves out all that differs"
        why = "everything in it is blocked, as said above" if saved.changes else why
        text = f"It can change nothing: {why}."
    else:
        approve, apply = commands_for(out, saved)
        commands, text = {"command": apply}, f"To perform exactly these actions: {apply}"
        if approve:
            commands = {"approve": approve, "command": apply}
            text = f"It needs an approval. To approve it: {approve}\nThen, {text[0].lower()}{text[1:]}"
    say(f"Saved the plan. {text}", "plan-saved", file=str(out), **commands)
