"""For programs that fetch tokens by an HTTP client of their own: one token for many tasks of an event loop."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

import httpx

from nt24_tokens.cache import Monotonic, TokenCache
from nt24_tokens.errors import Unreachable
from nt24_tokens.token import Token


class CachedToken:
    """One token that many tasks share; it is fetched by the first who needs it, while the others wait.

    ``away`` is what ``fetch`` raises where the server does not answer, and the old token may still serve.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[Token]], clock: Monotonic, away: type[Exception] = Unreachable
    ) -> None:
        self._fetch = fetch
        self._away = away
        self._clock = clock
        self._cache = TokenCache(clock)
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(self) -> str:
        """Return a token that is good for another minute, or half its life where that is shorter.

        Where it cannot be replaced because Keycloak does not answer, the old one is returned as long as it serves.
        """
        async with self._lock_of_this_loop():
            return self._cache.fresh() or await self._replaced()

    def forget(self, value: str) -> None:
        """Drop the token if it is still ``value``: a server refused it."""
        self._cache.forget(value)

    async def _replaced(self) -> str:
        asked = self._clock.monotonic()
        try:
            token = await self._fetch()
        except self._away:
            if (old := self._cache.make_do()) is None:
                raise
            return old
        return self._cache.keep(token, asked)

    def _lock_of_this_loop(self) -> asyncio.Lock:
        # A lock belongs to one event loop; a program may run several, one after the other.
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._lock = loop, asyncio.Lock()
        return self._lock


class BearerAuth(httpx.Auth):
    """Send the cached token; where a server refuses it, fetch a new one and try once more."""

    def __init__(self, token: CachedToken) -> None:
        self._token = token

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:  # noqa: ARG002
        """Refuse: waiting for a token would block the event loop."""
        raise RuntimeError("This is for httpx.AsyncClient.")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Drive httpx's exchange for one request."""
        value = await self._token.get()
        request.headers["Authorization"] = f"Bearer {value}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token.forget(value)
            if isinstance(request.stream, httpx.ByteStream):  # a stream that was read cannot be sent again
                request.headers["Authorization"] = f"Bearer {await self._token.get()}"
                yield request
