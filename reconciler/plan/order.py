"""Order the changes, and restrict them to targets."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change
from reconciler.model.layout import SOFT_DELETED_MARK


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return the changes in the order of creation, what leaves last and in reverse, with the dependencies that matter.

    What leaves is deleted, or suspended and disabled instead. A change depends only on changes of the same plan; an
    organization goes after what leaves with it, and a client after the webhooks of its organization.
    """
    found = list(changes)
    present = {change.address for change in found}
    leaving = {change.address for change in found if _is_leaving(change)}
    ordered = sorted(found, key=lambda change: change.address.sort_key)
    writes = [change for change in ordered if change.address not in leaving]
    last = [change for change in reversed(ordered) if change.address in leaving]
    return [_linked(change, present, leaving) for change in writes + last]


def _is_leaving(change: Change) -> bool:
    return change.action is Action.DELETE or SOFT_DELETED_MARK in (change.after or {})


def _linked(change: Change, present: set[Address], leaving: set[Address]) -> Change:
    if change.address not in leaving:
        return replace(change, depends_on=tuple(a for a in change.depends_on if a in present))
    match change.address.kind:
        case Kind.ORGANIZATION:
            own = [a for a in leaving if a != change.address and change.address.contains(a)]
        case Kind.CLIENT:
            # A webhook is written with the token of a client.
            home = Address.organization(change.address.names[0])
            own = [a for a in leaving if a.kind is Kind.WEBHOOK and home.contains(a)]
        case Kind.WEBHOOK:
            # Its mark is on the organization: what else is written there comes first.
            own = [a for a in change.depends_on if a in present - leaving]
        case _:
            own = []
    return replace(change, depends_on=tuple(sorted(own, key=lambda address: address.sort_key)))


def restricted(changes: Sequence[Change], targets: tuple[Address, ...]) -> tuple[Change, ...]:
    """Return the changes that a target contains, with everything that they depend on."""
    if not targets:
        return tuple(changes)
    by_address = {change.address: change for change in changes}
    wanted: set[Address] = set()
    queue = [address for address in by_address if any(target.contains(address) for target in targets)]
    while queue:
        address = queue.pop()
        if address not in wanted:
            wanted.add(address)
            queue += by_address[address].depends_on
    return tuple(change for change in changes if change.address in wanted)
