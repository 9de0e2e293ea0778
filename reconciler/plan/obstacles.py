"""Block what cannot be: a name that something live keeps, which the plan does not change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.observed import Snapshot
from reconciler.plan.names import Name, name_after, name_before


def without_collisions(changes: Iterable[Change], snapshot: Snapshot) -> list[Change]:
    """Return the changes; one that takes a name that is not given up is blocked, and says what stands in the way."""
    found = {change.address: change for change in changes}
    holders = dict(_holders(snapshot))
    # What is blocked gives nothing up, so that one block can be the cause of another.
    while blocked := {a: replace(c, blocked=why) for a, c in found.items() if (why := _collision(c, found, holders))}:
        found |= blocked
    return [_without_impostor(change, snapshot) for change in found.values()]


def _holders(snapshot: Snapshot) -> Iterator[tuple[Name, tuple[str, str]]]:
    """Yield the unique names of everything live: how a reader knows what has it, and whose it is."""
    for kind in KINDS.values():
        for name, holder, owner in kind.holders(snapshot):
            yield (kind.kind, name), (holder, _whose(owner))


def _whose(owner: str | None) -> str:
    return "is unmanaged" if owner is None else f"belongs to the reconciler '{owner}'"


def _collision(change: Change, changes: Mapping[Address, Change], holders: Mapping[Name, tuple[str, str]]) -> str:
    """Return what stands in the way of a change that takes a name; empty where nothing does, or it is blocked."""
    name = name_after(change)
    if change.blocked or name is None or name == name_before(change) or name not in holders:
        return ""
    holder, whose = holders[name]
    if holder == _live_name(change):
        return ""
    giver = next((c for c in changes.values() if name_before(c) == name and _live_name(c) == holder), None)
    if giver is not None and name_after(giver) != name:
        if not giver.blocked:
            return ""
        whose = f"is blocked: {giver.blocked}"
    return kind_of(change.address).taken(change.address, name[1], holder, whose)


def _live_name(change: Change) -> str:
    return kind_of(change.address).holder(change)


def _without_impostor(change: Change, snapshot: Snapshot) -> Change:
    """Return the change; blocked where something that is no such resource has the name that it takes."""
    name = name_after(change)
    if change.blocked or name is None or name == name_before(change):
        return change
    return replace(change, blocked=kind_of(change.address).usurped(name[1], snapshot))
