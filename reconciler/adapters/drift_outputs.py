"""What a run of drift leaves beside its review: metrics, the state for the next run, and notifications."""

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from reconciler.adapters.checkpoint_file import check_writable, write_atomically, write_checkpoint
from reconciler.adapters.named_file import read_named
from reconciler.adapters.notifier import notify
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.model.settings import Channel, Notification
from reconciler.review.metrics import metrics_text
from reconciler.review.notification import DriftMessage, state_of

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftOutputs:
    """The files that were named, and whom the environment says."""

    state: Path | None
    metrics: Path | None
    notifications: tuple[Notification, ...]
    notify_always: bool

    def check(self) -> None:
        """Refuse files that cannot be written, before anything is read.

        Raises:
            WrongUsage: There is one.
        """
        for path, option in ((self.state, "--state"), (self.metrics, "--metrics")):
            if path is not None:
                check_writable(path, option)

    async def tell(self, report: DriftReport, last: Checkpoint | None, checkpoint: Checkpoint | None = None) -> bool:
        """Write the metrics and the state, and send notifications; return whether all that must be were sent.

        ``last`` is what was known before the run, and ``checkpoint`` what is for the next one.
        """
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
        if not self.notifications:
            return None
        told, missed = DriftMessage(report, before), list[bool]()
        for each in self.notifications:
            body = told.slack() if each.kind is Channel.SLACK else told.webhook()
            problem = await notify(each.url_from, os.environ.get(each.url_from, ""), body)
            if problem:
                extra = {"event": "notification", "fields": {"kind": each.kind}}
                _LOG.warning("the notification (%s) was not delivered: %s.", each.kind, problem, extra=extra)
                missed.append(each.required)
        return any(missed) if missed else None


def _text_of(path: Path) -> str:
    try:
        return read_named(path).decode("utf-8")
    except (OSError, ValueError):
        return ""
