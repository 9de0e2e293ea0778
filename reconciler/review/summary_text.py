"""The summary of a large plan, for a terminal: a table in Terraform's words."""

from collections.abc import Iterator
from textwrap import shorten
from typing import Final

import click

from reconciler.model.risk import RiskLevel
from reconciler.review.labels import dim, wrapped
from reconciler.review.summary import SummaryRow, SummaryView

_COLUMNS: Final = (("add", "added", "green"), ("change", "changed", "yellow"), ("destroy", "destroyed", "red"))
"""What stands above a number, which number it is, and its colour."""
_WHOM: Final = "organization"
_COLOUR: Final = {RiskLevel.HIGH: "red", RiskLevel.MEDIUM: "yellow"}
_MORE: Final = "and {} more "
_LONGEST: Final = 40
"""Characters of a name beyond which the column is no wider."""


def summary_text(summary: SummaryView, width: int) -> str:
    """Return the table, in lines of at most ``width`` characters but for what is named by longer names."""
    column = min(_LONGEST, max(len(subject) for subject in (_WHOM, *(row.subject for row in summary.rows))))
    titles = " ".join(title for title, _, _ in _COLUMNS)
    lines = [click.style(f"{summary.title}:", bold=True), "", dim(f"  {titles}  {_WHOM:<{column}}  risk")]
    lines += [line for row in summary.rows for line in _row(row, column, width)]
    return "\n".join([*lines, *([f"  {summary.left}."] if summary.left else [])])


def _row(row: SummaryRow, column: int, width: int) -> Iterator[str]:
    numbers = [(title, getattr(row.counts, name), colour) for title, name, colour in _COLUMNS]
    cells = [click.style(f"{number or '':>{len(title)}}", fg=colour) for title, number, colour in numbers]
    indent = 2 + sum(len(title) + 1 for title, _, _ in _COLUMNS) + 1
    room = width - indent - max(column, len(row.subject)) - 2
    notes = click.style(shorten(row.notes, max(room, 20), placeholder=" …"), fg=_COLOUR.get(row.risk.level))
    yield f"  {' '.join(cells)}  {row.subject:<{column}}  {notes}".rstrip()
    if row.names:
        # What destroys, or is of high risk, is named to the last one.
        lines = wrapped(row.names, width - indent, "")
        if not row.is_kept and len(lines) > 1:
            first = wrapped(row.names, width - indent - len(_MORE), "")[0]
            lines = [f"{first} {_MORE.format(len(row.homes) - first.count(',')).strip()}"]
        yield from (dim(f"{'':{indent}}{line}") for line in lines)
