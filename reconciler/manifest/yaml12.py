"""Read plain scalars as the core schema of YAML 1.2 does (https://yaml.org/spec/1.2.2/, 10.3.2).

PyYAML speaks YAML 1.1, where ``NO`` is false, ``12:30`` is 750 and ``2026-01-15`` a date. Here all three are text.
"""

import re

Scalar = str | int | float | bool | None

MERGE_KEY = "<<"
"""A merge key of YAML 1.1; YAML 1.2 has none."""

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_STARTS = frozenset("0123456789+-.")
_DECIMAL = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER = frozenset((".nan", ".NaN", ".NAN"))
_LONGEST_NUMBER = 100
"""Digits beyond which a number is only known to be too large; Python refuses to convert some thousand."""


def plain_value(text: str) -> Scalar:
    """Return what an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_STARTS:
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    if _DECIMAL.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_NUMBER else float("inf")
    if _BASED.fullmatch(text):
        return int(text, base=0) if len(text) <= _LONGEST_NUMBER else float("inf")
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", ""))
    return float("nan") if text in _NOT_A_NUMBER else text
