"""Bars on a terminal, one line each; they fit into narrow terminals, and heed NO_COLOR."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from reconciler.cli import diagnostics

_NARROW: Final = 60
"""Columns below which there is no room for a bar and the time."""
_LEAST_DONE: Final = 5
_LEAST_SECONDS: Final = 2.0
"""What an estimate needs at least: so many that are done, in so many seconds."""
_LEAST_SHARE: Final = 0.05


@contextmanager
def shown() -> Iterator[Progress]:
    """Show bars until the end; what is said meanwhile stands above them."""
    console = Console(stderr=True, no_color=True if diagnostics.color() is False else None, highlight=False)
    # Standard output is the product: it stays where it goes.
    display = Progress(
        *_columns(console.width), console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    )

    def above(line: str) -> None:
        console.print(Text.from_ansi(line), soft_wrap=True)

    with display, diagnostics.through(above):
        yield display


def _columns(width: int) -> tuple[ProgressColumn, ...]:
    if width < _NARROW:
        return (_Short(table_column=Column(no_wrap=True, overflow="ellipsis")),)
    title = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    counts = MofNCompleteColumn(table_column=Column(no_wrap=True))
    return title, BarColumn(bar_width=max(10, min(40, width - 80))), counts, TimeElapsedColumn(), _Estimate()


class _Short(ProgressColumn):
    """Show the counts and the title, and as much of it as there is room for."""

    def render(self, task: Task) -> Text:
        """Return both."""
        counts = "" if task.total is None else f"{task.completed:.0f}/{task.total:.0f} "
        return Text(f"{counts}{task.description}")


class _Estimate(ProgressColumn):
    """Show how long it will take, once there is a basis for that."""

    def render(self, task: Task) -> Text:
        """Return the estimate; empty where there is none."""
        return Text(estimate(task.completed, task.total, task.elapsed or 0.0), style="progress.remaining", no_wrap=True)


def estimate(done: float, total: float | None, elapsed: float) -> str:
    """Return ``about 40 s left`` by the rate so far; empty as long as too little is done to tell."""
    if total is None or done >= total or done < max(_LEAST_DONE, _LEAST_SHARE * total) or elapsed < _LEAST_SECONDS:
        return ""
    seconds = elapsed * (total - done) / done
    if seconds >= 90:
        return f"about {seconds / 60:.0f} min left"
    return f"about {max(1, round(seconds))} s left"
