"""Progress on standard error: bars with counts and an estimate on a terminal; elsewhere, a line per change that ended.

A bar is shown where people look on: not in pipes, not in CI, not with ``--log-format json``. Bars are gone when they
end. An estimate is what the measured rate says of what is left, and is not given before there is a basis for it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from reconciler.adapters.meter import PLATFORM, Meter
from reconciler.cli import diagnostics
from reconciler.model.change import Action, Change
from reconciler.model.outcome import Outcome, Status

if TYPE_CHECKING:
    from reconciler.cli.bars import Bar, Bars

_DONE = {
    Action.CREATE: "Creation",
    Action.UPDATE: "Modifications",
    Action.ADOPT: "Adoption",
    Action.DELETE: "Destruction",
    Action.NO_OP: "Nothing",
}


class PlainProgress:
    """Say one line per change that ended; Terraform's sentences."""

    def started(self, change: Change) -> None:
        """Say nothing: a line per change is enough for a log."""

    def finished(self, outcome: Outcome) -> None:
        """Say how a change ended."""
        change, status = outcome.change, outcome.status
        ending = f"{_DONE[change.action]} complete" if status is Status.DONE else status.value
        address = str(change.address)
        diagnostics.say(f"{address}: {ending}", "change", address=address, action=change.action, status=status)

    def waiting(self, left: int, waited: float) -> None:
        """Say that effects are still missing."""
        text = f"Verifying: {left} not in force yet after {waited:.0f} s ..."
        diagnostics.say(text, "waiting", left=left, waited_seconds=round(waited, 1))


class BarProgress(PlainProgress):
    """Show a bar with counts; failures still get a line."""

    def __init__(self, bar: "Bar", patience: float) -> None:
        self._bar = bar
        self._patience = patience

    def finished(self, outcome: Outcome) -> None:
        """Move the bar."""
        if outcome.status is not Status.DONE:
            super().finished(outcome)
        self._bar.advance()

    def waiting(self, left: int, waited: float) -> None:
        """Say in the bar that effects are still missing, and for how long they are waited for at most."""
        rest = max(0.0, self._patience - waited)
        self._bar.describe(f"Verifying: {left} not in force yet, at most {rest:.0f} s more")


class Counting:
    """Count what is done one after the other; without a bar, nothing shows it."""

    def __init__(self, bars: "Bars | None" = None, bar: "Bar | None" = None) -> None:
        self._bars = bars
        self._bar = bar

    def advance(self) -> None:
        """Take note that one more is done."""
        if self._bar is not None:
            self._bar.advance()

    def aside(self) -> AbstractContextManager[None]:
        """Make room for a line on standard output."""
        return nullcontext() if self._bars is None else self._bars.paused()


def shows_bars() -> bool:
    """Tell whether people look on: standard error is a terminal that can move its cursor, and no CI's."""
    has_cursor = os.environ.get("TERM") not in {"dumb", "unknown"}
    return sys.stderr.isatty() and has_cursor and not os.environ.get("CI") and not diagnostics.is_json()


@contextmanager
def progress(title: str, total: int | None = None, *, patience: float = 0.0) -> Iterator[PlainProgress]:
    """Yield what fits where standard error goes; ``patience`` is for how many seconds effects are waited for."""
    if not shows_bars():
        yield PlainProgress()
        return
    from reconciler.cli.bars import shown

    with shown() as bars:
        yield BarProgress(bars.add(title, total), patience)


@contextmanager
def counting(title: str, total: int) -> Iterator[Counting]:
    """Yield what counts, one after the other, what is done."""
    if total < 2 or not shows_bars():
        yield Counting()
        return
    from reconciler.cli.bars import shown

    with shown() as bars:
        yield Counting(bars, bars.add(title, total))


@contextmanager
def reading(meter: Meter, clients: int = 0) -> Iterator[None]:
    """Show, a bar for each live system, how many of the requests so far are answered.

    How many there will be is known for the platform alone: ``clients`` is how many will be asked for ``GET /v1/me``.
    """
    if not shows_bars():
        yield
        return
    from reconciler.cli.bars import shown

    with shown() as bars, meter.watched(_Reading(bars, clients)):
        yield


class _Reading:
    """Show the counts of a meter."""

    def __init__(self, bars: "Bars", clients: int) -> None:
        self._bars = bars
        self._clients = clients
        self._by_system: dict[str, Bar] = {}

    def moved(self, system: str, answered: int, asked: int) -> None:
        """Show the counts of one live system."""
        is_platform = system == PLATFORM
        if system not in self._by_system:
            self._by_system[system] = self._bars.add("Asking /v1/me" if is_platform else f"Reading {system}", asked)
        self._by_system[system].show(answered, max(asked, self._clients) if is_platform else asked)
