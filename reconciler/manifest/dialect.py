"""Refuse what PyYAML reads otherwise than YAML 1.2 says, or what its two parsers do not read alike.

PyYAML has a parser in C and one in Python. Where they disagree with each other, or with yaml-test-suite, the text is
refused with a sentence, so that no manifest means one thing here and another elsewhere.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import yaml

_DIRECTIVE: Final = re.compile(r"^%(?!YAML ).*$", re.MULTILINE)
_LATE_DIRECTIVE: Final = re.compile(r"^(?!%|#|\.\.\.|[ ]*$)[^\n]*\n(?:[ ]*(?:#[^\n]*)?\n)*%", re.MULTILINE)
_TAB: Final = re.compile(r"^(?:[^\n#\t]|(?<![ \n])#)*\t", re.MULTILINE)
_LAST_LINE_OF_BLANKS: Final = re.compile(r"\n +\Z")
_HEADER: Final = re.compile(r"[^|>\n]*[|>][-+0-9]*")
_AFTER_NAME: Final = frozenset(" \n\r,]}")


class Misread(NamedTuple):
    """Where (from 0) a text is not read as YAML 1.2 says, why, and what to do."""

    line: int
    column: int
    message: str
    remedy: str


def refused_in(text: str) -> Misread | None:
    """Return what a text holds that is refused before it is parsed."""
    directive = _DIRECTIVE.search(text) if "%" in text else None
    if directive is not None:
        return _at(
            text, directive.start(), "Only %YAML 1.2 is allowed after a '%' at the start of a line.", "Remove it."
        )
    late = _LATE_DIRECTIVE.search(text) if "\n%" in text else None
    if late is not None:
        message = "A directive follows a document that is not closed."
        return _at(text, late.end() - 1, message, "Remove the line that starts with '%'.")
    tab = _TAB.search(text) if "\t" in text else None
    if tab is not None:
        is_first = not text[text.rfind("\n", 0, tab.end()) + 1 : tab.end()].strip()
        message = "A tab is used for indentation." if is_first else "A tab is used between or inside of values."
        remedy = "Indent with spaces." if is_first else 'Write a space, or \\t in double quotes: "\\t".'
        return _at(text, tab.end() - 1, message, remedy)
    return None


def ended(text: str) -> str:
    """Return the text with its last line ended, where only blanks stand on it: parsers forget them otherwise."""
    return f"{text}\n" if _LAST_LINE_OF_BLANKS.search(text) else text


class Dialect:
    """Follow the events of one text, and find what was not read as YAML 1.2 says."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._has_hash = "#" in text
        self._has_question = "?" in text
        self._end = 0
        self._columns = [-1]
        """The columns of the collections around an event that are not in brackets."""
        self._flows: list[tuple[int, int]] = []
        """The collections in brackets around it: where each starts, by line, and the column of what is around it."""

    def misread(self, event: yaml.Event) -> Misread | None:
        """Return what is wrong with the event, and remember it for the next."""
        start: Any = event.start_mark
        end: Any = event.end_mark
        found = None
        # Most texts hold none of these: thousands of manifests are read with it.
        if self._has_hash or self._has_question or getattr(event, "anchor", None) is not None:
            found = self._beside(event, start.index)
        self._end = max(self._end, end.index)
        if isinstance(event, yaml.ScalarEvent):
            if event.style or event.value == "-":
                found = found or self._scalar(event, start, end)
            return found
        if isinstance(event, yaml.CollectionStartEvent):
            if event.flow_style:
                self._flows.append((start.line, self._columns[-1]))
            elif not self._flows:
                self._columns.append(start.column)
        elif isinstance(event, yaml.CollectionEndEvent):
            if self._flows:
                first, around = self._flows.pop()
                found = found or self._outdented(first, end.line, around, closing="]}")
            else:
                self._columns.pop()
        return found

    def _beside(self, event: yaml.Event, start: int) -> Misread | None:
        text = self._text
        comment = text.find("#", self._end, start) if self._has_hash else -1
        if comment > 0 and text[comment - 1] not in " \n\r":
            return _at(text, comment, "A comment must be preceded by a space.", "Put a space before the '#'.")
        if isinstance(event, yaml.NodeEvent):
            if start > self._end - 1 and text[start - 1 : start] == "?":
                return _at(text, start - 1, "A value must not start with '?' here.", "Put the text in quotes.")
            name = event.anchor
            if name is not None:
                sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
                after = text.find(f"{sign}{name}", start) + len(name) + 1
                if text[after : after + 1] not in _AFTER_NAME and after < len(text):
                    message = "The name of an anchor or alias may hold only letters, digits, '-' and '_'."
                    return _at(text, after, message, "Rename it, or put the text in quotes.")
        return None

    def _scalar(self, event: yaml.ScalarEvent, start: Any, end: Any) -> Misread | None:
        if event.style in {"|", ">"}:
            return self._block(start.index, start.line)
        if event.style and end.line > start.line and not self._flows:
            return self._outdented(start.line, end.line, self._columns[-1], closing="")
        if not event.style and event.value == "-":
            return _at(self._text, start.index, "A value must not be just '-'.", "Put it in quotes.")
        return None

    def _block(self, start: int, line: int) -> Misread | None:
        header = _HEADER.match(self._text, start)
        if header is not None and self._text[header.end() : header.end() + 1] == "#":
            message = "A comment must be preceded by a space."
            return _at(self._text, header.end(), message, "Put a space before the '#'.")
        blanks = 0
        for number in range(line + 1, len(self._lines)):
            each = self._lines[number].rstrip("\r")
            if not each.strip(" "):
                blanks = max(blanks, len(each))
                continue
            if blanks > len(each) - len(each.lstrip(" ")) and not re.search("[0-9]", header.group() if header else ""):
                message = "A blank line before the text is indented more than the text."
                return Misread(number - 1, 0, message, "Remove the spaces of that line.")
            break
        return None

    def _outdented(self, first: int, last: int, around: int, closing: str) -> Misread | None:
        for number in self._followers(first, last) if around >= 0 else ():
            line = self._lines[number]
            content = line.lstrip(" ")
            # A closing bracket below its key is what everybody writes, and every parser reads.
            is_closing = number == last and closing and content[:1] in closing
            if len(line) - len(content) <= around and not is_closing:
                message = "The line is not indented more than the key or list to which its text or bracket belongs."
                return Misread(number, len(line) - len(content), message, "Indent it.")
        return None

    def _followers(self, first: int, last: int) -> Iterator[int]:
        numbers = range(first + 1, min(last + 1, len(self._lines)))
        return (number for number in numbers if self._lines[number].strip("\r ")[:1] not in {"", "#"})


def _at(text: str, index: int, message: str, remedy: str) -> Misread:
    return Misread(text.count("\n", 0, index), index - (text.rfind("\n", 0, index) + 1), message, remedy)
