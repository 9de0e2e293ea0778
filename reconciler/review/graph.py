"""What depends on what: a graph whose arrows lead from what is applied first to what needs it.

It is written as Mermaid (https://mermaid.js.org/syntax/flowchart.html) or as Graphviz's DOT. A node is known by a
number, and its name is only ever a label, in which everything but letters, digits and a few harmless characters is
written as an entity: names may come from others.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, assert_never

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address, sorted_by_address
from reconciler.model.change import Action
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.model.text import visible

_COLOURS: Final = {
    Action.CREATE: ("#dafbe1", "#1a7f37"),
    Action.UPDATE: ("#fff8c5", "#9a6700"),
    Action.ADOPT: ("#fff8c5", "#9a6700"),
    Action.DELETE: ("#ffebe9", "#cf222e"),
    Action.NO_OP: ("#f6f8fa", "#59636e"),
}
"""Fill and line, by what happens; it is also said in words."""
_TEXT: Final = "#1f2328"
_ODD: Final = re.compile(r"[^\w /.:@-]|_", re.ASCII)


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

    def without(self, excluded: tuple[Address, ...]) -> "Graph":
        """Return the graph but for what is excluded, and what needs it."""
        left = {address for address in self.nodes if any(each.contains(address) for each in excluded)}
        size = -1
        while len(left) > size:
            size = len(left)
            left |= {then for first, then in self.arrows if first in left}
        return self.only([address for address in self.nodes if address not in left])

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


def graph_text(graph: Graph, form: GraphFormat) -> str:
    """Return the graph, with a line end."""
    match form:
        case GraphFormat.MERMAID:
            return _mermaid(graph)
        case GraphFormat.DOT:
            return _dot(graph)
        case _:
            assert_never(form)


def _mermaid(graph: Graph) -> str:
    ids = _ids(graph)
    lines = ["flowchart LR"]
    for address, action in graph.nodes.items():
        kind = f":::{_class(action)}" if action else ""
        lines.append(f'  {ids[address]}["{_entities(_label(address, action), "#")}"]{kind}')
    lines += [f"  {ids[first]} --> {ids[then]}" for first, then in graph.arrows]
    used = {action for action in graph.nodes.values() if action}
    for action, (fill, line) in _COLOURS.items():
        if action in used:
            lines.append(f"  classDef {_class(action)} fill:{fill},stroke:{line},color:{_TEXT}")
    return "\n".join([*lines, ""])


def _dot(graph: Graph) -> str:
    ids = _ids(graph)
    lines = ["digraph reconciler {", "  rankdir=LR;", '  node [shape=box, style="rounded,filled", fillcolor=white];']
    for address, action in graph.nodes.items():
        fill, line = _COLOURS[action] if action else ("white", "black")
        # Graphviz reads backslashes as escapes, even where an entity brought them.
        label = _entities(_label(address, action).replace("\\", "\\\\"), "&#")
        lines.append(f'  {ids[address]} [label="{label}", fillcolor="{fill}", color="{line}"];')
    lines += [f"  {ids[first]} -> {ids[then]};" for first, then in graph.arrows]
    return "\n".join([*lines, "}", ""])


def _ids(graph: Graph) -> dict[Address, str]:
    return {address: f"n{number}" for number, address in enumerate(graph.nodes, start=1)}


def _class(action: Action) -> str:
    return "unchanged" if action is Action.NO_OP else action.value


def _label(address: Address, action: Action | None) -> str:
    changes = action not in {None, Action.NO_OP}
    return f"{visible(str(address))}: {action}" if changes else visible(str(address))


def _entities(text: str, head: str) -> str:
    return _ODD.sub(lambda found: f"{head}{ord(found.group())};", text)
