"""Order the changes, and restrict them to targets.

What a resource needs is there before it, a name is free before another resource takes it, and what goes waits for
whatever takes its place. Steps that are ``first`` wait for nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.change import Action, Change
from reconciler.model.layout import SOFT_DELETED_MARK
from reconciler.plan.names import cycles, givers


# docs/decisions.md, 118: why steps wait, and not only changes.
def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return the changes in the order of creation, what leaves last and in reverse, with the dependencies that matter.

    What leaves is deleted, or suspended and disabled instead. A change depends only on changes of the same plan; an
    organization goes after what leaves with it and what moves elsewhere, and a client after the webhooks of its
    organization.
    """
    found = {change.address: change for change in changes}
    leaving = {change.address for change in found.values() if _is_leaving(change)}
    near = _Neighbours(found)
    linked = {address: _linked(change, found, near.of(address.alias), leaving) for address, change in found.items()}
    named = _without_exchanged_identities(_with_names_passed_on(linked, leaving))
    ordered = sorted_addresses(named)
    queue = [address for address in ordered if address not in leaving]
    queue += [address for address in reversed(ordered) if address in leaving]
    return list(_dependencies_first(_with_blocks_passed_on(named), queue))


def _is_leaving(change: Change) -> bool:
    return change.action is Action.DELETE or SOFT_DELETED_MARK in (change.after or {})


class _Neighbours:
    """Which changes may touch the same organization: all others need no look."""

    def __init__(self, found: Mapping[Address, Change]) -> None:
        self._found = found
        self._rank = {address: rank for rank, address in enumerate(found)}
        self._anywhere: list[Address] = []
        self._of: dict[str, list[Address]] = {}
        for address, change in found.items():
            for alias in (aliases := kind_of(address).organizations(change)):
                self._of.setdefault(alias, []).append(address)
            if change.unread or not aliases:
                self._anywhere.append(address)

    def of(self, alias: str) -> dict[Address, Change]:
        """Return the changes that may touch the organization, in the order that they came in."""
        near = sorted({*self._of.get(alias, ()), *self._anywhere}, key=self._rank.__getitem__)
        return {address: self._found[address] for address in near}


def _linked(
    change: Change, found: Mapping[Address, Change], near: Mapping[Address, Change], all_leaving: set[Address]
) -> Change:
    kind, leaving = kind_of(change.address), all_leaving & near.keys()
    if change.address in leaving:
        own = kind.leaves_after(change, near, leaving)
        return replace(change, depends_on=sorted_addresses(own), takes_name_of=(), placeholder="")
    own = [each for each in change.depends_on if each in found]
    own += kind.waits_for(change, near, leaving)
    return replace(change, depends_on=tuple(own), takes_name_of=(), placeholder="")


def _without_exchanged_identities(found: Mapping[Address, Change]) -> dict[Address, Change]:
    """Return the changes; organizations that become each other, while clients move between them, are blocked."""
    waiting = [change for change in found.values() if kind_of(change.address).becomes_another(change)]
    circle = {change.address: change for change in waiting if change.address in _needed(change, found)}
    blocked = {
        address: replace(change, blocked=change.blocked or kind_of(address).becoming_each_other(circle))
        for address, change in circle.items()
    }
    return {**found, **blocked}


def _needed(change: Change, found: Mapping[Address, Change]) -> set[Address]:
    """Return all that the change waits for, directly or not."""
    needed: set[Address] = set()
    queue = list(change.depends_on)
    while queue:
        if (address := queue.pop()) not in needed:
            needed.add(address)
            queue += found[address].depends_on
    return needed


