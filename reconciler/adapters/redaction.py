"""Keep secrets that a live system repeats out of every message, whichever connection they came through.

The secrets belong to a run, and end with it: runs beside each other in one process know only their own
(docs/decisions.md, 151).
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import quote, quote_plus

_MASK: Final = "***"
_SHORTEST: Final = 8
"""What is shorter stands in too many innocent words."""
_HEAD: Final = 7
"""By so many characters a form is looked up; the shortest form of the shortest secret has no more."""


class _Secrets:
    """The secrets of one run."""

    __slots__ = ("_by_head", "_values")

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._by_head: dict[str, tuple[set[int], set[str]]] = {}

    def __bool__(self) -> bool:
        """Tell whether any secret is known."""
        return bool(self._values)

    def add(self, value: str) -> None:
        """Take note of a secret, in every form in which it may be said."""
        if value in self._values:
            return
        self._values.add(value)
        for form in _forms(value):
            lengths, forms = self._by_head.setdefault(form[:_HEAD], (set(), set()))
            lengths.add(len(form))
            forms.add(form)

    def end_at(self, text: str, start: int) -> int:
        """Return where the longest secret that begins at ``start`` ends; ``start`` itself where none does."""
        # All access tokens begin alike: each length is looked up once, however many secrets have it.
        lengths, forms = self._by_head.get(text[start : start + _HEAD], ((), ()))
        return max([start, *(start + length for length in lengths if text[start : start + length] in forms)])


_RUN: ContextVar[_Secrets | None] = ContextVar("_RUN", default=None)


@contextmanager
def secrets_of_a_run() -> Iterator[None]:
    """Keep what is remembered meanwhile, here and in tasks that begin here, and forget it at the end.

    Within a run, this is a part of it: what comes after may repeat the secrets of any part.
    """
    if _RUN.get() is not None:
        yield
        return
    token = _RUN.set(_Secrets())
    try:
        yield
    finally:
        # Where another task closes what this one opened, there is nothing of this run.
        with suppress(ValueError):
            _RUN.reset(token)


def remember(*values: str | None) -> None:
    """Take note of secrets of this run: none of them is ever said."""
    run = _RUN.get()
    if run is None:
        _RUN.set(run := _Secrets())
    for value in values:
        if value is not None and len(value) >= _SHORTEST:
            run.add(value)


def redacted(text: str) -> str:
    """Return the text with every secret masked, also in the forms that URLs, JSON and Basic logins give it.

    It takes one pass over the text, however many secrets there are. What overlaps is masked as one.
    """
    run = _RUN.get()
    if not run:
        return text
    parts: list[str] = []
    kept, begin, end = 0, -1, -1
    for position in range(len(text)):
        if position >= end >= 0:
            parts += [text[kept:begin], _MASK]
            kept, begin, end = end, -1, -1
        found = run.end_at(text, position)
        if found > position:
            begin, end = position if begin < 0 else begin, max(end, found)
    if end >= 0:
        parts += [text[kept:begin], _MASK]
        kept = end
    return "".join((*parts, text[kept:]))


def redacted_within(content: Any) -> Any:
    """Return what JSON holds with every secret masked, in keys too."""
    if isinstance(content, dict):
        return {redacted(key): redacted_within(inner) for key, inner in content.items()}
    if isinstance(content, list):
        return [redacted_within(inner) for inner in content]
    return redacted(content) if isinstance(content, str) else content


def _forms(value: str) -> Iterator[str]:
    yield value
    yield quote(value, safe="")
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    raw = value.encode()
    # Behind something else, as in "Basic id:secret", the same bytes have one of three forms, but for their edges.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=").decode()
        inner = encoded[4 if shift else 0 : -1]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")
