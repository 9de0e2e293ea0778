"""Put together what has the same key."""

from collections.abc import Callable, Iterable
from typing import TypeVar

_Each = TypeVar("_Each")
_Key = TypeVar("_Key")


def grouped(found: Iterable[_Each], key: Callable[[_Each], _Key]) -> dict[_Key, list[_Each]]:
    """Return what has the same key together, in the order in which the keys are found."""
    groups: dict[_Key, list[_Each]] = {}
    for each in found:
        groups.setdefault(key(each), []).append(each)
    return groups
