"""Sensitive values: what a name, or the value itself, says to be a secret is shown as present, and never said.

Keycloak keeps some secrets where it keeps anything else: the keys that it makes for a SAML client are attributes, and
whoever calls an attribute, or a setting of a mapper, ``…password`` has put one there.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

SENSITIVE: Final = "(sensitive value)"
"""Stands in the place of every sensitive value: it compares equal to any other one."""

_SAYS: Final = re.compile(
    r"secret|passw(or)?d|passphrase|pwd|(private|api|access|signing|encryption)key|credential|(token|bearer)s?$"
)
_ONLY_ABOUT: Final = re.compile(
    r"(time|certificate|publickey|kid|alg|algorithm|type|enabled|allowed|policy|lifespan|expiration|period)s?$"
)
"""Ends of names that are about a secret, and hold none."""
_PAIRS: Final = (("claim.name", "claim.value"), ("key", "value"), ("name", "value"))
"""Keys of an object that name a value, and hold it."""


# docs/decisions.md, 136: why by the name, and where.
@lru_cache(maxsize=4096)
def is_sensitive(name: str) -> bool:
    """Tell whether what has the name is a secret; case, dots and dashes make no difference."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    return _SAYS.search(letters) is not None and _ONLY_ABOUT.search(letters) is None


def masked(content: Any, name: str = "") -> Any:
    """Return what JSON holds, in the same shape, without its sensitive values; ``name`` is what the whole is called."""
    return _masked(content, hides=is_sensitive(name))


def _masked(content: Any, *, hides: bool) -> Any:
    if isinstance(content, Mapping):
        named = {held for naming, held in _PAIRS if is_sensitive(str(content.get(naming, "")))}
        return {
            key: _masked(inner, hides=hides or key in named or is_sensitive(str(key))) for key, inner in content.items()
        }
    if isinstance(content, list | tuple):
        return type(content)(_masked(inner, hides=hides) for inner in content)
    if not isinstance(content, str):
        return content
    is_secret = (hides and content and content.lower() not in {"true", "false"}) or "PRIVATE KEY-----" in content
    return SENSITIVE if is_secret else content
