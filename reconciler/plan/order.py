"""Order the changes, and restrict them to targets."""

from collections.abc import Iterable
from dataclasses import replace

from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return the changes in the order of creation, deletes last and in reverse, with the dependencies that matter.

    A change depends only on changes of the same plan; an organization goes after what leaves
    with it, and a client after the webhooks of its organization.
    """
    found = list(changes)
    present = {change.address for change in found}
    deleted = {change.address for change in found if change.action is Action.DELETE}
    ordered = sorted(found, key=lambda change: change.address.sort_key)
    writes = [change for change in ordered if change.action is not Action.DELETE]
    deletes = [change for change in reversed(ordered) if change.action is Action.DELETE]
    return [_linked(change, present, deleted) for change in writes + deletes]


def _linked(change: Change, present: set[Address], deleted: set[Address]) -> Change:
    if change.action is not Action.DELETE:
        return replace(change, depends_on=tuple(a for a in change.depends_on if a in present))
    match change.address.kind:
        case Kind.ORGANIZATION:
            own = [a for a in deleted if a != change.address and change.address.contains(a)]
        case Kind.CLIENT:
            # A webhook is deleted with the token of a client.
            home = Address.organization(change.address.names[0])
            own = [a for a in deleted if a.kind is Kind.WEBHOOK and home.contains(a)]
        case _:
            own = []
    return replace(change, depends_on=tuple(sorted(own, key=lambda address: address.sort_key)))


def restricted(changes: list[Change], targets: tuple[Address, ...]) -> list[Change]:
    """Return the changes that a target contains, with everything that they depend on."""
    if not targets:
        return changes
    by_address = {change.address: change for change in changes}
    wanted: set[Address] = set()
    queue = [address for address in by_address if any(target.contains(address) for target in targets)]
    while queue:
        address = queue.pop()
        if address not in wanted:
            wanted.add(address)
            queue += by_address[address].depends_on
    return [change for change in changes if change.address in wanted]
