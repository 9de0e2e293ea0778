"""Progress of an apply on standard error: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.model.change import Action, Change
from reconciler.model.outcome import Outcome, Status

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

_DONE = {
    Action.CREATE: "Creation",
    Action.UPDATE: "Modifications",
    Action.ADOPT: "Adoption",
    Action.REPLACE: "Replacement",
    Action.DELETE: "Destruction",
    Action.NO_OP: "Nothing",
}


class PlainProgress:
    """Say one line per change that ended; Terraform's sentences."""

    def started(self, change: Change) -> None:
        """Say nothing: a line per change is enough for a log."""

    def finished(self, outcome: Outcome) -> None:
        """Say how a change ended."""
        address = outcome.change.address
        match outcome.status:
            case Status.DONE:
                click.echo(f"{address}: {_DONE[outcome.change.action]} complete", err=True)
            case Status.FAILED:
                click.echo(f"{address}: failed", err=True)
            case Status.SKIPPED:
                click.echo(f"{address}: skipped", err=True)

    def waiting(self, left: int, waited: float) -> None:
        """Say that effects are still missing."""
        click.echo(f"Verifying: {left} not in force yet after {waited:.0f} s ...", err=True)


class BarProgress(PlainProgress):
    """Show a bar with counts; failures still get a line."""

    def __init__(self, bar: "RichProgress", title: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(title, total=total)

    def finished(self, outcome: Outcome) -> None:
        """Move the bar."""
        self._bar.advance(self._task)
        if outcome.status is not Status.DONE:
            self._bar.console.print(f"{outcome.change.address}: {outcome.status}", markup=False)

    def waiting(self, left: int, waited: float) -> None:
        """Say in the bar that effects are still missing."""
        self._bar.update(self._task, description=f"Verifying ({left} not in force yet, {waited:.0f} s)")


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[PlainProgress]:
    """Yield what fits where standard error goes; the bar is gone when it ends."""
    if not sys.stderr.isatty():
        yield PlainProgress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield BarProgress(bar, title, total)
