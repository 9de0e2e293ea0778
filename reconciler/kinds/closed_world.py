"""Closed-world comparison: everything that a live object has counts, except what its table says is exempt."""

from collections.abc import Iterator, Mapping

from reconciler.kinds.field import FieldTable
from reconciler.model.sensitive import masked
from reconciler.model.value import Representation, Value, frozen, is_empty, unordered


# docs/decisions.md, 5 and 72: why all but what is exempt counts.
def comparable(
    table: FieldTable, below: str, representation: Representation, *, handled: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Value]]:
    """Yield every key that says something as a field ``below`` a path, but for those that the server owns.

    Keys in ``handled`` are compared elsewhere. An empty value says no more than a missing one, so that both compare
    equal; a field that has a rule is always yielded, as the rule's own empty value where the server leaves it out.
    What is sensitive is masked.
    """
    implied = {path.removeprefix(below): rule for path, rule in table.empty_rules.items() if path.startswith(below)}
    for key, raw in sorted({**implied, **representation}.items()):
        path = below + key
        if key in handled or path in table.exempt:
            continue
        value = unordered(raw) if path in table.sets and raw else frozen(masked(raw, key))
        if path in table.rules or not is_empty(value):
            yield path, value


def empty_like(value: Value) -> Value:
    """Return what to send so that Keycloak forgets ``value``."""
    match value:
        case bool():
            return False
        case int() | float():
            return 0
        case str():
            return ""
        case tuple():
            return ()
        case Mapping():
            return dict.fromkeys(value, "")
        case None:
            return None
