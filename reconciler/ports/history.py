"""The record of all runs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from reconciler.model.history import Run, Search


class History(Protocol):
    """The record of all runs. Every method may raise ``HistoryBroken``."""

    def record(self, run: Run) -> None:
        """Keep a run."""
        ...

    def runs(self, search: Search) -> tuple[Run, ...]:
        """Return the runs that are meant, newest first, without what they changed."""
        ...

    def run(self, prefix: str) -> tuple[Run, ...]:
        """Return the runs whose id starts with ``prefix``, whole."""
        ...

    def everything(self) -> Iterator[Run]:
        """Yield every run, whole, oldest first."""
        ...

    def prune(self, before: datetime) -> int:
        """Forget the runs that started earlier, and return how many."""
        ...
