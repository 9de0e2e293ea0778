"""The secrets of a place, and the search for them: in clear, in parts, and in the forms that carry them elsewhere."""

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

_WINDOW = 12
"""A run of so many characters of a secret is none by chance."""


class Hoard:
    """Every secret that ever was, by what it is."""

    def __init__(self) -> None:
        self._secrets: dict[str, set[str]] = {}

    def add(self, what: str, *values: str | None) -> None:
        """Take note of secrets; whoever adds none has made a mistake."""
        found = {value for value in values if value}
        assert found, f"no secret of this kind: {what}"
        assert all(len(value) >= _WINDOW for value in found), f"too short to be searched for: {what}"
        self._secrets.setdefault(what, set()).update(found)

    def found_in(self, text: str) -> list[str]:
        """Return what of it shows in a text, by what it is: never the secret itself."""
        return sorted(what for what, values in self._secrets.items() if any(_shows(value, text) for value in values))


def _shows(secret: str, text: str) -> bool:
    return any(part in text for form in _forms(secret) for part in _parts(form))


def _forms(secret: str) -> Iterator[str]:
    yield from {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    raw = secret.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            # What stands before it, as in a Basic login, shifts the bytes; its edges then depend on its neighbours.
            yield encode(b"\0" * before + raw).decode().rstrip("=")[4:-1]
    yield raw.hex()


def _parts(form: str) -> Iterable[str]:
    return (form[start : start + _WINDOW] for start in range(0, max(len(form) - _WINDOW, 0) + 1, _WINDOW // 2))
