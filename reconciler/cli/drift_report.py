"""What ``drift`` leaves beside its review: metrics, the state for the next run, notifications, and the exit code."""

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from reconciler.cli.diagnostics import warn
from reconciler.cli.live import LiveOptions
from reconciler.model.address import Address
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.model.errors import ExitCode, LiveSystemError, ReconcilerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from reconciler.app.drift import Seen
    from reconciler.model.checkpoint import Checkpoint
    from reconciler.model.expectations import DpaRequirement
    from reconciler.model.plan import Plan
    from reconciler.model.settings import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Report one run: to the files that were named, and to whom the environment says."""

    options: LiveOptions
    environment: "Environment | None"
    required: "DpaRequirement | None"
    state: Path | None
    metrics: Path | None
    notify_always: bool
    started: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Refuse files that cannot be written, before anything is read."""
        from reconciler.adapters.checkpoint_file import check_writable

        for path, option in ((self.state, "--state"), (self.metrics, "--metrics")):
            if path is not None:
                check_writable(path, option)

    async def failed(self, error: ReconcilerError, checkpoint: "Checkpoint | None") -> None:
        """Report that, and why, nobody knows whether there is drift; ``checkpoint`` is what was known before."""
        state = DriftState.UNREACHABLE if isinstance(error, LiveSystemError) else DriftState.FAILED
        await self._tell(self._said(state, error=error.message), checkpoint)

    async def seen(self, seen: "Seen", checkpoint: "Checkpoint | None", code: ExitCode | None) -> ExitCode:
        """Report what was seen, and return the exit code; ``code`` is that of putting it back, if that says more."""
        report = self._report(seen)
        if not await self._tell(report, checkpoint, seen.checkpoint):
            return ExitCode.ERROR
        return code or _exit_code(report.state)

    def _report(self, seen: "Seen") -> DriftReport:
        from reconciler.plan.drift import has_drift

        drift = seen.drift
        state = DriftState.DRIFT if has_drift(drift) else DriftState.IN_SYNC
        return self._said(state if drift.complete else DriftState.INCOMPLETE, drift=drift, secrets_end=seen.secrets_end)

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

        required = self.required
        return DriftReport(
            realm=self.options.realm,
            owner=self.options.owner,
            at=SystemClock().now(),
            seconds=time.monotonic() - self.started,
            state=state,
            drift=drift,
            error=error,
            secrets_end=secrets_end or {},
            dpa_due=dict.fromkeys(agreements_left_behind(drift), required.deadline) if required and drift else {},
        )

    async def _tell(
        self, report: DriftReport, last: "Checkpoint | None", checkpoint: "Checkpoint | None" = None
    ) -> bool:
        """Write the metrics and the state, and send notifications; return whether all that must be were sent."""
        from reconciler.adapters.checkpoint_file import write_atomically, write_checkpoint
        from reconciler.review.metrics import metrics_text
        from reconciler.review.notification import state_of

        if self.metrics is not None:
            text = metrics_text(report, _text_of(self.metrics))
            write_atomically(self.metrics, text, "--metrics", mode=0o644)
        before = last.state if last else ""
        now = state_of(report)
        is_news = now != before and (bool(before) or report.state is not DriftState.IN_SYNC)
        failed = await self._notify(report, before) if is_news or self.notify_always else None
        kept = checkpoint or last
        if self.state is not None and kept is not None:
            # What nobody was told is told by the next run.
            write_checkpoint(self.state, replace(kept, state=before if failed is not None else now))
        return failed is not True

    async def _notify(self, report: DriftReport, before: str) -> bool | None:
        """Tell everybody; return None where all were told, else whether somebody was not who must be."""
        from reconciler.adapters.notifier import notify
        from reconciler.model.watching import Channel
        from reconciler.review.notification import Notification

        wanted, missed = self.environment.notifications if self.environment else (), list[bool]()
        if not wanted:
            return None
        told = Notification(report, before)
        for each in wanted:
            body = told.slack() if each.kind is Channel.SLACK else told.webhook()
            problem = await notify(each.url_from, os.environ.get(each.url_from, ""), body)
            if problem:
                warn(f"the notification ({each.kind}) was not delivered: {problem}.", "notification", kind=each.kind)
                missed.append(each.required)
        return any(missed) if missed else None


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
