"""Find the same change of many organizations, so that a reader sees it once."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final

from reconciler.kinds.marks import FOLLOWED, MEMBERSHIPS, PROTECTED, applied_in, left_alone
from reconciler.model.address import Address
from reconciler.model.change import Change, FieldChange
from reconciler.model.plan import Effect, Plan
from reconciler.model.value import Value
from reconciler.review.grouping import grouped

MANY: Final = 5
"""Organizations that have a change in common before it is shown once for all of them."""


# docs/decisions.md, 169: why from five organizations on, and by what changes are the same.
def alike(plan: Plan) -> Mapping[Address, Address]:
    """Return, for each change that many organizations have in common, the first resource that has it.

    The same are kind, action, fields, risks, notes and what is in force; who did it, and where it is declared, is not.
    """
    effects = grouped(plan.effects, lambda effect: effect.client.home)
    found: dict[Address, Address] = {}
    # By what is cheap first: values can be long.
    for rough in _common(plan.changes, _outline):
        for same in _common(rough, lambda change: _content(change, effects.get(change.address.home, ()))):
            found |= {change.address: same[0].address for change in same}
    return found


def own_organization(value: Value, address: Address) -> bool:
    """Tell whether the organizations of a client are nothing but its own."""
    return value == (address.alias,)


def _common(changes: Iterable[Change], key: Callable[[Change], Hashable]) -> list[list[Change]]:
    found = grouped(changes, key).values()
    return [each for each in found if len({change.address.alias for change in each}) >= MANY]


def _outline(change: Change) -> Hashable:
    fields = tuple((each.path, each.reason, each.risk, each.event_risk, each.origin) for each in change.field_changes)
    return change.address.kind, change.action, change.origin, change.risk, change.event_risk, change.blocked, fields


def _content(change: Change, effects: Iterable[Effect]) -> Hashable:
    fields = tuple(_values(each, change.address) for each in change.field_changes)
    said = tuple((each.risk, each.names) for each in change.consequences)
    return fields, said, _asides(change), _in_force(change, effects)


def _asides(change: Change) -> Hashable:
    """Return what is noted of the change beside its fields."""
    old, new = applied_in(change.before or {}), applied_in(change.after or {})
    marks = tuple((old.get(entry), new.get(entry)) for entry in (PROTECTED, FOLLOWED))
    left = left_alone(change.after) if change.after else ()
    own = (change.renamed_from, change.placeholder, change.sender, change.unread, change.new_user_defaults)
    return marks, left, own


def _values(field: FieldChange, address: Address) -> Hashable:
    sides = (field.before, field.after, field.at_base)
    if field.path == MEMBERSHIPS:
        return tuple("its own" if own_organization(each, address) else _frozen(each) for each in sides)
    return tuple(map(_frozen, sides))


def _in_force(change: Change, effects: Iterable[Effect]) -> Hashable:
    """Return what ``GET /v1/me`` says of the fields that change; once, where all clients get the same."""
    paths = {each.path for each in change.field_changes}
    answers = [each for each in effects if each.path in paths] if change.address == change.address.home else []
    seen = {(each.path, _frozen(each.stored), _frozen(each.effective)) for each in answers}
    is_one = len({path for path, _, _ in seen}) == len(seen)
    return frozenset(seen) if is_one else change.address


def _frozen(value: Value) -> Hashable:
    """Return a value that can be compared and hashed, in which 1 is not True."""
    if isinstance(value, Mapping):
        return tuple((key, _frozen(each)) for key, each in sorted(value.items()))
    if isinstance(value, tuple):
        return tuple(map(_frozen, value))
    return type(value), value
