"""Lengths of time as people write them: ``90d``, ``48h``, ``30m``, ``45s``."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

from reconciler.model.text import quoted

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_GIVEN = r"([0-9]{1,10}(?:\.[0-9]{1,6})?)([dhms]?)"
_PATTERN = r"^[1-9][0-9]{0,9}[dhms]$"
_LONGEST = 2**31 - 1
"""Keycloak keeps the seconds of its rotation policy in 32 bits: some 68 years."""


def seconds(text: str) -> int:
    """Return the seconds that ``text`` means.

    Raises:
        ValueError: ``text`` is not a whole number with one of the units d, h, m, s.
    """
    if not re.fullmatch(_PATTERN, text):
        raise ValueError(f"{quoted(text)} is not a duration; write a whole number and a unit: 90d, 48h, 30m, 45s")
    length = int(text[:-1]) * _UNITS[text[-1]]
    if length > _LONGEST:
        raise ValueError(
            f"'{text}' is longer than Keycloak can store; the maximum is {text_of(_LONGEST // 86_400 * 86_400)}"
        )
    return length


def given_seconds(text: str) -> float:
    """Return the seconds of what an option or a variable gives: ``90``, ``0.5``, ``90s``, ``5m``, ``2h``, ``30d``.

    A bare number counts seconds, as it does in other programs' options; in a file, where nobody sees the option's help,
    :func:`seconds` wants the unit.

    Raises:
        ValueError: ``text`` is no such number.
    """
    found = re.fullmatch(_GIVEN, text, re.ASCII)
    if found is None:
        raise ValueError(f"{quoted(text)} is not a duration; write 90s, 5m, 2h or 30d; a bare number counts seconds")
    length = float(found[1]) * _UNITS[found[2] or "s"]
    if length > _LONGEST:
        raise ValueError(f"'{text}' is too long; the maximum is {text_of(_LONGEST // 86_400 * 86_400)}")
    return length


def text_of(length: int) -> str:
    """Return ``length`` seconds in the largest unit that divides it."""
    return next(f"{length // size}{unit}" for unit, size in _UNITS.items() if length % size == 0)


def _parse(value: Any, info: ValidationInfo) -> int:
    if isinstance(value, str):
        return seconds(value)
    # Code may give seconds; in a file a bare number says nothing about its unit.
    if isinstance(value, int) and not isinstance(value, bool) and info.mode == "python":
        return value
    raise ValueError("a duration is a whole number and a unit: 90d, 48h, 30m, 45s")


Duration = Annotated[
    int,
    BeforeValidator(_parse),
    Field(gt=0, le=_LONGEST),
    PlainSerializer(text_of),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["90d", "48h", "30m", "45s"]}),
]
"""Seconds, written as ``48h`` in a manifest."""


def about(length: timedelta) -> str:
    """Return a length of time in its two largest units, as people say it: ``47 h 59 min``; at least ``0 s``."""
    left = max(0, int(length.total_seconds()))
    for size, unit, smaller, name in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min")):
        if left >= size:
            rest = left % size // smaller
            return f"{left // size} {unit}" + (f" {rest} {name}" if rest else "")
    return f"{left // 60} min" if left >= 60 else f"{left} s"
