"""``reconciler apply``: make the changes, and prove that they took effect."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options, paths
from reconciler.cli.live import Consent, LiveOptions, Locking
from reconciler.cli.recording import refuse_given
from reconciler.cli.run_record import Recorded
from reconciler.model.errors import ExitCode, WrongUsage

_ANSWERED: Final = frozenset(
    {"files", "targets", "exclude", "destroy", "expired", "only_summary", "soft_delete", "allow_takeover"}
)
"""Parameters whose options a saved plan has answered already."""


@click.command(cls=Recorded)
@paths.planfile
@options.files
@options.targets
@options.exclude
@options.asking
@options.summary
@options.consent
@click.option(
    "--force", is_flag=True, help="Allow the plan to delete or disable more than 30 % of the managed resources."
)
@click.option(
    "--approval", "approvals", type=options.ANY_PATH, multiple=True, metavar="FILE",
    help="An approval of this plan, written by approve. Repeatable.",
)  # fmt: skip
@options.effective
@options.sink
@options.option(
    "--verify-timeout", type=options.patience(0, 3600), default="60s",
    help="How long to wait until Keycloak and /v1/me match the manifests.",
)  # fmt: skip
@options.journal
@options.locking
@options.no_replay
@options.history
@options.connection
def apply(
    *, planfile: Path | None, effective: bool, sink: str | None, consent: Consent, force: bool, verify_timeout: float,
    journal: Path | None, locking: Locking, settings: LiveOptions, **given: Any,
) -> ExitCode:  # fmt: skip
    """Show the plan, ask, apply the changes, and verify that they took effect.

    PATH is a manifest, or a folder with manifests, as with -f.

    With a PLANFILE that "plan --out" saved, exactly that plan is applied, without asking. If any resource that it
    would write has changed since, nothing is written, and the exit code is 5.

    To verify, Keycloak is read again and GET /v1/me is called as each client, until both match the manifests.

    Only one run per owner writes to a realm at a time: another one exits at once, or waits with --lock-timeout. Ctrl-C
    lets the writes in flight finish, and starts no others; the next apply resumes from there.

    The secrets of new clients and webhooks go to the sink; a webhook's before the webhook is created.
    """
    if planfile is not None:
        remedy = "Remove {option}, or pass it to plan --out and apply that plan."
        refuse_given(_ANSWERED, "a PLANFILE", "the plan says what is written", remedy)
    elif given["approvals"]:
        raise WrongUsage(
            "--approval needs a PLANFILE: an approval is bound to one saved plan, and this plan is made now.",
            remedy="Run plan --out FILE, have it approved, then run apply FILE --approval APPROVAL.",
        )
    from reconciler.adapters.approval_file import read_approval_file
    from reconciler.adapters.live import systems
    from reconciler.adapters.plan_file import read_plan_file
    from reconciler.app.apply import ApplyRequest, SavedRequest, apply_saved, bound_plan
    from reconciler.app.apply import apply as use_case
    from reconciler.cli.console import Console
    from reconciler.cli.inputs import context_of, loaded_manifests, terms_of
    from reconciler.cli.reviewing import screen_width
    from reconciler.cli.sinks import chosen_sink
    from reconciler.cli.writing import ended, write_ports
    from reconciler.plan.targets import naming
    from reconciler.review.approval_file import parse_approval
    from reconciler.review.plan_text import plan_text, target_text

    opened = partial(systems, settings, effective=effective, sink=chosen_sink(sink))
    shown = partial(
        plan_text, may_delete=consent.allow_delete, only_summary=given["only_summary"], width=screen_width()
    )
    terms = terms_of(settings, allow_delete=consent.allow_delete, force=force, patience=verify_timeout)

    async def main(interruption: SignalInterruption) -> ExitCode:
        ports = write_ports(opened, settings, interruption, locking, journal)
        if planfile is None:
            loaded = loaded_manifests(given["files"], settings, may_be_none=consent.destroy)
            context = naming(context_of(settings, given["targets"], consent, given["exclude"]), loaded.desired)
            context = replace(context, revision=settings.revision_of(given["files"]))
            only_file = str(given["files"][0]) if len(given["files"]) == 1 and given["files"][0].is_file() else ""
            asked = replace(terms, asks=given["asking"].is_needed(), only_file=only_file)
            request = ApplyRequest(loaded.desired, context, asked, loaded.passed_over)
            return ended(await use_case(request, ports, Console(settings.meter, plan_text=shown)))
        saved = bound_plan(read_plan_file(planfile), str(planfile), context_of(settings))
        approvals = tuple(parse_approval(read_approval_file(path), str(path)) for path in given["approvals"])
        terms_then = replace(terms, approvals=approvals)
        console = Console(settings.meter, "the plan says", plan_text=target_text)
        result = await apply_saved(SavedRequest(saved, terms_then), ports, console)
        if result.plan.is_empty:
            click.echo("The plan has no changes: nothing was written.")
        return ended(result)

    return run_interruptible(main)
