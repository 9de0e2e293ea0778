"""Keep secrets that a live system repeats out of every message, whichever connection they came through."""

import base64
import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus

_MASK: Final = "***"
_SHORTEST: Final = 8
"""What is shorter stands in too many innocent words."""

_known: set[str] = set()


def remember(*values: str | None) -> None:
    """Take note of secrets of this process: none of them is ever said."""
    _known.update(value for value in values if value is not None and len(value) >= _SHORTEST)


def redacted(text: str) -> str:
    """Return the text with every secret masked, also in the forms that URLs, JSON and Basic logins give it."""
    forms = {form for value in _known.copy() for form in _forms(value)}
    # The longest first: one secret may be a part of another one's form.
    for form in sorted((form for form in forms if form in text), key=len, reverse=True):
        text = text.replace(form, _MASK)
    return text


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
