"""``reconciler plan``: show what apply would change."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import options
from reconciler.cli.diagnostics import say
from reconciler.cli.environment import said_for
from reconciler.cli.live import LiveOptions, take
from reconciler.cli.run_record import recorded
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode

if TYPE_CHECKING:
    from reconciler.model.plan import Plan
    from reconciler.model.recording import Circumstances
    from reconciler.plan.since import Before


@click.command()
@options.files
@options.targets
@options.review
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan, for show and apply. Holds no secret."
)
@click.option(
    "--base",
    metavar="REV",
    help="Tell what this change of the manifests does, since this git revision, from what differed before. "
    "main... is where this branch left main.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@options.consent
@options.no_effective
@options.taping
@options.history
@options.connection
@click.pass_context
@recorded
def plan(
    context: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    targets: tuple[Address, ...],
    out: Path | None,
    base: str | None,
    detailed_exitcode: bool,
    allow_delete: bool,
    soft_delete: bool,
    allow_takeover: bool,
    no_effective: bool,
    **given: Any,
) -> None:
    """Show what apply would change; nothing is written.

    The manifests are compared with Keycloak, and with what GET /v1/me reports for each client. Where a policy of
    reconciler.yaml denies the plan, the exit code is 6.

    With --base, each difference says whether it is of this change, was there before (drift, or what was merged and not
    applied yet), or both. The revision is read from git as its own reconciler.yaml and overlays resolve it. Settings
    that differ are shown, and its policies hold for what this change does: a change cannot loosen what stops it.

    --record keeps what is read, for a report of a bug; --replay makes the same plan from it, without any server.
    """
    from reconciler.adapters.plan_file import check_replaceable, write_plan_file
    from reconciler.adapters.revision import revision_of
    from reconciler.cli.recording import circumstances_of, take_taping, taped
    from reconciler.cli.reviewing import take_review
    from reconciler.plan.policy import is_denied
    from reconciler.review.plan_json import plan_json

    taping = take_taping(context, given, "plan")
    settings, review = take(given), take_review(given)
    if out is not None:
        check_replaceable(out)
    before = None
    if base is not None:
        from reconciler.cli.revisions import base_of

        before = base_of(context, base, files, settings.overlays)
    then = circumstances_of(
        taping, "plan", settings, said_for(context), files,
        revision=revision_of(files if settings.overlays is None else (*files, settings.overlays)),
        effective=not no_effective,
        targets=tuple(map(str, targets)),
        allow_delete=allow_delete,
        soft_delete=soft_delete,
        allow_takeover=allow_takeover,
    )  # fmt: skip
    with taped(taping, settings, then) as options_of_run:
        found = asyncio.run(planned(files, options_of_run, then, before))
    click.echo(review.text_of(found, is_saved=out is not None), nl=False, color=settings.color)
    if out is not None:
        write_plan_file(out, plan_json(found))
        _say_saved(context, out, found)
    if not found.complete:
        context.exit(ExitCode.ERROR)
    if is_denied(found):
        context.exit(ExitCode.REFUSED)
    context.exit(ExitCode.CHANGES if detailed_exitcode and not found.is_empty else ExitCode.DONE)


async def planned(
    files: tuple[Path, ...], options: LiveOptions, then: "Circumstances", before: "Before | None" = None
) -> "Plan":
    """Load, observe and plan, as the options and the circumstances say."""
    from reconciler.adapters.live import systems
    from reconciler.app import plan as use_case
    from reconciler.cli.console import Console
    from reconciler.cli.inputs import context_then, loaded_manifests

    request = use_case.PlanRequest(
        loaded=loaded_manifests(files, options),
        context=context_then(options, then),
        root=Path.cwd(),
        before=before,
        policies=then.policies,
        environment=then.environment,
        revision=then.revision,
    )
    async with systems(options, effective=then.effective) as live:
        return await use_case.plan(request, live, Console(options))


def _say_saved(context: click.Context, out: Path, saved: "Plan") -> None:
    from reconciler.cli.next_commands import commands_for
    from reconciler.plan.policy import is_denied

    if is_denied(saved):
        say("Saved the plan. As long as a policy denies it, it cannot be applied.", "plan-saved", file=str(out))
        return
    if all(change.blocked for change in saved.changes):
        why = "everything in it is blocked, as said above" if saved.changes else "nothing differs"
        say(f"Saved the plan. There is nothing that it can do: {why}.", "plan-saved", file=str(out))
        return
    approve, command = commands_for(context, out, saved, said_for(context))
    if not approve:
        say(
            f"Saved the plan. To perform exactly these actions: {command}", "plan-saved", file=str(out), command=command
        )
        return
    say(
        f"Saved the plan. It needs an approval. Whoever may give it: {approve}\n"
        f"Then, to perform exactly these actions: {command}",
        "plan-saved",
        file=str(out),
        approve=approve,
        command=command,
    )
