"""``reconciler drift``: tell whether the live systems still are as last applied."""

import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.adapters.interruption import SignalInterruption, run_interruptible
from reconciler.cli import options
from reconciler.cli.diagnostics import say
from reconciler.cli.live import LiveOptions, Locking
from reconciler.cli.recording import Taping, circumstances_of, taped
from reconciler.cli.reviewing import Review
from reconciler.cli.run_record import Recorded
from reconciler.model.address import Address
from reconciler.model.effective_choice import EffectiveChoice, EffectiveMode
from reconciler.model.errors import ExitCode, ReconcilerError, WrongUsage
from reconciler.review.formats import Format

if TYPE_CHECKING:
    from reconciler.app.drift import DriftRequest, Seen, Watch
    from reconciler.app.fix import FixRequest
    from reconciler.app.gated_write import WritePorts
    from reconciler.model.drift_report import DriftReport
    from reconciler.model.recording import Watched


@click.command(cls=Recorded)
@options.files_or_paths
@options.targets
@options.exclude
@options.review
@click.option(
    "--state", type=options.FILE, metavar="FILE",
    help="Checkpoint file: read only what may have changed since the last run. Without it, everything is read.",
)  # fmt: skip
@click.option("--full", is_flag=True, help="Read everything, whatever the checkpoint says.")
@options.option(
    "--max-age", type=options.duration(60), default="24h",
    help="Maximum age of the last full read before everything is read again.",
)  # fmt: skip
@click.option(
    "--effective", "choice", type=options.Parsed("who", EffectiveChoice.parse), metavar="all|changed|sample:N|none",
    help="Which clients to check with GET /v1/me. A sample is those that changed, and N others in turn.  "
    "[default: all; sample:20 where only what may have changed is read]",
)  # fmt: skip
@options.effective
@click.option(
    "--metrics", type=options.FILE, metavar="FILE",
    help="Write Prometheus metrics here, for node_exporter's textfile collector.",
)  # fmt: skip
@click.option("--notify-always", is_flag=True, help="Notify with every run, not only when what is found changes.")
@click.option("--fix", is_flag=True, help="Revert drift, within the guards, and verify it.")
@click.option("--force", is_flag=True, help="With --fix: allow disabling more than 30 % of the managed resources.")
@options.locking
@options.taping
@options.history
@options.connection
def drift(
    *, files: tuple[Path, ...], review: Review, choice: EffectiveChoice | None, effective: bool, fix: bool, force: bool,
    locking: Locking, taping: Taping, settings: LiveOptions, **given: Any,
) -> ExitCode:  # fmt: skip
    """Detect drift from the last applied state; exit with 2 if there is any.

    Drift is a change that somebody made in Keycloak, or a stored value that the platform does not enforce. A change
    of a manifest that has not been applied yet is not drift. Keycloak's admin events tell who made the change, when
    and from where.

    With --state, only what may have changed is read: pages of organizations and clients, and what the admin events
    since the last run name. The report states what it covers.

    With --fix, drift is reverted, and nothing else is written; the exit code reflects what remains.

    --record saves everything that was read, for a bug report; --replay makes the same report from it, offline.
    """
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.drift_outputs import DriftOutputs
    from reconciler.adapters.live import systems
    from reconciler.app.drift import DriftRequest, report_of
    from reconciler.app.drift import drift as use_case
    from reconciler.app.fix import FixRequest
    from reconciler.cli.console import Console
    from reconciler.cli.inputs import context_then, loaded_manifests, terms_of
    from reconciler.cli.writing import write_ports
    from reconciler.model.verdict import verdict_of
    from reconciler.plan.targets import naming
    from reconciler.review.subject import Subject

    if fix and review.form is not Format.TEXT:
        raise WrongUsage("--fix reports as text only.", remedy="Remove --format, or run drift again afterwards.")
    if fix and taping.record:
        raise WrongUsage("--record saves what is read, and --fix writes.", remedy="Record drift without --fix.")
    choice = choice if effective else EffectiveChoice(EffectiveMode.NONE)
    then = circumstances_of(
        taping, settings, files, given["targets"], given["exclude"],
        effective=choice is None or choice.ask is not EffectiveMode.NONE,
        watched=_watched(choice, **given),
    )  # fmt: skip
    whole = None if taping.replay else settings.said.whole
    outputs = DriftOutputs(
        state=given["state"],
        metrics=given["metrics"],
        notifications=whole.notifications if whole else (),
        notify_always=given["notify_always"],
    )

    async def main(interruption: SignalInterruption) -> ExitCode:
        outputs.check()
        started, context = time.monotonic(), context_then(live, then)
        last = then.watched.checkpoint if then.watched else None

        def report(found: "Seen | ReconcilerError") -> "DriftReport":
            return report_of(found, context, SystemClock().now(), time.monotonic() - started)

        try:
            watch = _watch(then.watched, live)
            loaded = loaded_manifests(files, live)
            meant = naming(context, loaded.desired)
            request = DriftRequest(loaded.desired, meant, watch, loaded.sources, Path.cwd(), loaded.passed_over)
            seen, code = await look(request, interruption)
        except ReconcilerError as error:
            await outputs.tell(report(error), last)
            raise
        if not await outputs.tell(report(seen), last, seen.checkpoint):
            return ExitCode.ERROR
        return code or verdict_of(seen.drift).exit_code(ExitCode.CHANGES)

    async def look(request: "DriftRequest", interruption: SignalInterruption) -> "tuple[Seen, ExitCode | None]":
        """Return what was seen last, and the exit code of putting it back where that says more."""
        console = Console(live.meter, plan_text=partial(review.text_of, subject=Subject.DRIFT))
        async with systems(live, effective=then.effective) as opened:
            seen = await use_case(request, opened, console)
            if not fix or not seen.drift.changes:
                return seen, None
            terms = terms_of(live, force=force)
            wanted = FixRequest(request.desired, request.context, seen.drift, terms)
            code = await _fix(wanted, write_ports(lambda: nullcontext(opened), live, interruption, locking), live)
            if code is not ExitCode.DONE:
                return seen, code
            again = replace(request.watch, checkpoint=seen.checkpoint or request.watch.checkpoint)
            return await use_case(replace(request, watch=again), opened, console), None

    with taped(taping, settings, then) as live:
        return run_interruptible(main)


