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
    from rich.progress import Progress, TaskID

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
    """Show a bar with counts, and above it the lines: they stay when the bar is gone."""

    def __init__(self, display: "Progress", title: str, total: int | None, patience: float) -> None:
        self._display = display
        self._bar = display.add_task(title, total=total)
        self._patience = patience

    def finished(self, outcome: Outcome) -> None:
        """Say how a change ended, and move the bar."""
        super().finished(outcome)
        self._display.advance(self._bar)

    def waiting(self, left: int, waited: float) -> None:
        """Say in the bar that effects are still missing, and for how long they are waited for at most."""
        rest = max(0.0, self._patience - waited)
        title = f"Verifying: {left} not in force yet, at most {rest:.0f} s more"
        self._display.update(self._bar, description=title)


class Counting:
    """Count what is done one after the other; without a display, nothing shows it."""

    def __init__(self, display: "Progress | None" = None, title: str = "", total: int = 0) -> None:
        self._display = display
        self._bar = None if display is None else display.add_task(title, total=total)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Make room for a line on standard output about one more that is done."""
        if self._display is None or self._bar is None:
            yield
            return
        self._display.stop()
        try:
            yield
        finally:
            self._display.start()
        self._display.advance(self._bar)


def shows_bars() -> bool:
    """Tell whether people look on: standard error is a terminal that can move its cursor, and no CI's."""
    has_cursor = os.environ.get("TERM") not in {"dumb", "unknown"}
    return sys.stderr.isatty() and has_cursor and not os.environ.get("CI") and not diagnostics.is_json()


def _display() -> "AbstractContextManager[Progress | None]":
    """Return where bars are shown; None where nobody looks on."""
    if not shows_bars():
        return nullcontext()
    from reconciler.cli.bars import shown

    return shown()


@contextmanager
def progress(title: str, total: int | None = None, *, patience: float = 0.0) -> Iterator[PlainProgress]:
    """Yield what fits where standard error goes; ``patience`` is for how many seconds effects are waited for."""
    with _display() as display:
        yield PlainProgress() if display is None else BarProgress(display, title, total, patience)


@contextmanager
def counting(title: str, total: int) -> Iterator[Counting]:
    """Yield what counts, one after the other, what is done."""
    with _display() if total > 1 else nullcontext() as display:
        yield Counting(display, title, total)


@contextmanager
def reading(meter: Meter, clients: int = 0) -> Iterator[PlainProgress]:
    """Show, a bar for each live system, how many of the requests so far are answered.

    How many there will be is known for the platform alone: ``clients`` is how many will be asked for ``GET /v1/me``.
    """
    with _display() as display, nullcontext() if display is None else meter.watched(_Reading(display, clients)):
        yield PlainProgress()


class _Reading:
    """Show the counts of a meter."""

    def __init__(self, display: "Progress", clients: int) -> None:
        self._display = display
        self._clients = clients
        self._bars: dict[str, TaskID] = {}

    def moved(self, system: str, answered: int, asked: int) -> None:
        """Show the counts of one live system."""
        is_platform = system == PLATFORM
        if system not in self._bars:
            title = "Asking /v1/me" if is_platform else f"Reading {system}"
            self._bars[system] = self._display.add_task(title, total=asked)
        total = max(asked, self._clients) if is_platform else asked
        self._display.update(self._bars[system], completed=answered, total=total)
