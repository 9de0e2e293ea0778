"""``reconciler drift``: tell whether the live systems still are as last applied."""

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import click

from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options
from reconciler.cli.diagnostics import say
from reconciler.cli.live import LiveOptions, take
from reconciler.cli.run_record import recorded
from reconciler.model.effective_choice import EffectiveChoice, EffectiveMode
from reconciler.model.errors import ExitCode, ReconcilerError, WrongUsage

if TYPE_CHECKING:
    from reconciler.adapters.drift_outputs import DriftOutputs
    from reconciler.app.drift import Seen, Watch
    from reconciler.app.fix import FixRequest
    from reconciler.app.gated_write import Terms
    from reconciler.cli.reviewing import Review
    from reconciler.model.drift_report import DriftReport, DriftState
    from reconciler.model.recording import Circumstances, Watched
    from reconciler.plan.context import Context
    from reconciler.ports import Systems


@click.command()
@options.files
@options.targets
@options.review
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Remember here what was read, and read only what may have changed since. Without the file, all is read.",
)
@click.option("--full", is_flag=True, help="Read everything, whatever the state says.")
@click.option(
    "--max-age",
    type=options.duration(60),
    default="24h",
    show_default=True,
    help="How old the last full read may be before everything is read again.",
)
@click.option(
    "--effective",
    "choice",
    type=options.Parsed("who", EffectiveChoice.parse),
    metavar="all|changed|sample:N|none",
    help="Which clients to ask GET /v1/me for. A sample is those that changed, and N others in turn.  "
    "[default: all; sample:20 where only what may have changed is read]",
)
@options.no_effective
@click.option(
    "--metrics",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write Prometheus metrics here, for node_exporter's textfile collector.",
)
@click.option("--notify-always", is_flag=True, help="Notify with every run, not only when what is found changes.")
@click.option("--fix", is_flag=True, help="Put back what drifted, within the guards, and prove it.")
@click.option("--force", is_flag=True, help="With --fix: allow to disable more than 30 % of what is managed.")
@options.locking
@options.taping
@options.history
@options.connection
@click.pass_context
@recorded
def drift(
    context: click.Context,
    /,
    *,
    choice: EffectiveChoice | None,
    no_effective: bool,
    **given: Any,
) -> None:
    """Tell whether the live systems still are as last applied; exit with 2 if not.

    Drift is what somebody changed in Keycloak, or what the platform does not do although Keycloak says so. A change
    of a manifest that is not applied yet is no drift. Keycloak's admin events say who changed it, when and from where.

    With --state, only what may have changed is read: pages of organizations and clients, and what the admin events
    since the last run name. The report says what it rests on.

    With --fix, what drifted is put back, and nothing else; the exit code is that of what is left.

    --record keeps what is read, for a report of a bug; --replay reports the same from it, without any server.
    """
    from reconciler.adapters.drift_outputs import DriftOutputs
    from reconciler.cli.environment import said_for
    from reconciler.cli.recording import circumstances_of, take_taping, taped
    from reconciler.cli.reviewing import take_review
    from reconciler.review.formats import Format

    taping = take_taping(context, given, "drift")
    settings, review = take(given), take_review(given)
    if given["fix"] and review.form is not Format.TEXT:
        raise WrongUsage("--fix reports as text only.", remedy="Leave --format out, or run drift once more after it.")
    if given["fix"] and taping.record:
        raise WrongUsage("--record keeps what is read, and --fix writes.", remedy="Record drift without --fix.")
    choice = EffectiveChoice(EffectiveMode.NONE) if no_effective else choice
    then = circumstances_of(
        taping, "drift", settings, said_for(context), given["files"],
        effective=choice is None or choice.ask is not EffectiveMode.NONE,
        targets=tuple(map(str, given["targets"])),
        watched=_watched(choice, given),
    )  # fmt: skip
    whole = None if taping.replay else said_for(context).whole
    outputs = DriftOutputs(
        state=given["state"],
        metrics=given["metrics"],
        notifications=whole.notifications if whole else (),
        notify_always=given["notify_always"],
    )
    with taped(taping, settings, then) as options_of_run:
        run = _Run(
            options=options_of_run,
            review=review,
            outputs=outputs,
            then=then,
            files=given["files"],
            fix=given["fix"],
            force=given["force"],
            lock_timeout=given["lock_timeout"],
            lock_lease=given["lock_lease"],
        )
        code = run_interruptible(run.run)
    context.exit(code)


