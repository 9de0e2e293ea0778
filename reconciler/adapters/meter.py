"""How many requests were put in the queue, and how many were answered; whoever shows progress asks here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

KEYCLOAK: Final = "Keycloak"
PLATFORM: Final = "The NT24 Integration API"
"""The live systems' names in messages."""


class Watcher(Protocol):
    """Somebody who shows how far the requests are."""

    def moved(self, system: str, answered: int, asked: int) -> None:
        """Take note of the counts of one live system since the watching began."""


class Meter:
    """Implement the port ``Traffic``: count requests by system while somebody watches."""

    def __init__(self) -> None:
        self._watcher: Watcher | None = None
        self._asked: dict[str, int] = {}
        self._answered: dict[str, int] = {}

    @contextmanager
    def request(self, system: str) -> Iterator[None]:
        """Count a request, from when it is put in the queue to when its answer is there."""
        self._count(self._asked, system)
        try:
            yield
        finally:
            self._count(self._answered, system)

    @contextmanager
    def watched(self, watcher: Watcher) -> Iterator[None]:
        """Tell the watcher of every request."""
        self._watcher, self._asked, self._answered = watcher, {}, {}
        try:
            yield
        finally:
            self._watcher = None

    def _count(self, counts: dict[str, int], system: str) -> None:
        counts[system] = counts.get(system, 0) + 1
        if self._watcher is not None:
            self._watcher.moved(system, self._answered.get(system, 0), self._asked.get(system, 0))
