"""Where a write may still be held back when all else is done for it: its token is there, its turn, its connection.

Between the check and the system call that sends the bytes nothing is waited for: a quarter of a millisecond (median of
2,000 writes, of processor time). A process that is stopped just there sends the write when it goes on. That does harm
only where it lasts longer than ``lock.GRACE``, which others leave between the end of a lock and taking it over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Protocol

from reconciler.model.errors import Halted

if TYPE_CHECKING:
    from reconciler.ports import Lock

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_SENT: ContextVar[int] = ContextVar("_SENT", default=0)


class Gate(Protocol):
    """What is asked right before a request's bytes leave."""

    async def check(self, method: str) -> None:
        """Return where the request may leave.

        Raises:
            Halted: It may not.
        """


# docs/decisions.md, 133: why the lock is asked here, below retries and connections.
class LockGate:
    """Let a write leave only while the run holds the lock: implement ``Gate``.

    It is closed to begin with, so that a command which takes no lock writes nothing, whatever it does.
    """

    def __init__(self) -> None:
        self._lock: Lock | None = None

    @contextmanager
    def opened_by(self, lock: "Lock") -> Iterator[None]:
        """Let writes leave meanwhile, as long as the lock is held."""
        self._lock = lock
        try:
            yield
        finally:
            self._lock = None

    async def check(self, method: str) -> None:
        """Return where the request may leave."""
        if method in _READS:
            return
        if self._lock is None:
            raise Halted("the lock is not held: nothing may be written")
        await self._lock.check()
        _SENT.set(_SENT.get() + 1)


def writes_sent() -> int:
    """Return how many writes the present task has sent."""
    return _SENT.get()