def _watched(choice: EffectiveChoice | None, given: dict[str, Any]) -> "Watched":
    """Return what drift goes by beside the manifests; the state is read here."""
    from reconciler.adapters.checkpoint_file import read_checkpoint
    from reconciler.model.recording import Watched

    checkpoint, why = None, "no state is kept (--state FILE)"
    keeps_state = given["state"] is not None and not given["targets"]
    if given["targets"]:
        why = "--target says what is read"
    elif keeps_state:
        checkpoint, why = read_checkpoint(given["state"])
    said = None if choice is None else str(choice)
    return Watched(said, keeps_state, given["max_age"], given["full"], checkpoint, why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run of the command, with its options; lengths of time are in seconds."""

    options: LiveOptions
    review: "Review"
    outputs: "DriftOutputs"
    then: "Circumstances"
    files: tuple[Path, ...]
    fix: bool
    force: bool
    lock_timeout: int
    lock_lease: int

    async def run(self, interruption: SignalInterruption) -> ExitCode:
        """Look, put back what drifted where that is asked for, and report."""
        from reconciler.adapters.clock import SystemClock
        from reconciler.app.drift import report_of
        from reconciler.cli.inputs import context_then

        self.outputs.check()
        started, context = time.monotonic(), context_then(self.options, self.then)
        checkpoint = self.then.watched.checkpoint if self.then.watched else None

        def report(found: "Seen | ReconcilerError") -> "DriftReport":
            return report_of(found, context, SystemClock().now(), time.monotonic() - started)

        try:
            seen, code = await self._look(context, interruption)
        except ReconcilerError as error:
            await self.outputs.tell(report(error), checkpoint)
            raise
        reported = report(seen)
        if not await self.outputs.tell(reported, checkpoint, seen.checkpoint):
            return ExitCode.ERROR
        return code or _exit_code(reported.state)

    async def _look(self, context: "Context", interruption: SignalInterruption) -> "tuple[Seen, ExitCode | None]":
        """Return what was seen last, and the exit code of putting it back where that says more."""
        from reconciler.adapters.live import systems
        from reconciler.app.drift import DriftRequest, drift
        from reconciler.app.fix import FixRequest
        from reconciler.cli.console import Console
        from reconciler.cli.inputs import desired_state
        from reconciler.review.subject import Subject

        watch = self._watch()
        console = Console(self.options, plan_text=partial(self.review.text_of, subject=Subject.DRIFT))
        request = DriftRequest(desired_state(self.files, self.options), context, watch)
        async with systems(self.options, effective=self.then.effective) as live:
            seen = await drift(request, live, console)
            if not self.fix or not seen.drift.changes:
                return seen, None
            wanted = FixRequest(request.desired, request.context, seen.drift, self._terms())
            code = await self._fix(wanted, live, interruption)
            if code is not ExitCode.DONE:
                return seen, code
            again = replace(watch, checkpoint=seen.checkpoint or watch.checkpoint)
            return await drift(replace(request, watch=again), live, console), None

    def _terms(self) -> "Terms":
        from reconciler.app.gated_write import Terms

        return Terms(
            policies=self.then.policies,
            environment=self.then.environment,
            guards=self.then.expected.guards,
            force=self.force,
            parallelism=self.options.parallelism,
        )

    async def _fix(self, request: "FixRequest", live: "Systems", interruption: SignalInterruption) -> ExitCode:
        """Put back what drifted, under the lock, within the guards and policies."""
        from reconciler.app.fix import fix
        from reconciler.app.gated_write import Ending
        from reconciler.cli.console import Console
        from reconciler.cli.write_options import ended, write_ports

        console = Console(self.options, "was last applied", can_deliver=False)
        ports = write_ports(lambda: nullcontext(live), self.options, interruption, self.lock_timeout, self.lock_lease)
        result = await fix(request, ports, console)
        if result.ending is Ending.NOTHING_TO_WRITE:
            say("Nothing of it can be put back without a person: see plan.", "nothing-to-fix")
        return ended(result, console.print)

    def _watch(self) -> "Watch":
        from reconciler.app.drift import Watch
        from reconciler.events.incremental import CheckpointTerms

        watched = self.then.watched
        if watched is None:
            raise WrongUsage("The recording does not say what drift went by.")
        choice = None if watched.choice is None else EffectiveChoice.parse(watched.choice)
        if not watched.keeps_state:
            return Watch(choice, why=watched.why)
        terms = CheckpointTerms(
            self.options.server, self.options.owner, timedelta(seconds=watched.max_age), watched.full
        )
        return Watch(choice, terms, watched.checkpoint, watched.why)


def _exit_code(state: "DriftState") -> ExitCode:
    from reconciler.model.drift_report import DriftState

    match state:
        case DriftState.IN_SYNC:
            return ExitCode.DONE
        case DriftState.DRIFT:
            return ExitCode.CHANGES
        case DriftState.UNREACHABLE:
            return ExitCode.UNREACHABLE
        case DriftState.INCOMPLETE | DriftState.FAILED:
            return ExitCode.ERROR
        case _:
            assert_never(state)
