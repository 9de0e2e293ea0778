"""From the events of YAML to plain values with their places; refuses what plain data cannot say."""

from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern
from typing import Final

import yaml

from reconciler.manifest.positions import Position, Spot, Step, path_text
from reconciler.manifest.syntax import BadSyntax, events, mark_of
from reconciler.manifest.yaml12 import MERGE_KEY, plain_value
from reconciler.model.errors import Problem

MAX_DEPTH: Final = 32
"""How deep values may be nested; a manifest needs 6."""

MAX_ALIASED: Final = 100_000
"""What the aliases of one document may add to it, in values and characters; an alias bomb adds billions."""

_VERSION: Final = (1, 2)
_CORE_TAGS: Final[dict[str, type | tuple[type, ...]]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": (int, float),
    "tag:yaml.org,2002:bool": bool,
    "tag:yaml.org,2002:null": type(None),
    "tag:yaml.org,2002:seq": list,
    "tag:yaml.org,2002:map": dict,
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file as plain values: what JSON can say."""

    file: str
    value: object
    root: Spot
    problems: tuple[Problem, ...] = ()
    """What the text says wrongly before anybody asks what it means."""
    is_incomplete: bool = False
    """Whether it refers to something that is invalid itself, so that nobody knows what it means."""


def read(file: str, text: str) -> Iterator[Document]:
    """Yield every document of ``text`` that is not empty.

    Raises:
        BadSyntax: The text is no YAML from some place on; the documents before it were yielded.
    """
    stream = events(text)
    for event in stream:
        if isinstance(event, yaml.DocumentStartEvent):
            _check_version(event)
            document = _Reader(file, stream).document()
            if document.value is not None or document.problems:
                yield document


@dataclass(frozen=True, slots=True)
class _Anchor:
    value: object
    spot: Spot
    size: int
    height: int


class _Reader:
    """Build one document, and collect what is wrong with its text."""

    def __init__(self, file: str, stream: Iterator[yaml.Event]) -> None:
        self._file = file
        self._stream = stream
        self._problems: list[Problem] = []
        self._path: list[Step] = []
        self._anchors: dict[str, _Anchor | None] = {}
        self._aliased = 0

    def document(self) -> Document:
        value, root = self._node(next(self._stream))
        return Document(self._file, value, root, tuple(self._problems))

    def _node(self, event: yaml.Event) -> tuple[object, Spot]:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if not isinstance(event, yaml.NodeEvent):
            raise TypeError(f"expected a value, got {event}")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        value, spot = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else self._collection(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, spot, *_size_and_height(value))
        return value, spot

    def _scalar(self, event: yaml.ScalarEvent) -> tuple[object, Spot]:
        mark = mark_of(event.start_mark)
        # The same keys and words come in every manifest: each is kept once.
        text = intern(event.value)
        spot = Spot(mark, text=text)
        if event.tag is None or event.tag == "!":
            plain = event.implicit[0] and event.tag is None
            return (plain_value(text) if plain else text), spot
        value = text if event.tag.endswith(":str") else plain_value(text)
        self._check_tag(event.tag, value, mark)
        return value, spot

    def _collection(self, event: yaml.NodeEvent) -> tuple[object, Spot]:
        mark = mark_of(event.start_mark)
        if len(self._path) >= MAX_DEPTH:
            message = f"Values are nested more than {MAX_DEPTH} deep; no manifest needs that."
            raise BadSyntax(mark, message, "Flatten the document.")
        built: dict[str, object] | list[object]
        if isinstance(event, yaml.MappingStartEvent):
            built, children = self._mapping()
        else:
            built, children = self._sequence()
        if isinstance(event, yaml.CollectionStartEvent) and event.tag not in {None, "!"}:
            self._check_tag(str(event.tag), built, mark)
        return built, Spot(mark, children=children)

    def _sequence(self) -> tuple[list[object], dict[Step, Spot]]:
        items: list[object] = []
        children: dict[Step, Spot] = {}
        for event in self._stream:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            self._path.append(len(items))
            item, children[len(items)] = self._node(event)
            items.append(item)
            self._path.pop()
        return items, children

    def _mapping(self) -> tuple[dict[str, object], dict[Step, Spot]]:
        values: dict[str, object] = {}
        children: dict[Step, Spot] = {}
        for event in self._stream:
            if isinstance(event, yaml.MappingEndEvent):
                break
            mark = mark_of(event.start_mark)
            key = self._key(event, mark)
            self._path.append("?" if key is None else key)
            if key is not None and key in children:
                self._refuse_double(children[key], mark)
                key = None
            value, spot = self._node(next(self._stream))
            self._path.pop()
            if key is not None:
                values[key], children[key] = value, spot._replace(key=mark)
        return values, children

    def _key(self, event: yaml.Event, mark: Position) -> str | None:
        if isinstance(event, yaml.ScalarEvent):
            key, _ = self._scalar(event)
            if event.anchor is not None:
                self._anchors[event.anchor] = _Anchor(key, Spot(mark, text=event.value), *_size_and_height(key))
            if key == MERGE_KEY and event.implicit[0]:
                self._refuse(mark, "YAML 1.2 has no merge keys ('<<').", "Write the keys out.")
                return None
            if isinstance(key, str):
                return key
            remedy = f'Put the key in quotes: "{event.value}".' if event.value else "Write a key before the ':'."
        else:
            self._path.append("?")
            self._node(event)
            self._path.pop()
            remedy = "Write the key out as plain text."
        self._refuse(mark, "A key must be text.", remedy)
        return None

    def _alias(self, event: yaml.AliasEvent) -> tuple[object, Spot]:
        mark, name = mark_of(event.start_mark), str(event.anchor)
        anchor = self._anchors.get(name)
        if anchor is None:
            if name in self._anchors:
                self._refuse(mark, f"The alias *{name} is used inside of its own anchor.", "Write the value out.")
            else:
                remedy = f"Define it before with &{name}, or put the text in quotes."
                self._refuse(mark, f"The alias *{name} has no anchor.", remedy)
            return None, Spot(mark)
        self._aliased += anchor.size
        if self._aliased > MAX_ALIASED:
            message = f"The aliases of this document add more than {MAX_ALIASED:,} values and characters to it."
            raise BadSyntax(mark, message, "Write the values out.")
        if len(self._path) + anchor.height > MAX_DEPTH:
            message = f"The alias *{name} nests values more than {MAX_DEPTH} deep; no manifest needs that."
            raise BadSyntax(mark, message, "Flatten the document.")
        return anchor.value, anchor.spot._replace(value=mark)

    def _check_tag(self, tag: str, value: object, mark: Position) -> None:
        expected = _CORE_TAGS.get(tag)
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        if expected is None:
            self._refuse(mark, f"The tag {shown} is unknown here.", "Remove the tag.")
        elif not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            self._refuse(mark, f"The value does not match its tag {shown}.", "Remove the tag, or correct the value.")

    def _refuse_double(self, first: Spot, mark: Position) -> None:
        self._refuse(mark, f"Duplicate key; it is first used on line {first.start.line}.", "Remove one of them.")

    def _refuse(self, mark: Position, message: str, remedy: str) -> None:
        steps = self._path[: self._path.index("?")] if "?" in self._path else self._path
        self._problems.append(Problem(self._file, *mark, path_text(steps), message, remedy))


def _check_version(event: yaml.DocumentStartEvent) -> None:
    if event.version not in {None, _VERSION}:
        message = "The file requires a YAML version other than 1.2."
        raise BadSyntax(mark_of(event.start_mark), message, "Remove the %YAML line.")


def _size_and_height(value: object) -> tuple[int, int]:
    if isinstance(value, dict):
        inner = [_size_and_height(item) for item in value.values()]
        size = sum(len(key) + 1 for key in value)
    elif isinstance(value, list):
        inner = [_size_and_height(item) for item in value]
        size = 0
    else:
        return 1 + (len(value) if isinstance(value, str) else 0), 0
    return 1 + size + sum(each for each, _ in inner), 1 + max((height for _, height in inner), default=0)
