"""Keep one run in the history: that it has started, that it still runs, and how it ended."""

from contextlib import suppress
from threading import Event, Thread
from typing import Final

from reconciler.adapters.history.store import opened
from reconciler.model.errors import HistoryBroken
from reconciler.model.history import Run

_BEAT: Final = 15.0
"""Seconds between two signs of life; a fraction of what tells a run that was killed."""


# docs/decisions.md, 153: why signs of life, and not processes or locks.
class KeptRun:
    """A run that is kept from its start on; a history that cannot be used is said at its end alone."""

    def __init__(self, url: str, run: Run) -> None:
        self._url = url
        self._over = Event()
        with suppress(HistoryBroken):
            with opened(url) as history:
                history.begin(run)
            # A thread, because an event loop may be busy, and not every command has one.
            Thread(target=self._live, args=(run.id,), daemon=True).start()

    def end(self, run: Run) -> None:
        """Keep how it ended.

        Raises:
            HistoryBroken: The database cannot be used.
        """
        self._over.set()
        with opened(self._url) as history:
            history.record(run)

    def _live(self, run_id: str) -> None:
        while not self._over.wait(_BEAT):
            with suppress(HistoryBroken), opened(self._url) as history:
                history.seen(run_id)
