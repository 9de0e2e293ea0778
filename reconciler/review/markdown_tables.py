"""The tables of a comment: risks and events with one row for what is equal, and what happens to whom."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.address import Address
from reconciler.model.risk import RiskLevel
from reconciler.model.text import counted
from reconciler.review.labels import kinds_counted
from reconciler.review.markdown import code, prose, size_of
from reconciler.review.risk_view import EventView, RiskView, RowView, shown_rows
from reconciler.review.since_text import origin_text
from reconciler.review.summary import SummaryRow, SummaryView

_FEW: Final = 3
"""Names of what a risk happens to beyond the resource; the folded parts name more."""
_NAMED: Final = 10
"""Resources of one row, before they are only counted."""
_ROWS: Final = 20
_HEAD: Final = ("| organization | add | change | destroy | risk |", "| --- | --: | --: | --: | --- |")
_SHORT: Final = 80


def risks_table(rows: Sequence[RowView[RiskView]], number: int, named: int, *, has_base: bool) -> str:
    """Return the first rows, with all that destroy; of what is destroyed, ``named`` resources stand in the row."""
    shown, left = shown_rows(rows, number)
    lines = [
        f"| {row.risk.level} | {_resources(row.addresses, named if row.destroys else min(named, _NAMED))} "
        f"| {code(row.first.name) if row.first.name else ''} | {prose(row.risk.why)}{_names(row)} |"
        + (f" {origin_text(row.first.origin)} |" if has_base else "")
        for row in shown
    ]
    head = ["| risk | resource | field | why |", "| --- | --- | --- | --- |"]
    if has_base:
        head = [f"{head[0]} from |", f"{head[1]} --- |"]
    return "\n".join([*head, *lines]) + (f"\n\n{_more(left)}." if left else "")


def events_list(rows: Sequence[RowView[EventView]], room: int) -> str:
    """Return what happened, the worst first, as many lines as there is room for; it says how many are left out."""
    lines: list[str] = []
    for row in rows[:_ROWS]:
        line = f"- **{row.risk.level}** {_event(row)} {prose(row.risk.why)}"
        if size_of("\n".join([*lines, line])) > room:
            break
        lines.append(line)
    if lines and (left := rows[len(lines) :]):
        lines.append(f"- {_more(left)}.")
    return "\n".join(["**What happened**", "", *lines]) if lines else ""


def summary_table(summary: SummaryView, room: int) -> str:
    """Return what happens to whom, as many rows as there is room for; nothing where there is none."""
    lines = [f"**{summary.title}**", "", *_HEAD]
    shown = 0
    for row in summary.rows:
        long, short = (f"| {' | '.join(_cells(row, named))} |" for named in (len(row.homes), _NAMED))
        line = long if row.is_kept and size_of(long) < room // 2 else short
        if size_of("\n".join([*lines, line])) > room:
            break
        lines.append(line)
        shown += 1
    left = [summary.left] if summary.left else []
    if missing := sum(len(row.homes) for row in summary.rows[shown:]):
        left.insert(0, f"{counted(missing, 'organization')} that this comment has no room for")
    return "\n".join(lines) + (f"\n\n… {', '.join(left)}." if left else "") if shown else ""


def _cells(row: SummaryRow, named: int) -> Iterator[str]:
    yield code(row.subject) if len(row.homes) == 1 else _resources(row.homes, named)
    yield from (f"{number or ''}" for number in (row.counts.added, row.counts.changed, row.counts.destroyed))
    yield f"**{prose(row.notes)}**" if row.risk.level is RiskLevel.HIGH else prose(row.notes)


def _event(row: RowView[EventView]) -> str:
    if len(row.addresses) == 1:
        return code(f"{row.addresses[0]}: {row.first.text}")
    return f"{_resources(row.addresses, _NAMED)}: {code(row.first.text)}"


def _resources(addresses: Sequence[Address], named: int) -> str:
    """Return the resource, or how many there are with the first names."""
    if len(addresses) == 1:
        return code(str(addresses[0]))
    more = f" and {len(addresses) - named:,} more" if len(addresses) > named else ""
    names = ", ".join(code("/".join(each.names), _SHORT) for each in addresses[:named])
    return f"{kinds_counted(tuple(addresses))}: {names}{more}"


def _more(left: Sequence[RowView[RiskView]] | Sequence[RowView[EventView]]) -> str:
    """Return how many are left out, of which the first is the worst."""
    return f"… and {sum(len(row.every) for row in left):,} more of at most {left[0].risk.level} risk"


def _names(row: RowView[RiskView]) -> str:
    names = row.names
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return f" {', '.join(code(name, _SHORT) for name in names[:_FEW])}{more}" if names else ""
