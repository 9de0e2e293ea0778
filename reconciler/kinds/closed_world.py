"""Closed-world comparison: everything that a live object has counts, except a short list that the server owns.

This is the one place that names what is exempt, each with its reason.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.model.layout import ROTATION_MARK
from reconciler.model.sensitive import masked
from reconciler.model.value import Representation, Value, frozen, is_empty, unordered

# docs/decisions.md, 5 and 72: why all but this list counts, and what may be in it.
SERVER_OWNED: Final[Mapping[str, Mapping[str, str]]] = {
    "organization": {
        "id": "Keycloak's own key",
    },
    "client": {
        "id": "Keycloak's own key",
        "access": "what the caller may do with it, not a property of the client",
    },
    "client attribute": {
        "client.secret.creation.time": "written by Keycloak whenever a secret is made",
        "client.secret.expiration.time": "written by Keycloak's secret-rotation executor; judged in secret_times",
        "client.secret.rotated.creation.time": "written by Keycloak during a rotation",
        "client.secret.rotated.expiration.time": "written by Keycloak during a rotation; judged in secret_times",
        ROTATION_MARK: "written by rotate while a rotation is under way, and by nothing that is planned",
    },
    "service account": {
        "id": "Keycloak's own key",
        "username": "follows from the clientId; one that does not is judged in client",
        "createdTimestamp": "written by Keycloak once",
        "membershipType": "how it joined; only in listings of members",
    },
}
"""Per kind of representation: the keys that are not compared, and why."""

_NO_RULES: Final[Mapping[str, Value]] = {}
_UNORDERED: Final = frozenset({"redirectUris", "webOrigins", "requiredActions"})


def comparable(
    kind: str,
    representation: Representation,
    *,
    handled: frozenset[str] = frozenset(),
    rules: Mapping[str, Value] = _NO_RULES,
) -> Iterator[tuple[str, Value]]:
    """Yield every key that says something, but for those that the server owns or that ``handled`` compares itself.

    An empty value says no more than a missing one, so that both compare equal; a key that has a rule is always
    yielded, as the rule's own empty value where the server leaves it out. What is sensitive is masked.
    """
    exempt = SERVER_OWNED[kind].keys() | handled
    implied = {key: value for key, value in rules.items() if is_empty(value)}
    for key, raw in sorted({**implied, **representation}.items()):
        if key in exempt:
            continue
        value = unordered(raw) if key in _UNORDERED and raw else frozen(masked(raw, key))
        if key in rules or not is_empty(value):
            yield key, value


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
