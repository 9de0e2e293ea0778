"""Places inside a document: paths such as ``spec.clients[0].clientId``, and their line and column."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.manifest import ITEM_KEYS
from reconciler.model.place import Place

Step = str | int
"""A key of a mapping, or an index (from 0) of a list."""

_NO_CHILDREN: Mapping[Step, "Spot"] = MappingProxyType({})
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_STEP = re.compile(r"""\.?([A-Za-z_][A-Za-z0-9_-]*)|\[("(?:[^"\\]|\\.)*"|[^\]"]+)\]""", re.ASCII)


class Position(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int


class Spot(NamedTuple):
    """Where a value stands in the text, and what stands inside it."""

    value: Position
    key: Position | None = None
    children: Mapping[Step, "Spot"] = _NO_CHILDREN
    text: str | None = None
    """The scalar as it was written, without quotes."""
    file: str = ""
    """The file, if it is not the document's own: an overlay says so."""

    def nearest(self, steps: Sequence[Step]) -> "Spot":
        """Return the spot of ``steps``, or of its nearest ancestor that exists."""
        spot = self
        for step in steps:
            child = spot.children.get(step)
            if child is None:
                break
            spot = child
        return spot

    def in_file(self, file: str) -> "Spot":
        """Return the spot with all inside it as that of another file than the document's own."""
        return self._replace(file=file, children={step: each.in_file(file) for step, each in self.children.items()})

    @property
    def names(self) -> tuple[str, ...]:
        """Return what an item of a list may be called, in small letters; its identity is one of them."""
        texts = (self.children[key].text for key in ITEM_KEYS.values() if key in self.children)
        return tuple(text.casefold() for text in texts if text)

    def item(self, name: str) -> "Spot | None":
        """Return the item of a list that is called so, or has that index."""
        if name.isdecimal() and int(name) in self.children:
            return self.children[int(name)]
        return next((each for each in self.children.values() if name.casefold() in each.names), None)

    @property
    def start(self) -> Position:
        """Return where a reader looks first: the key, or the value of a list's item."""
        return self.key or self.value


def path_text(steps: Sequence[Step]) -> str:
    """Return ``steps`` as people write them: ``spec.clients[0].clientId``, ``metadata.labels["a.b"]``."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _BARE_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text


def path_steps(path: str) -> tuple[str, ...]:
    """Return the steps of a path; what stands in brackets stays text, be it an index, an id or a quoted key."""
    return tuple(bare or (json.loads(inner) if inner.startswith('"') else inner) for bare, inner in _STEP.findall(path))


@dataclass(frozen=True, slots=True)
class Source:
    """Say where one manifest stands."""

    file: str
    root: Spot

    def at(self, steps: Sequence[str]) -> Place:
        """Return the place of ``steps``, or of their nearest ancestor; an item of a list may go by its name."""
        spot = _walk(self.root, steps)
        return Place(spot.file or self.file, spot.start.line, spot.start.column)


@dataclass(frozen=True, slots=True)
class Sources:
    """Find the lines that say what a resource shall be."""

    by_address: Mapping[Address, Source] = field(default_factory=dict)
    """Where each manifest stands, by the address of its organization or realm."""

    def at(self, address: Address, path: str = "") -> Place | None:
        """Return the place of ``path``, or of its nearest ancestor; nothing for a resource without a manifest.

        ``path`` starts at the document (``spec.capabilities.rateLimitTier``), for a client or a webhook at its
        item of the list (``accessTokenLifespan``). In brackets stands an index as written in the file, or the id
        of an item: ``spec.authorizedPartners[3b0d…]``.
        """
        items, source = kind_of(address).items, self.by_address.get(address.home)
        if source is None:
            return None
        item = ("spec", items, address.name) if items else ()
        return source.at((*item, *path_steps(path)))

    def items_elsewhere(self, address: Address, path: str) -> dict[str, Place]:
        """Return where the items of an organization's list stand that are in another file than its own.

        They are by their names, in small letters.
        """
        source = self.by_address.get(address)
        spots = source.root.nearest(path_steps(path)).children.values() if source else ()
        found = ((name, each) for each in spots if each.file for name in each.names)
        return {name: Place(each.file, each.start.line, each.start.column) for name, each in found}


def _walk(spot: Spot, steps: Sequence[str]) -> Spot:
    for step in steps:
        child = spot.children.get(step) or spot.item(step)
        if child is None:
            break
        spot = child
    return spot
