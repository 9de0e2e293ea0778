"""The time, the journal and the watcher of an apply, as tests want them."""

import asyncio
from datetime import UTC, datetime, timedelta

from reconciler.model.address import Address
from reconciler.model.change import Change, Verb
from reconciler.model.outcome import Outcome
from reconciler.model.rotation import RotationStep
from reconciler.ports import Clock, Journal, Progress, Secret, SecretSink

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FakeClock(Clock):
    """A clock that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0
        """Seconds since the start."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


class MemoryJournal(Journal):
    """Keep the entries: ``(address, verb, event, detail)``."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Verb | RotationStep, str, str]] = []

    def record(self, address: Address, verb: Verb | RotationStep, event: str, detail: str = "") -> None:
        self.entries.append((str(address), verb, event, detail))


class MemorySink(SecretSink):
    """Keep secrets by the addresses of those whom they are for."""

    title = "the memory"

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def check(self) -> None:
        """There is always room."""

    async def deliver(self, name: Address, secret: Secret) -> str:
        self.kept[str(name)] = secret.reveal()
        return self.title


class SilentProgress(Progress):
    """Say nothing, but remember what was said."""

    def __init__(self) -> None:
        self.begun: list[Address] = []
        self.ended: list[Outcome] = []
        self.waits: list[tuple[int, float]] = []

    def started(self, change: Change) -> None:
        self.begun.append(change.address)

    def finished(self, outcome: Outcome) -> None:
        self.ended.append(outcome)

    def waiting(self, left: int, waited: float) -> None:
        self.waits.append((left, waited))
