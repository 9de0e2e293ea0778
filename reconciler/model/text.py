"""Texts that every system takes, and that a reader sees whole."""

import os
from pathlib import Path
from typing import Final

_LONGEST_QUOTE: Final = 60


def whole_text(text: str) -> str:
    """Return the text with U+FFFD, as decoders have it, where half of a surrogate pair stands: UTF-8 carries none."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def file_name(path: Path) -> str:
    """Return a path as text that every output takes: bytes of it that are not UTF-8 are escaped."""
    name = path.as_posix()
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def quoted(value: object) -> str:
    """Return ``value`` in quotes, cut short, with everything invisible escaped."""
    text = repr(str(value))
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…{text[-1]}"


def visible(text: str) -> str:
    """Escape what a terminal would obey: live values come from others."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def counted(number: int, noun: str) -> str:
    """Return ``3 clients`` or ``1 client``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
