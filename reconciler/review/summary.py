"""What a large plan does, on one screen: a line per organization, the worst first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Final

from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.plan import Counts, Plan, count
from reconciler.model.risk import NO_RISK, Risk, RiskLevel
from reconciler.model.text import counted, visible
from reconciler.review.alike import MANY
from reconciler.review.group_view import NOUNS, FindingView, GroupView
from reconciler.review.grouping import grouped
from reconciler.review.labels import kinds_counted
from reconciler.review.risk_view import EventView

FEW: Final = 20
"""Changes that a review shows without a summary: whoever reads them needs none."""
_LINES: Final = 15
"""Lines of a summary; what destroys, and what is of high risk, is shown beyond them."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """What happens to one organization, or is the same to each of many."""

    homes: tuple[Address, ...]
    """The organizations, or the realm."""
    counts: Counts
    """What is written, to all of them."""
    blocked: int
    """What is blocked."""
    risk: Risk
    """The worst: of what happened in a report of drift, else of what is written."""
    worst: str
    """What that is, in words."""
    findings: str
    is_kept: bool
    """Whether it is never left out: it destroys, or is of high risk."""
    changes: int
    """All changes, of all the organizations."""

    @property
    def subject(self) -> str:
        """Return whom it is about."""
        return _named(self.homes[0]) if len(self.homes) == 1 else kinds_counted(self.homes)

    @property
    def names(self) -> str:
        """Return the names of many; empty where it is one, which the subject names."""
        return ", ".join(map(_named, self.homes)) if len(self.homes) > 1 else ""

    @property
    def numbers(self) -> str:
        """Return ``1 to add, 2 to change``, what is blocked, and what was found."""
        counts = {"add": self.counts.added, "change": self.counts.changed, "destroy": self.counts.destroyed}
        words = [f"{number:,} to {verb}" for verb, number in counts.items() if number]
        return ", ".join((*words, *self._rest))

    @property
    def notes(self) -> str:
        """Return the worst risk, what is blocked, and what was found."""
        risk = f"{self.risk.level}: {self.worst.removesuffix('.')}" if self.worst else ""
        return "; ".join(filter(None, (*self._rest, risk)))

    @property
    def _rest(self) -> tuple[str, ...]:
        return tuple(filter(None, (f"{self.blocked} blocked" if self.blocked else "", self.findings)))


@dataclass(frozen=True, slots=True)
class SummaryView:
    """The rows that fit on a screen, and a sentence for the others."""

    title: str
    rows: tuple[SummaryRow, ...]
    left: str
    """What is not among the rows; empty where all is."""


def summary_of(plan: Plan, groups: Iterable[GroupView], events: Iterable[EventView]) -> SummaryView:
    """Return the summary; ``groups`` and ``events`` have the worst first."""
    happened: dict[Address, EventView] = {}
    for event in events:
        happened.setdefault(event.change.address.home, event)
    changes = grouped(plan.changes, lambda change: change.address.home)
    rows = (_row(group, changes.get(group.home, []), happened.get(group.home)) for group in groups)
    return _fitted(tuple(_merged(rows)), len(plan.changes))


def _row(group: GroupView, changes: list[Change], event: EventView | None) -> SummaryRow:
    able = tuple(change for change in changes if not change.blocked)
    # Of equal risks, that of the organization itself says most.
    own = max(group.changes, key=lambda each: (each.risk.level.rank, each.address == group.home), default=None)
    risk = event.risk if event else own.risk if own else NO_RISK
    return SummaryRow(
        homes=(group.home,),
        counts=count(able),
        blocked=len(changes) - len(able),
        risk=risk,
        worst=visible(event.text if event else risk.why),
        findings=severities(group.findings),
        is_kept=group.destroys or RiskLevel.HIGH in {risk.level, group.risk.level},
        changes=len(changes),
    )


def _named(home: Address) -> str:
    """Return an organization by its alias, and the realm by its address."""
    return visible(home.alias or str(home))


def severities(findings: Iterable[FindingView]) -> str:
    """Return ``1 error, 2 warnings``; empty where there is nothing."""
    found = [each.severity for each in findings]
    numbers = {noun: found.count(severity) for severity, noun in NOUNS.items()}
    return ", ".join(counted(number, noun) for noun, number in numbers.items() if number)


def _merged(rows: Iterable[SummaryRow]) -> Iterator[SummaryRow]:
    """Yield the rows; where many say the same, one stands for all of them."""
    for same in grouped(rows, lambda row: (row.counts, row.blocked, row.risk, row.worst, row.findings)).values():
        if len(same) < MANY:
            yield from same
            continue
        first, homes, number = same[0], tuple(row.homes[0] for row in same), len(same)
        counts = Counts(*(number * getattr(first.counts, each.name) for each in fields(Counts)))
        yield replace(
            first,
            homes=homes,
            counts=counts,
            blocked=number * first.blocked,
            findings=f"{first.findings} each" if first.findings else "",
            changes=sum(row.changes for row in same),
        )


def _fitted(rows: tuple[SummaryRow, ...], changes: int) -> SummaryView:
    shown: list[SummaryRow] = []
    left: list[SummaryRow] = []
    for row in rows:
        (shown if row.is_kept or len(shown) < _LINES else left).append(row)
    # What was only found somewhere is no change there.
    whom = kinds_counted(tuple(home for row in rows if row.changes or not changes for home in row.homes))
    what = counted(changes, "change") if changes else "What was found"
    return SummaryView(f"{what} in {whom}, the worst first", tuple(shown), _left(left))


def _left(rows: list[SummaryRow]) -> str:
    if not rows:
        return ""
    homes, changes = sum(len(row.homes) for row in rows), sum(row.changes for row in rows)
    highest = max((row.risk.level for row in rows), key=lambda level: level.rank)
    risk = f" of at most {highest} risk" if highest is not RiskLevel.NONE else ""
    what = f" with {counted(changes, 'change')}{risk}" if changes else ""
    found = sum(bool(row.findings) * len(row.homes) for row in rows)
    more = f"; {found} of them with findings" if found else ""
    return f"and {counted(homes, 'more organization')}{what}{more}"