async def _fix(request: "FixRequest", ports: "WritePorts", settings: LiveOptions) -> ExitCode:
    """Put back what drifted, under the lock, within the guards and policies."""
    from reconciler.app.fix import fix
    from reconciler.app.gated_write import Ending
    from reconciler.cli.console import Console
    from reconciler.cli.writing import ended

    result = await fix(request, ports, Console(settings.meter, "was last applied", can_deliver=False))
    if result.ending is Ending.NOTHING_TO_WRITE:
        say("None of it can be reverted automatically: see plan.", "nothing-to-fix")
    return ended(result)


def _watched(
    choice: EffectiveChoice | None, targets: tuple[Address, ...], state: Path | None, max_age: int, full: bool, **_: Any
) -> "Watched":
    """Return what drift goes by beside the manifests; the state is read here."""
    from reconciler.adapters.checkpoint_file import read_checkpoint
    from reconciler.model.recording import Watched

    checkpoint, why = None, "no state is kept (--state FILE)"
    if targets:
        why = "--target says what is read"
    elif state is not None:
        checkpoint, why = read_checkpoint(state)
    said = None if choice is None else str(choice)
    return Watched(said, state is not None and not targets, max_age, full, checkpoint, why)


def _watch(watched: "Watched | None", settings: LiveOptions) -> "Watch":
    from reconciler.app.drift import Watch
    from reconciler.events.incremental import CheckpointTerms

    if watched is None:
        raise WrongUsage("The recording holds no coverage of drift.")
    choice = None if watched.choice is None else EffectiveChoice.parse(watched.choice)
    if not watched.keeps_state:
        return Watch(choice, why=watched.why)
    terms = CheckpointTerms(settings.server, settings.owner, timedelta(seconds=watched.max_age), watched.full)
    return Watch(choice, terms, watched.checkpoint, watched.why)
