"""When an access token is good enough, and when it is replaced; setting the machine's clock changes nothing."""

from typing import Final, Protocol

from nt24_tokens.token import Token

_EARLY: Final = 60.0
"""Seconds before expiry at which a token is replaced, as the NT24 Integration API asks for."""
_LAST_MOMENT: Final = 5.0
"""Seconds before expiry from which a token is not sent any more: it could end on its way."""
_PAUSE: Final = 5.0
"""Seconds until a refresh that failed is tried again, while the old token still serves."""


class Monotonic(Protocol):
    """A clock that never goes back; the module ``time`` is one."""

    def monotonic(self) -> float:
        """Return seconds from some fixed moment."""
        ...


class TokenCache:
    """Keep one token. It does not lock: whoever shares it does."""

    __slots__ = ("_clock", "_ends", "_replace_at", "_token")

    def __init__(self, clock: Monotonic) -> None:
        self._clock = clock
        self._token: Token | None = None
        self._replace_at = self._ends = 0.0

    def fresh(self) -> str | None:
        """Return the token if it is good for another minute, or half its life where that is shorter."""
        return self._token.value if self._token and self._clock.monotonic() < self._replace_at else None

    def keep(self, token: Token, asked: float) -> str:
        """Take a new token, and return it; ``asked`` is when it was asked for."""
        self._token = token
        self._replace_at = asked + max(token.lifetime - _EARLY, token.lifetime / 2)
        self._ends = asked + token.lifetime - _LAST_MOMENT
        return token.value

    def make_do(self) -> str | None:
        """Return the old token if it still serves, now that it could not be replaced; replacing waits a little."""
        now = self._clock.monotonic()
        if self._token is None or now >= self._ends:
            return None
        self._replace_at = now + _PAUSE
        return self._token.value

    def forget(self, value: str) -> None:
        """Drop the token if it is still ``value``: a server refused it."""
        if self._token is not None and self._token.value == value:
            self._token = None
