"""From text to the events of YAML, and from a parser's complaints to plain words."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import yaml

from reconciler.manifest.dialect import Dialect, Misread, ended, refused_in
from reconciler.manifest.positions import Position

LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's parser: the one in C where it was built, ten times as fast."""

_UNREADABLE = re.compile(
    "[^\x09\x0a\x0d\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Control characters, and the line breaks on which YAML 1.1 and 1.2 do not agree."""

_COMPLAINTS: Final = (
    (
        r"mapping values are not allowed",
        "There is a second ': ' on the line, or the line is indented differently from the one above.",
        "Put a text that contains ': ' in quotes, or correct the indentation.",
    ),
    (
        r"could not find expected ':'",
        "The line has no ': ' after its key.",
        "Write 'key: value', or correct the indentation.",
    ),
    (
        r"expected key|expected <block end>|expected '-' indicator|block sequence entries are not allowed",
        "The line does not fit the lines above it.",
        "Correct the indentation: keys of one mapping, and items of one list, start in the same column.",
    ),
    (r"expected ',' or '\}'", "A mapping in braces is not closed.", "Add the missing ',' or '}'."),
    (r"expected ',' or '\]'", "A list in brackets is not closed.", "Add the missing ',' or ']'."),
    (
        r"unexpected end of stream|unexpected document separator",
        "A quoted text is not closed.",
        "Add the missing quote.",
    ),
    (
        r"escape (character|sequence)|hexdecimal|hexadecimal|invalid Unicode",
        "The text has an unknown escape after a backslash.",
        "Write it in single quotes, or double the backslash.",
    ),
    (
        r"cannot start any token",
        "A value must not start with this character.",
        "Put the text in quotes.",
    ),
    (
        r"alphabetic or numeric|while scanning an (anchor|alias)",
        "A value must not start with '*' or '&': these mean aliases and anchors.",
        "Put the text in quotes.",
    ),
    (
        r"expected node content|expected the node content",
        "A value is missing, or a bracket before it is not closed.",
        "Write the value, or close the bracket.",
    ),
    (r"tag handle", "An undeclared tag is used.", "Remove the tag."),
    (
        r"incompatible|%YAML|version",
        "The file requires a YAML version other than 1.2.",
        "Remove the %YAML line.",
    ),
)


class BadSyntax(Exception):
    """Say where and why a text is no YAML; what follows the place cannot be read."""

    def __init__(self, mark: Position, message: str, remedy: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.remedy = remedy


def events(text: str) -> Iterator[yaml.Event]:
    """Yield the events of ``text``, from the first document's start on.

    Raises:
        BadSyntax: The text is no YAML from some place on.
    """
    refuse_unreadable(text)
    _refuse(refused_in(text))
    text = ended(text)
    loader, reading = LOADER(text), Dialect(text)
    try:
        while loader.check_event():
            event = loader.get_event()
            _refuse(reading.misread(event))
            yield event
    except yaml.MarkedYAMLError as error:
        raise _in_plain_words(error, text) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise BadSyntax(Position(1, 1), f"The file is not valid YAML: {error}.", "Correct it.") from error
    finally:
        loader.dispose()


def _refuse(found: Misread | None) -> None:
    if found is not None:
        raise BadSyntax(_place(found.line, found.column), found.message, found.remedy)


def refuse_unreadable(text: str) -> None:
    """Refuse characters that no manifest needs and that readers do not see.

    Raises:
        BadSyntax: There is one.
    """
    found = _UNREADABLE.search(text)
    if found is None:
        return
    before = text[: found.start()]
    mark = Position(before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1)
    if found.group() == "\ufeff" and found.start() == 0:
        raise BadSyntax(mark, "The file starts with a byte order mark.", "Save it as UTF-8 without one.")
    message = f"The file contains the invisible character U+{ord(found.group()):04X}."
    raise BadSyntax(mark, message, "Remove it.")


def mark_of(mark: Any) -> Position:
    """Return PyYAML's mark (from 0) as ours (from 1)."""
    return _place(mark.line, mark.column)


@lru_cache(maxsize=1 << 16)
def _place(line: int, column: int) -> Position:
    # The same places come in every file: of thousands of manifests, one Position each is a tenth of all memory.
    return Position(line + 1, column + 1)


def _in_plain_words(error: yaml.MarkedYAMLError, text: str) -> BadSyntax:
    complaint = str(error.problem or error.context)
    context = str(error.context or "")
    # What is not closed, or lacks its colon, is best shown where it starts.
    starts_there = "simple key" in context or "quoted scalar" in context or "flow" in context
    marks = (error.context_mark, error.problem_mark) if starts_there else (error.problem_mark, error.context_mark)
    mark = next((mark_of(mark) for mark in marks if mark is not None), Position(1, 1))
    if "cannot start any token" in complaint and _character_at(text, mark) == "\t":
        return BadSyntax(mark, "A tab is used for indentation.", "Indent with spaces.")
    for pattern, message, remedy in _COMPLAINTS:
        if re.search(pattern, complaint):
            return BadSyntax(mark, message, remedy)
    return BadSyntax(mark, f"This is not valid YAML: {complaint}.", "Correct the line, or the one above it.")


def _character_at(text: str, mark: Position) -> str:
    line = text.split("\n")[mark.line - 1] if mark.line <= text.count("\n") + 1 else ""
    return line[mark.column - 1 : mark.column]
