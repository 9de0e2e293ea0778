"""What depends on what: a graph whose arrows lead from what is applied first to what needs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address, sorted_by_address
from reconciler.model.change import Action
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan


class GraphFormat(StrEnum):
    """How a graph is written."""

    MERMAID = "mermaid"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Graph:
    """Resources with what happens to them, None where no plan says it; and the arrows, first what comes first."""

    nodes: Mapping[Address, Action | None]
    arrows: tuple[tuple[Address, Address], ...]

    def only(self, wanted: Iterable[Address]) -> "Graph":
        """Return the part with the wanted resources, and everything that they need."""
        queue, kept = list(wanted), set[Address]()
        while queue:
            address = queue.pop()
            if address not in kept:
                kept.add(address)
                queue += [first for first, then in self.arrows if then == address]
        return replace(
            self,
            nodes={address: action for address, action in self.nodes.items() if address in kept},
            arrows=tuple(arrow for arrow in self.arrows if kept.issuperset(arrow)),
        )

    def around(self, targets: tuple[Address, ...]) -> "Graph":
        """Return the part that the targets contain, and everything that it needs; all of it without targets."""
        if not targets:
            return self
        return self.only([a for a in self.nodes if any(target.contains(a) for target in targets)])

    def changes(self) -> "Graph":
        """Return the part that changes, and everything that it needs."""
        return self.only([address for address, action in self.nodes.items() if action not in {None, Action.NO_OP}])


def graph_of_manifests(desired: DesiredState) -> Graph:
    """Return the graph of what the manifests declare."""
    realm = desired.realm.name if desired.realm else ""
    found = [each for kind in KINDS.values() for each in kind.declared(desired, realm, owner="")]
    return _graph(
        dict.fromkeys(each.address for each in found), {each.address: each.writer for each in found if each.writer}
    )


def graph_of_plan(plan: Plan) -> Graph:
    """Return the graph of what is managed, with what the plan does to it; what is deleted goes before what it needs."""
    nodes: dict[Address, Action | None] = dict.fromkeys(plan.unchanged, Action.NO_OP)
    nodes |= {change.address: change.action for change in plan.changes}
    senders = {
        change.address: sender
        for change in plan.changes
        if change.sender and (sender := Address.client(change.address.alias, change.sender)) in change.depends_on
    }
    return _graph(nodes, senders)


def _graph(nodes: Mapping[Address, Action | None], senders: Mapping[Address, Address]) -> Graph:
    ordered = dict(sorted_by_address(nodes))
    realm = next((address for address in ordered if not address.alias), None)
    arrows = []
    for address, action in ordered.items():
        needed = _needed(address, realm, senders)
        if needed in ordered:
            arrows.append((address, needed) if action is Action.DELETE else (needed, address))
    return Graph(ordered, tuple(arrows))


def _needed(address: Address, realm: Address | None, senders: Mapping[Address, Address]) -> Address | None:
    if address == address.home:
        return realm if address != realm else None
    # A webhook is written with the token of a client.
    return senders.get(address, address.home)
