"""An access token, and how Keycloak's token endpoint answers with one."""

import math
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")
"""What can stand in a header: a line break would end it, and let what follows be another."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; ``lifetime`` is in seconds. It never shows in a repr."""

    value: str = field(repr=False)
    lifetime: float


def token_path(realm: str) -> str:
    """Return the path of the realm's token endpoint, below Keycloak's base URL."""
    return f"/realms/{quote(realm, safe='')}/protocol/openid-connect/token"


def token_of(answer: object) -> Token:
    """Return the token of a token response (RFC 6749, section 5.1); without ``expires_in`` it counts as 60 s.

    A number of seconds may be written as text, and one below zero is none left.

    Raises:
        ValueError: This is no token response.
    """
    match answer:
        case {"access_token": str(value), **rest} if _SENDABLE.fullmatch(value):
            try:
                # Whatever the answer holds is tried; what is no number is refused.
                lifetime = float(rest.get("expires_in", 60))  # type: ignore[arg-type]
            except (TypeError, OverflowError):
                lifetime = math.nan
            if math.isfinite(lifetime):
                return Token(value, max(0.0, lifetime))
    raise ValueError("This is no token response.")
