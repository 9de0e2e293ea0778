"""Merge patches (RFC 7396) on representations: what an update step says, and what is sent."""

from collections.abc import Mapping
from typing import Any

from reconciler.model.value import Representation, Value, plain


def merged(representation: Representation, patch: Mapping[str, Value]) -> dict[str, Any]:
    """Return the representation with the patch applied: objects merge, None removes, everything else replaces."""
    result = dict(representation)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            inner = result.get(key)
            result[key] = merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            result[key] = plain(value)
    return result


def nested(flat: Mapping[tuple[str, ...], Value]) -> dict[str, Value]:
    """Return the patch that sets each value at its path of keys."""
    patch: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, last = path
        place = patch
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = value
    return patch
