"""The risks and events of a review: the worst first, and what is equal together, so that a table has one row for it."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.origin import Origin
from reconciler.model.risk import ACCOUNTS_DELETED, NO_RISK, Consequence, Risk
from reconciler.review.change_view import ChangeView, FieldView
from reconciler.review.grouping import grouped


@dataclass(frozen=True, slots=True)
class RiskView:
    """One risk of a plan, and where it comes from."""

    change: ChangeView
    field: FieldView | None
    """The field that it is about; None for the whole resource."""
    risk: Risk
    origin: Origin | None
    consequence: Consequence | None = None
    """What a live system does beyond what it is told; None where the change itself is the risk."""

    @property
    def path(self) -> str:
        """Return the field, to find things by; empty for the whole resource."""
        return self.field.path if self.field else ""

    @property
    def name(self) -> str:
        """Return the field as it is shown; empty for the whole resource."""
        return self.field.name if self.field else ""

    @property
    def why(self) -> str:
        """Return the sentence for people, with the first names of what it happens to."""
        return self.risk.why if self.consequence is None else self.consequence.text

    @property
    def names(self) -> tuple[str, ...]:
        """Return what it happens to beyond the resource."""
        return self.consequence.names if self.consequence else ()

    @property
    def row(self) -> Hashable:
        """Return what is equal for all that stands in one row of a table."""
        return self.risk, self.path, self.origin, self.destroys, self.consequence is None

    @property
    def destroys(self) -> bool:
        """Tell whether something is destroyed: the resource, or an account of a person."""
        return self.change.action is Action.DELETE or self.risk.code == ACCOUNTS_DELETED


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to a resource, or to one of its fields."""

    change: ChangeView
    field: FieldView | None
    text: str
    risk: Risk

    @property
    def by(self) -> str:
        """Return who did it, where that is known."""
        return self.field.by if self.field else self.change.by

    @property
    def row(self) -> Hashable:
        """Return what is equal for all that stands in one row of a table."""
        return self.risk, self.text

    @property
    def destroys(self) -> bool:
        """Tell whether something is destroyed: what happened is over."""
        return False

    @property
    def names(self) -> tuple[str, ...]:
        """Return nothing: the text names everything."""
        return ()


_Each = TypeVar("_Each", RiskView, EventView)


@dataclass(frozen=True, slots=True)
class RowView(Generic[_Each]):
    """One row of a table: the same risk, or the same event, of one resource or of several."""

    first: _Each
    every: tuple[_Each, ...]

    @property
    def risk(self) -> Risk:
        """Return the risk that all have."""
        return self.first.risk

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Return the resources, each once, in the order of their names."""
        return tuple(sorted({each.change.address for each in self.every}, key=lambda each: each.sort_key))

    @property
    def names(self) -> tuple[str, ...]:
        """Return what it happens to beyond what is written, of all of them."""
        return tuple(name for each in self.every for name in each.names)

    @property
    def why(self) -> str:
        """Return the sentence for people, with the first names of what it happens to."""
        return Consequence(self.risk, self.names).text

    @property
    def destroys(self) -> bool:
        """Tell whether something is destroyed: it is never left out."""
        return self.first.destroys


def rows_of(found: Iterable[_Each]) -> tuple[RowView[_Each], ...]:
    """Return the rows of a table, in the order of the first of each."""
    return tuple(RowView(same[0], tuple(same)) for same in grouped(found, lambda each: each.row).values())


def shown_rows(
    rows: Iterable[RowView[_Each]], number: int
) -> tuple[tuple[RowView[_Each], ...], tuple[RowView[_Each], ...]]:
    """Return the first rows, with all that destroy, and the rows that are left."""
    shown: list[RowView[_Each]] = []
    left: list[RowView[_Each]] = []
    for row in rows:
        (shown if len(shown) < number or row.destroys else left).append(row)
    return tuple(shown), tuple(left)


def risks_of(changes: Iterable[ChangeView]) -> tuple[RiskView, ...]:
    """Return every risk, the highest first, those of this change before others, and destroys before what stays."""
    return tuple(sorted((risk for change in changes for risk in _risks(change)), key=_worst_first))


def events_of(changes: Iterable[ChangeView]) -> tuple[EventView, ...]:
    """Return everything that happened, the highest risk first."""
    return tuple(sorted((event for change in changes for event in _events(change)), key=_highest_first))


def _risks(change: ChangeView) -> Iterator[RiskView]:
    if change.own_risk != NO_RISK or not (change.fields or change.consequences):
        yield RiskView(change, None, change.own_risk, change.origin)
    for each in change.consequences:
        yield RiskView(change, None, each.risk, change.origin, each)
    for field in change.fields:
        yield RiskView(change, field, field.risk, field.origin)


def _worst_first(item: RiskView) -> tuple[object, ...]:
    """Return the key that sorts by severity, what is of this change first, then destroys; what is equal is together."""
    is_old = item.origin is Origin.DRIFT_BEFORE
    return -item.risk.level.rank, is_old, not item.destroys, item.risk.code, item.why


def _highest_first(event: EventView) -> int:
    return -event.risk.level.rank


def _events(change: ChangeView) -> Iterator[EventView]:
    if change.event:
        yield EventView(change, None, change.event, change.event_risk)
    else:
        yield from (EventView(change, each, each.event, each.event_risk) for each in change.fields if each.event)
