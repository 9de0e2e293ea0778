"""Compare two sets of fields and name every path that differs."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.model.value import Fields, ObservedFields, Unknown, Value


def unknowns(before: ObservedFields) -> dict[str, str]:
    """Return the paths that could not be observed, each with its reason."""
    return {path: value.reason for path, value in before.items() if isinstance(value, Unknown)}


def known(before: ObservedFields) -> Fields:
    """Return the fields that could be observed."""
    return {path: value for path, value in before.items() if not isinstance(value, Unknown)}


def differing(before: Fields, after: Fields) -> tuple[str, ...]:
    """Return the top-level paths whose values differ, sorted; a missing path is worth None."""
    if before == after:
        return ()
    paths = before.keys() | after.keys()
    return tuple(sorted(path for path in paths if before.get(path) != after.get(path)))


def differences(path: str, before: Value, after: Value) -> Iterator[tuple[str, Value, Value]]:
    """Yield where inside one field the two values differ: ``(path, before, after)``, sorted by path.

    Objects are entered; a list, and an object that is there on one side only, is one value.
    """
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        yield path, before, after
        return
    # deepdiff takes 0.2 s to import, and most plans never need it.
    from deepdiff import DeepDiff

    tree = DeepDiff(dict(before), dict(after), view="tree")
    keys = {_object_keys(level.path(output_format="list")) for levels in tree.values() for level in levels}
    for inner in sorted(keys):
        yield ".".join((path, *inner)), _at(before, inner), _at(after, inner)


def _object_keys(path: list[Any]) -> tuple[str, ...]:
    keys: list[str] = []
    for key in path:
        if not isinstance(key, str):
            break
        keys.append(key)
    return tuple(keys)


def _at(value: Value, keys: tuple[str, ...]) -> Value:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
