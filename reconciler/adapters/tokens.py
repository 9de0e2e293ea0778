"""Access tokens: fetched once for many callers, and refreshed a minute before they expire."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from reconciler.adapters.http import ApiClient, not_its_own
from reconciler.model.errors import AccessRefused, RequestFailed
from reconciler.ports import Clock

_EARLY: Final = 60.0
"""Seconds before expiry at which a token is replaced, as the NT24 Integration API asks for."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; ``lifetime`` is in seconds. It never shows in a repr."""

    value: str = field(repr=False)
    lifetime: float


async def fetch_token(http: ApiClient, realm: str, form: Mapping[str, str]) -> Token:
    """Ask the realm's token endpoint.

    Raises:
        AccessRefused: The credentials are not accepted; the cause carries the OAuth error.
    """
    path = f"/realms/{realm}/protocol/openid-connect/token"
    try:
        response = await http.post(path, data=dict(form))
    except RequestFailed as error:
        refused = AccessRefused(error.message)
        raise refused from error
    try:
        body = response.json()
        return Token(body["access_token"], float(body.get("expires_in", 60)))
    except (ValueError, KeyError, TypeError):
        raise not_its_own(http.system, response, f"POST {path}") from None


class CachedToken:
    """One token that many callers share; it is fetched by the first who needs it, while the others wait."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._good_until = 0.0

    async def get(self) -> str:
        """Return a token that is good for another minute, or half its life where that is shorter."""
        async with self._lock:
            if self._token is None or self._clock.monotonic() >= self._good_until:
                started = self._clock.monotonic()
                self._token = await self._fetch()
                self._good_until = started + max(self._token.lifetime - _EARLY, self._token.lifetime / 2)
            return self._token.value

    def forget(self, value: str) -> None:
        """Drop the token if it is still ``value``: a server refused it."""
        if self._token is not None and self._token.value == value:
            self._token = None


class BearerAuth(httpx.Auth):
    """Send the cached token; where a server refuses it, fetch a new one and try once more."""

    def __init__(self, token: CachedToken) -> None:
        self._token = token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Drive httpx's exchange for one request."""
        value = await self._token.get()
        request.headers["Authorization"] = f"Bearer {value}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token.forget(value)
            request.headers["Authorization"] = f"Bearer {await self._token.get()}"
            yield request
