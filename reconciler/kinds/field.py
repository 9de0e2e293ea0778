"""What one field of a kind is: declared once, as a row of the kind's table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from reconciler.kinds.evidence import Evidence
from reconciler.kinds.loss import SETTING, Loss
from reconciler.kinds.risk_rules import Rule
from reconciler.model import layout
from reconciler.model.field_class import FieldClass
from reconciler.model.value import Value, is_empty

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
    is_set: bool = False
    """Whether it is a list in Keycloak whose order means nothing."""
    exempt: str = ""
    """Why it is not compared, where the server owns it: docs/decisions.md, 5 and 72, say what may be exempt."""
    is_shared: bool = False
    """Whether it is people's, and left alone, where people share the organization."""
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
    event: Rule | None = None
    """What it means that somebody made it what is live, from what was last applied; where no row says it, its risk the
    other way round says it."""
    called: str = ""
    """What people call it, or one of its items; where it is empty, by its path."""
    verbs: tuple[str, str] = ("added", "removed")
    """What is said to happen to an item that comes, and to one that goes."""
    loss: Loss | None = None
    """What it means that a resource that is adopted loses it."""
    may_be_ignored: bool | None = None
    """Whether it may be left to the server for a while: nothing that gives power, and no mark, ever is. Where no row
    says it, nothing may that others rely on, that has a rule, or that other requests write."""
    are_many: bool = False
    """Of all that begins so: whether live objects have any number of them, so that one entry stands for many."""
    may_be_dropped: bool = False
    """Whether it may be said to go then, though no program is known to rely on it."""


class FieldTable:
    """All fields of a kind.

    ``effective`` are those whose effect ``GET /v1/me`` shows, in order; ``items`` tells what an item is called, where
    items are removed by their names alone; ``droppable``, sorted, may be said to go with adoption; ``rules``,
    ``places`` and ``attributes`` hold what the rows say of fields. All else is called as in a row.
    """

    def __init__(self, *rows: Field) -> None:
        """Take the rows, in the order in which they are shown where no other one is told."""
        self.rows = rows
        self._by_path = {row.path: row for row in rows}
        self.said = self.which(lambda row: row.is_said)
        self.optional = self.which(lambda row: row.is_optional)
        self.apart = self.which(lambda row: row.is_apart)
        self.sets = self.which(lambda row: row.is_set)
        self.exempt = {row.path: row.exempt for row in rows if row.exempt}
        self.shared = self.which(lambda row: row.is_shared)
        self.by_planner = self.which(lambda row: row.by_planner)
        self.secret_ends = self.which(lambda row: row.ends_secret)
        self.of_partners = self.which(lambda row: row.holds_partners)
        self.effective = tuple(row.path for row in rows if row.is_effective)
        self.many = tuple(row.path for row in rows if row.are_many)
        self.items = {row.path: row.item for row in rows if row.item}
        self.droppable = tuple(sorted(self.which(lambda row: row.may_be_dropped or _is_relied_on(row))))
        self.rules = {row.path: row.rule for row in rows if row.rule is not None}
        self.empty_rules = {path: rule for path, rule in self.rules.items() if is_empty(rule)}
        self.places = {row.path: row.place for row in rows if row.place}
        self.attributes = {path: place[1] for path, place in self.places.items() if place[0] == "attributes"}

    def which(self, has: Callable[[Field], bool]) -> frozenset[str]:
        """Return the paths of the rows that ``has`` holds for."""
        return frozenset(row.path for row in self.rows if has(row))

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

    def event(self, path: str) -> Rule | None:
        """Return what it means that somebody made a field what is live."""
        return self.find(path, lambda row: row.event)

    def called(self, path: str) -> str:
        """Return what people call a field, or one of its items."""
        row = self._by_path.get(path)
        return (row.called if row else "") or path

    def verbs(self, path: str) -> tuple[str, str]:
        """Return what is said to happen to an item that comes, and to one that goes."""
        row = self._by_path.get(path)
        return row.verbs if row else ("added", "removed")

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
    return False if row.is_apart or row.ends_secret or row.rule is not None or _is_relied_on(row) else None


def _is_relied_on(row: Field) -> bool:
    return row.loss is not None and row.loss.is_relied_on


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
