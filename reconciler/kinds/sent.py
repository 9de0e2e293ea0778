"""What an admin event says was sent: the value that a request gave one field, in the field's own terms."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.sensitive import masked
from reconciler.model.value import Unknown, Value, frozen

NOT_SENT: Final = Unknown("the request does not name the field")


def value_at(fields: Mapping[str, Value | Unknown], path: str) -> Value | Unknown:
    """Return the value at a path, which may lead into an object; None where there is none."""
    if path in fields:
        return fields[path]
    for known, value in fields.items():
        if path.startswith(f"{known}.") and isinstance(value, Mapping):
            return value_at(value, path.removeprefix(f"{known}."))
    return None


def plain_at(content: Mapping[str, Any], keys: tuple[str, ...]) -> Value | Unknown:
    """Return what a representation says at a path of keys; a number that is sent as text counts as a number."""
    place: Any = content
    for key in keys:
        if not isinstance(place, Mapping) or key not in place:
            return NOT_SENT
        place = place[key]
    if isinstance(place, str) and place.isdecimal():
        return int(place)
    return frozen(place)


def mapper_sent(content: Value, path: str) -> Value | Unknown:
    """Return what a request that sent one protocol mapper says at a path, which begins with the mapper's name."""
    if not isinstance(content, Mapping):
        return NOT_SENT
    sent = {key: frozen(masked(content.get(key))) for key in ("protocol", "protocolMapper", "config")}
    return value_at({str(content.get("name")): sent}, path)


def roles_sent(content: Value) -> frozenset[str]:
    """Return the names of the roles that a request gave or took, without their clients'."""
    items = content if isinstance(content, tuple) else (content,)
    return frozenset(str(item["name"]) for item in items if isinstance(item, Mapping) and "name" in item)


def texts(value: Value) -> list[str]:
    """Return the values of an attribute that was sent: a client's is one text, an organization's several."""
    return [*map(str, value)] if isinstance(value, tuple) else str(value or "").split()
