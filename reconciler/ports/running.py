"""What a run needs around it: the time, the lock, the journal, and somebody who watches."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from reconciler.model.address import Address
from reconciler.model.change import Change, Verb
from reconciler.model.outcome import Outcome
from reconciler.model.rotation import RotationStep


class Clock(Protocol):
    """The time, so that tests can choose it."""

    def now(self) -> datetime:
        """Return the present moment, with its time zone."""

    def monotonic(self) -> float:
        """Return seconds from some fixed moment; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class WriteGate(Protocol):
    """What may tell an apply to start no further write."""

    async def check(self) -> None:
        """Return where one more write may start.

        Raises:
            Halted: None may, now or later; the message says why.
        """


class Interruption(WriteGate, Protocol):
    """Whoever may ask a run to end early: while it writes, what is in flight is finished first."""

    @property
    def is_requested(self) -> bool:
        """Tell whether a run that writes was asked to end."""

    def writing(self) -> AbstractContextManager[None]:
        """Let the run end gently meanwhile, instead of being cut off."""


class Lock(WriteGate, Protocol):
    """The right to be the only run that writes."""

    async def acquire(self, patience: float) -> None:
        """Take the lock, waiting at most ``patience`` seconds, and keep it until it is released.

        Raises:
            LockHeld: Another run has it; the message says which.
        """

    @property
    def is_lost(self) -> bool:
        """Tell whether it was held, and is no more although nobody released it."""

    async def release(self) -> None:
        """Give the lock back, if it is still ours; never raises."""


class Watchdog(Protocol):
    """Somebody who puts things right should this run die before it could."""

    async def dismiss(self) -> None:
        """Let the watchdog go: there is nothing left to put right."""


class Journal(Protocol):
    """The record of what an apply is doing, written before it does it."""

    def record(self, address: Address, verb: Verb | RotationStep, event: str, detail: str = "") -> None:
        """Write one entry through to the disk: STARTED, DONE or FAILED.

        Raises:
            JournalBroken: It cannot be written.
        """


class Progress(Protocol):
    """Somebody who watches an apply."""

    def started(self, change: Change) -> None:
        """Take note that a change has begun."""

    def finished(self, outcome: Outcome) -> None:
        """Take note of how a change ended."""

    def waiting(self, left: int, waited: float) -> None:
        """Take note that ``left`` effects have not come after ``waited`` seconds."""


class Traffic(Protocol):
    """Somebody who watches the requests that live systems are asked; retries are none of their own."""

    def request(self, system: str) -> AbstractContextManager[None]:
        """Take note of a request, from when it is put in the queue to when its answer is there."""