def _with_blocks_passed_on(found: Mapping[Address, Change]) -> dict[Address, Change]:
    """Return the changes; one that waits for what is blocked is blocked, too, unless it has steps that do not wait."""
    changes = dict(found)
    queue = [change.address for change in changes.values() if change.blocked]
    waiting: dict[Address, list[Address]] = {}
    for change in changes.values():
        for need in (*change.depends_on, *change.takes_name_of):
            waiting.setdefault(need, []).append(change.address)
    while queue:
        need = queue.pop()
        for address in waiting.get(need, ()):
            change = changes[address]
            if not change.blocked and not any(step.first for step in change.steps):
                changes[address] = replace(change, blocked=f"it waits for {need}, which is blocked")
                queue.append(address)
    return changes


def _with_names_passed_on(found: Mapping[Address, Change], leaving: set[Address]) -> dict[Address, Change]:
    """Return the changes; whoever takes a name waits for whoever has it, and circles are broken by placeholders."""
    passed = givers(found.values())
    circles = list(cycles(passed))
    lent = [circle for circle in circles if kind_of(circle[0]).lends_name]
    breaking = {circle[0] for circle in lent}
    stuck = {address for circle in circles if circle not in lent for address in circle}
    changes = dict(found)
    for circle in circles:
        if circle not in lent:
            why = kind_of(circle[0]).exchanged(circle)
            changes |= {address: replace(changes[address], blocked=why) for address in circle}
    for taker, giver in passed.items():
        kind = kind_of(giver)
        if kind.lends_name and giver in leaving | breaking:
            changes[taker] = replace(kind.taking_late(changes[taker]), takes_name_of=(giver,))
            changes[giver] = kind.giving_first(changes[giver])
            if giver in leaving:
                changes[giver] = replace(
                    changes[giver], depends_on=sorted_addresses((*changes[giver].depends_on, taker))
                )
        elif taker not in stuck:
            changes[taker] = kind.taking_late(changes[taker])
            changes[taker] = replace(changes[taker], depends_on=sorted_addresses((*changes[taker].depends_on, giver)))
    return changes


def _dependencies_first(changes: Mapping[Address, Change], queue: Iterable[Address]) -> Iterable[Change]:
    seen: set[Address] = set()
    # Without recursion: a name may pass through a thousand hands.
    stack = [(address, False) for address in reversed(list(queue))]
    while stack:
        address, is_ready = stack.pop()
        if is_ready:
            yield changes[address]
        elif address not in seen:
            seen.add(address)
            stack.append((address, True))
            stack += [(need, False) for need in reversed(changes[address].depends_on)]


def sides(change: Change) -> set[Address]:
    """Return the addresses that the resource has before the change, or after it."""
    own = change.address
    names = {(alias, *own.names[1:]) for alias in kind_of(own).organizations(change)} | {own.names}
    former = {(*each[:-1], change.renamed_from) for each in names} if change.renamed_from else set()
    return {replace(own, names=each) for each in names | former}


def without(changes: Iterable[Change], excluded: tuple[Address, ...]) -> tuple[tuple[Change, ...], tuple[Address, ...]]:
    """Return the changes but for what is excluded and what waits for it; and the addresses of what is left out.

    What leaves an organization, or takes another name, is excluded by what it was before, too.
    """
    found = tuple(changes)
    gone = {
        change.address for change in found if any(each.contains(side) for side in sides(change) for each in excluded)
    }
    size = -1
    while len(gone) > size:
        size = len(gone)
        gone |= {change.address for change in found if gone & {*change.depends_on, *change.takes_name_of}}
    return tuple(change for change in found if change.address not in gone), sorted_addresses(gone)


def restricted(changes: Iterable[Change], targets: tuple[Address, ...]) -> tuple[Change, ...]:
    """Return the changes that a target contains, with everything that they depend on."""
    by_address = {change.address: change for change in changes}
    if not targets:
        return tuple(by_address.values())
    wanted: set[Address] = set()
    queue = [address for address in by_address if any(target.contains(address) for target in targets)]
    while queue:
        address = queue.pop()
        if address not in wanted:
            wanted.add(address)
            queue += (*by_address[address].depends_on, *by_address[address].takes_name_of)
    return tuple(change for address, change in by_address.items() if address in wanted)
