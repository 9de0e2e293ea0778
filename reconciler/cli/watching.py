"""What ``drift`` does: look, print, put back where that is asked for, remember, count and tell."""

import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from reconciler.cli.diagnostics import say, warn
from reconciler.cli.interrupt import Interruption
from reconciler.cli.live import LiveOptions
from reconciler.cli.recording import note_plan
from reconciler.cli.reviewing import Review
from reconciler.model.address import Address
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.model.effective_choice import EffectiveChoice
from reconciler.model.errors import ExitCode, LiveSystemError, ReconcilerError, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from reconciler.app.drift import Seen, Watch
    from reconciler.model.checkpoint import Checkpoint
    from reconciler.model.manifest import DesiredState
    from reconciler.model.plan import Plan
    from reconciler.model.recording import Circumstances, Watched
    from reconciler.model.settings import Environment
    from reconciler.plan.context import Context
    from reconciler.ports import Systems


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command's options, as given; lengths of time are in seconds."""

    files: tuple[Path, ...]
    targets: tuple[Address, ...]
    choice: EffectiveChoice | None
    state: Path | None
    max_age: int
    full: bool
    review: Review
    metrics: Path | None
    notify_always: bool
    fix: bool
    force: bool
    lock_timeout: int
    lock_lease: int


class Watching:
    """One run of the command."""

    def __init__(
        self, asked: Asked, options: LiveOptions, environment: "Environment | None", then: "Circumstances"
    ) -> None:
        self._asked = asked
        self._options = options
        self._environment = environment
        self._then = then
        self._targets = tuple(map(Address.parse, then.targets))
        self._checkpoint: Checkpoint | None = None
        self._started = time.monotonic()
        self._interruption = Interruption()

    async def run(self, interruption: Interruption) -> ExitCode:
        """Look, and return the exit code."""
        from reconciler.adapters.checkpoint_file import check_writable

        self._interruption = interruption
        for path, option in ((self._asked.state, "--state"), (self._asked.metrics, "--metrics")):
            if path is not None:
                check_writable(path, option)
        try:
            seen, code = await self._look()
        except ReconcilerError as error:
            await self._tell(self._failure(error))
            raise
        report = self._report(seen)
        delivered = await self._tell(report, seen.checkpoint)
        if not delivered:
            return ExitCode.ERROR
        return code or _exit_code(report.state)

    async def _look(self) -> "tuple[Seen, ExitCode | None]":
        """Return what was seen last, and the exit code of putting it back where that says more."""
        from reconciler.app.drift import look_for_drift
        from reconciler.cli.inputs import context_of, desired_state
        from reconciler.cli.live import systems
        from reconciler.cli.progress import reading
        from reconciler.plan.targets import check_targets

        asked, options = self._asked, self._options
        watch = self._watch()
        self._checkpoint = watch.checkpoint
        desired = desired_state(asked.files, options)
        context = context_of(options, self._targets, expected=self._then.expected)
        async with systems(options, effective=self._then.effective) as live:
            with reading(options.meter):
                seen = await look_for_drift(desired, live, context, watch)
            check_targets(desired, seen.drift)
            note_plan(seen.drift)
            self._print(seen.drift)
            if not asked.fix or not seen.drift.changes:
                return seen, None
            code = await self._fix(seen, desired, context, live)
            if code is not ExitCode.DONE:
                return seen, code
            with reading(options.meter):
                seen = await look_for_drift(
                    desired, live, context, replace(watch, checkpoint=seen.checkpoint or watch.checkpoint)
                )
            self._print(seen.drift)
            return seen, None

    async def _fix(self, seen: "Seen", desired: "DesiredState", context: "Context", live: "Systems") -> ExitCode:
        """Put back what drifted, under the lock, within the guards and policies."""
        from reconciler.app.fix import FixRequest, fix
        from reconciler.app.gated_write import Ending, Terms
        from reconciler.cli.console import FixConsole
        from reconciler.cli.writing import ended, write_ports

        asked, options, then = self._asked, self._options, self._then
        console = FixConsole(options, "was last applied")
        terms = Terms(
            policies=then.policies,
            environment=then.environment,
            guards=then.expected.guards,
            force=asked.force,
            parallelism=options.parallelism,
        )
        ports = write_ports(
            lambda: nullcontext(live), options, self._interruption, asked.lock_timeout, asked.lock_lease
        )
        result = await fix(FixRequest(desired, context, seen.drift, terms), ports, console)
        if result.ending is Ending.NOTHING_TO_WRITE:
            say("Nothing of it can be put back without a person: see plan.", "nothing-to-fix")
        return ended(result, console.print)

    def _watch(self) -> "Watch":
        from reconciler.app.drift import Watch
        from reconciler.events.incremental import Terms

        watched, options = self._then.watched, self._options
        if watched is None:
            raise WrongUsage("The recording does not say what drift went by.")
        choice = None if watched.choice is None else EffectiveChoice.parse(watched.choice)
        if not watched.keeps_state:
            return Watch(choice, why=watched.why)
        terms = Terms(options.server, options.owner, timedelta(seconds=watched.max_age), watched.full)
        return Watch(choice, terms, watched.checkpoint, watched.why)

    def _print(self, drift: "Plan") -> None:
        from reconciler.review.subject import Subject

        text = self._asked.review.text_of(drift, Subject.DRIFT)
        click.echo(text, nl=False, color=self._options.color)

    def _report(self, seen: "Seen") -> DriftReport:
        from reconciler.plan.drift import has_drift

        drift = seen.drift
        state = DriftState.DRIFT if has_drift(drift) else DriftState.IN_SYNC
        return self._said(state if drift.complete else DriftState.INCOMPLETE, drift=drift, secrets_end=seen.secrets_end)

    def _failure(self, error: ReconcilerError) -> DriftReport:
        state = DriftState.UNREACHABLE if isinstance(error, LiveSystemError) else DriftState.FAILED
        return self._said(state, error=error.message)

    def _said(
        self,
        state: DriftState,
        *,
        drift: "Plan | None" = None,
        error: str = "",
        secrets_end: "Mapping[Address, datetime] | None" = None,
    ) -> DriftReport:
        from reconciler.adapters.clock import SystemClock
        from reconciler.plan.drift import agreements_left_behind

        required = self._then.expected.dpa
        return DriftReport(
            realm=self._options.realm,
            owner=self._options.owner,
            at=SystemClock().now(),
            seconds=time.monotonic() - self._started,
            state=state,
            drift=drift,
            error=error,
            secrets_end=secrets_end or {},
            dpa_due=dict.fromkeys(agreements_left_behind(drift), required.deadline) if required and drift else {},
        )

    async def _tell(self, report: DriftReport, checkpoint: "Checkpoint | None" = None) -> bool:
        """Write the metrics and the state, and send notifications; return whether all that must be were sent."""
        from reconciler.adapters.checkpoint_file import write_atomically, write_checkpoint
        from reconciler.review.metrics import metrics_text
        from reconciler.review.notification import state_of

        asked = self._asked
        if asked.metrics is not None:
            text = metrics_text(report, _text_of(asked.metrics))
            write_atomically(asked.metrics, text, "--metrics", mode=0o644)
        before = self._checkpoint.state if self._checkpoint else ""
        now = state_of(report)
        is_news = now != before and (bool(before) or report.state is not DriftState.IN_SYNC)
        failed = await self._notify(report, before) if is_news or asked.notify_always else None
        kept = checkpoint or self._checkpoint
        if asked.state is not None and kept is not None:
            # What nobody was told is told by the next run.
            write_checkpoint(asked.state, replace(kept, state=before if failed is not None else now))
        return failed is not True

    async def _notify(self, report: DriftReport, before: str) -> bool | None:
        """Tell everybody; return None where all were told, else whether somebody was not who must be."""
        from reconciler.adapters.notifier import notify
        from reconciler.model.watching import Channel
        from reconciler.review.notification import slack_message, webhook_message

        missed: list[bool] = []
        for each in self._environment.notifications if self._environment else ():
            is_slack = each.kind is Channel.SLACK
            body = slack_message(report, before) if is_slack else webhook_message(report, before)
            problem = await notify(each.url_from, os.environ.get(each.url_from, ""), body)
            if problem:
                warn(f"the notification ({each.kind}) was not delivered: {problem}.", "notification", kind=each.kind)
                missed.append(each.required)
        return any(missed) if missed else None


def remembered(asked: Asked) -> "Watched":
    """Return what drift goes by beside the manifests; the state is read here."""
    from reconciler.adapters.checkpoint_file import read_checkpoint
    from reconciler.model.recording import Watched

    choice = None if asked.choice is None else str(asked.choice)
    if asked.targets:
        return Watched(choice, False, asked.max_age, asked.full, None, "--target says what is read")
    if asked.state is None:
        return Watched(choice, False, asked.max_age, asked.full, None, "no state is kept (--state FILE)")
    checkpoint, why = read_checkpoint(asked.state)
    return Watched(choice, True, asked.max_age, asked.full, checkpoint, why)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _exit_code(state: DriftState) -> ExitCode:
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
