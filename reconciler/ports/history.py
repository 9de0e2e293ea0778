"""The record of all runs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from reconciler.model.history import Run, Search


class History(Protocol):
    """The record of all runs. Every method may raise ``HistoryBroken``."""

    def begin(self, run: Run) -> None:
        """Keep that a run has started."""

    def seen(self, run_id: str) -> None:
        """Keep that a run which was begun still runs; one that is not seen for a minute was interrupted."""

    def record(self, run: Run) -> None:
        """Keep a run that has ended, be it begun or not."""

    def runs(self, search: Search) -> tuple[Run, ...]:
        """Return the runs that are meant, newest first, without what they changed."""

    def run(self, prefix: str) -> tuple[Run, ...]:
        """Return the runs, whole, whose id starts with ``prefix``, or whose plan has this fingerprint."""

    def everything(self) -> Iterator[Run]:
        """Yield every run, whole, oldest first."""

    def prune(self, before: datetime) -> int:
        """Forget the runs that started earlier, and return how many."""
