"""Graphs as Mermaid (https://mermaid.js.org/syntax/flowchart.html) and as Graphviz's DOT.

A node is known by a number, and its name is only ever a label, in which everything but letters, digits and a few
harmless characters is written as an entity: names may come from others.
"""

import re
from typing import Final, assert_never

from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.review.graph import Graph, GraphFormat
from reconciler.review.labels import visible

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
