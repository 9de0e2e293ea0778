"""Read a list in pages, so that nothing is missed where a server returns fewer than asked for, or the list moves.

Keycloak pages by offset. While objects come and go, what follows moves to other offsets; and a server, or something in
between, may return fewer objects than ``max`` although there are more. So each page begins with the last object of the
one before, and a short page is the last one only where it is known that a longer one could have been returned.
"""

import json
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

_T = TypeVar("_T")

_FEW: Final = 10
"""So few objects are a whole list where any other list had more on one page."""


# docs/decisions.md, 128: why a short page alone ends no list.
class Lengths:
    """Remember how many objects one page of each kind of list has held: no cap is below that."""

    def __init__(self) -> None:
        self._longest: dict[str, int] = {}

    def is_last(self, kind: str, length: int, asked: int) -> bool:
        """Tell whether a page of this length is the last one; one that is full, or may have been cut short, is not."""
        of_kind, of_any = self._longest.get(kind, 0), max(self._longest.values(), default=0)
        self._longest[kind] = max(of_kind, length)
        return length < asked and (length == 0 or length < of_kind or (length < _FEW and length < of_any))


class Listing(Generic[_T]):
    """Collect one list from its pages, each object once."""

    def __init__(self, keep: Callable[[dict[str, Any]], _T], limit: int = 0) -> None:
        self._keep = keep
        self._limit = limit
        self._found: dict[str, _T] = {}
        self._page: list[dict[str, Any]] = []
        self._overlap = 0
        self.first = 0
        """The offset to ask from next."""
        self.is_done = False
        self.has_moved = False
        """Whether objects may be missing, because others before them went away."""
        self.is_cut = False
        """Whether objects may be missing, because a full page is returned whatever the offset."""

    @property
    def items(self) -> tuple[_T, ...]:
        """Return what was kept, in the server's order."""
        return tuple(self._found.values())

    def take(self, page: list[dict[str, Any]], *, is_last: bool, asked: int) -> None:
        """Take the page that was asked for, of at most so many objects."""
        if self._overlap and (not page or _key(page[0]) not in self._found):
            self.is_done = self.has_moved = True
            return
        for item in page:
            if (key := _key(item)) not in self._found:
                self._found[key] = self._keep(item)
        is_full = 0 < self._limit <= len(self._found)
        # What does not know offsets returns the same page for ever: all that there is, unless it is a full one.
        self.is_cut = page == self._page and len(page) == asked > 1 and not is_full
        self.is_done = is_last or is_full or len(page) == self._overlap or page == self._page
        self._page, self._overlap = page, int(len(page) > 1)
        self.first += len(page) - self._overlap


def _key(item: dict[str, Any]) -> str:
    """Return what tells the objects of a list apart; identity providers have no id."""
    return str(item.get("id") or item.get("alias") or json.dumps(item, sort_keys=True))
