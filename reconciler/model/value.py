"""Comparable values: what a field of a resource is worth, in a form with one spelling only.

Sets are sorted tuples, so that order never makes a difference; everything hashes to a stable fingerprint.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from typing_extensions import TypeAliasType

Value = TypeAliasType("Value", "bool | int | float | str | tuple[Value, ...] | Mapping[str, Value] | None")
"""A JSON value; a list is a tuple."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stand for a value that could not be observed."""

    reason: str


Fields: TypeAlias = Mapping[str, Value]
"""Path to value. A path that is missing has the value None."""

ObservedFields: TypeAlias = Mapping[str, Value | Unknown]

Representation: TypeAlias = Mapping[str, Any]
"""A Keycloak representation: JSON as the Admin API speaks it, without secrets."""

_LENGTH: Final = 12


def plain(value: Value) -> Any:
    """Return the value as JSON types: tuples become lists."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [plain(inner) for inner in value]
    return value


def frozen(value: Any) -> Value:
    """Return a JSON value with its lists as tuples, in the order they came in."""
    if isinstance(value, Mapping):
        return {str(key): frozen(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(frozen(inner) for inner in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"not a JSON value: {value!r}")


def unordered(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values as a set: sorted, each once."""
    return tuple(sorted(set(values)))


def is_empty(value: Value) -> bool:
    """Tell whether the value says no more than a missing one: None, false, or nothing inside."""
    return value is None or value is False or value in ("", ()) or (isinstance(value, Mapping) and not value)


def names(value: Value) -> tuple[str, ...]:
    """Return a value that holds names, or something by name; () where there is none."""
    return tuple(map(str, value)) if isinstance(value, tuple | Mapping) else ()


def names_gone(path: str, before: Fields, after: Fields) -> tuple[str, ...]:
    """Return the names of a field that ``after`` does not have any more."""
    kept = names(after.get(path))
    return tuple(name for name in names(before.get(path)) if name not in kept)


def fingerprint(value: Value) -> str:
    """Return a short fingerprint that equal values share, whatever their order of keys."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # A lone surrogate is legal in JSON, and no reason to fail.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def switch_of(value: Value) -> Value:
    """Return the value; of an attribute that holds ``true`` or ``false`` as text, the flag that it means."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
