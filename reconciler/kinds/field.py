"""What one field of a kind is: declared once, as a row of the kind's table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from reconciler.kinds.evidence import Evidence
from reconciler.kinds.loss import SETTING, Loss
from reconciler.kinds.risk_rules import Rule
from reconciler.model import layout
from reconciler.model.field_class import FieldClass
from reconciler.model.value import Value

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Field:
    """A row: one field by its path; or, where that ends with a dot or a slash, all whose paths begin with it.

    What a row leaves open is what the row of the next shorter beginning says; the empty one is everything's.
    """

    path: str
    is_said: bool = False
    """Whether a manifest says it."""
    rule: Value = None
    """What the reconciler's own rules say that it is, whatever the manifest says."""
    is_optional: bool = False
    """Whether it is the server's business where no manifest says it."""
    place: tuple[str, ...] = ()
    """The keys that lead to it in what the live system shows, where they do not follow from the path."""
    is_apart: bool = False
    """Whether it is part of no representation: other requests write it."""
    by_planner: bool = False
    """Whether the planner adds it to what the live object itself holds."""
    ends_secret: bool = False
    """Whether it is the end of a secret, which is only ever put back."""
    is_effective: bool = False
    """Whether ``GET /v1/me`` shows what is in force."""
    holds_partners: bool = False
    """Whether its items are UUIDs of partners."""
    item: str = ""
    """What an item is called, where items are removed by their names alone, as parts of a path."""
    told: tuple[Evidence, ...] = ()
    """Which admin events tell of it."""
    about: FieldClass | None = None
    """What it is about, as metrics count it."""
    risk: Rule | None = None
    """What a change of it can do."""
    loss: Loss | None = None
    """What it means that a resource that is adopted loses it."""
    may_be_ignored: bool | None = None
    """Whether it may be left to the server for a while: nothing that gives power, and no mark, ever is. Where no row
    says it, nothing may that others rely on, that has a rule, or that other requests write."""
    may_be_dropped: bool = False
    """Whether it may be said to go then, though no program is known to rely on it."""


class FieldTable:
    """All fields of a kind."""

    def __init__(self, *rows: Field) -> None:
        """Take the rows, in the order in which they are shown where no other one is told."""
        self.rows = rows
        self._by_path = {row.path: row for row in rows}

    def which(self, has: Callable[[Field], bool]) -> frozenset[str]:
        """Return the paths of the rows that ``has`` holds for."""
        return frozenset(row.path for row in self.rows if has(row))

    @cached_property
    def said(self) -> frozenset[str]:
        """The fields that a manifest says."""
        return self.which(lambda row: row.is_said)

    @cached_property
    def optional(self) -> frozenset[str]:
        """The fields that are the server's business where no manifest says them."""
        return self.which(lambda row: row.is_optional)

    @cached_property
    def apart(self) -> frozenset[str]:
        """The fields that are part of no representation."""
        return self.which(lambda row: row.is_apart)

    @cached_property
    def by_planner(self) -> frozenset[str]:
        """The fields that the planner adds to what the live object itself holds."""
        return self.which(lambda row: row.by_planner)

    @cached_property
    def secret_ends(self) -> frozenset[str]:
        """The ends of secrets."""
        return self.which(lambda row: row.ends_secret)

    @cached_property
    def effective(self) -> tuple[str, ...]:
        """The fields whose effect ``GET /v1/me`` shows."""
        return tuple(row.path for row in self.rows if row.is_effective)

    @cached_property
    def of_partners(self) -> frozenset[str]:
        """The fields whose items are UUIDs of partners."""
        return self.which(lambda row: row.holds_partners)

    @cached_property
    def items(self) -> Mapping[str, str]:
        """The fields whose items are removed by their names alone, and what each item is called."""
        return {row.path: row.item for row in self.rows if row.item}

    @cached_property
    def droppable(self) -> tuple[str, ...]:
        """What may be said to go with adoption; sorted."""
        return tuple(
            sorted(row.path for row in self.rows if row.may_be_dropped or (row.loss and row.loss.is_relied_on))
        )

    @cached_property
    def rules(self) -> Mapping[str, Value]:
        """What the reconciler's own rules say, whatever the manifest says."""
        return {row.path: row.rule for row in self.rows if row.rule is not None}

    @cached_property
    def places(self) -> Mapping[str, tuple[str, ...]]:
        """The keys that lead to fields, where the paths do not tell them."""
        return {row.path: row.place for row in self.rows if row.place}

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """The attributes that fields are, whose paths do not tell it: field to attribute."""
        return {path: place[1] for path, place in self.places.items() if place == attribute(place[-1])}

    def told(self, path: str) -> tuple[Evidence, ...]:
        """Return which admin events tell of a field; none where they never do."""
        return self.find(path, lambda row: row.told or None) or ()

    def may_be_ignored(self, path: str) -> bool | None:
        """Tell whether a field, with all that is below it, may be left to the server; None where none is there."""
        around = (
            _can_be_ignored(row)
            for row in self.rows
            if row.path.startswith(f"{path}.") or path.startswith(f"{row.path}.")
        )
        return False if False in around else self.find(path, _can_be_ignored)

    def about(self, path: str) -> FieldClass:
        """Return what a field is about; where no row says it, it tells what the resource is."""
        return self.find(path, lambda row: row.about) or FieldClass.IDENTITY

    def risk(self, path: str) -> Rule | None:
        """Return what a change of a field can do."""
        return self.find(path, lambda row: row.risk)

    def loss(self, path: str) -> Loss:
        """Return what losing a field means."""
        return self.find(path, lambda row: row.loss) or SETTING

    def find(self, path: str, said: Callable[[Field], _T | None]) -> _T | None:
        """Return what the table says of a field; None where no row says anything."""
        return next((found for row in self._rows_of(path) if (found := said(row)) is not None), None)

    def _rows_of(self, path: str) -> Iterator[Field]:
        ends = (at + 1 for at in range(len(path) - 1, -1, -1) if path[at] in "./")
        return (self._by_path[path[:end]] for end in (len(path), *ends, 0) if path[:end] in self._by_path)


def _can_be_ignored(row: Field) -> bool | None:
    """Tell whether what a row says lets its field be ignored; where it says nothing, None."""
    if row.may_be_ignored is not None:
        return row.may_be_ignored
    is_relied_on = row.loss is not None and row.loss.is_relied_on
    return False if row.is_apart or row.ends_secret or row.rule is not None or is_relied_on else None


def attribute(name: str) -> tuple[str, str]:
    """Return the place of an attribute."""
    return "attributes", name


MARKS: Final = (
    Field(layout.MARKS, about=FieldClass.MARKS),
    *(
        Field(mark, place=attribute(mark))
        for mark in (layout.OWNER_MARK, layout.APPLIED_MARK, layout.SOFT_DELETED_MARK)
    ),
)
"""The marks, where a kind has attributes for them."""
