"""Tokens for ``httpx.AsyncClient``: one refresh for many tasks."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, NoReturn

import httpx

from reconciler.integrator.cache import Monotonic, TokenCache
from reconciler.integrator.endpoint import Secret, TokenEndpoint, from_environment, is_worth_repeating, retries
from reconciler.integrator.token import Token
from reconciler.model.errors import Unreachable
from reconciler.model.layout import DEFAULT_REALM


class CachedToken:
    """One token that many tasks share; it is fetched by the first who needs it, while the others wait."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]], clock: Monotonic) -> None:
        self._fetch = fetch
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
        except Unreachable:
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
        raise RuntimeError("This is for httpx.AsyncClient; use TokenProvider with httpx.Client.")

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


class AsyncTokenProvider(BearerAuth):
    """Access tokens of one integration client, for ``httpx.AsyncClient`` or any other asynchronous program.

    A token is fetched when it is first needed, kept, and replaced a minute before it expires, by one request however
    many tasks wait for it. Where the API answers 401, a new one is fetched and the request repeated once. Nothing has
    to be closed::

        tokens = AsyncTokenProvider.from_environment()
        async with httpx.AsyncClient(base_url="https://api.example", auth=tokens) as api:
            me = await api.get("/v1/me")

    The arguments are those of :class:`reconciler.integrator.TokenProvider`.
    """

    def __init__(
        self,
        keycloak_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        realm: str = DEFAULT_REALM,
        timeout: float = 10.0,
        verify: ssl.SSLContext | bool = True,
        allow_http: bool = False,
    ) -> None:
        self._endpoint = TokenEndpoint(
            keycloak_url, client_id, client_secret, realm=realm, timeout=timeout, verify=verify, allow_http=allow_http
        )
        super().__init__(CachedToken(self._fetch, time))

    @classmethod
    def from_environment(cls, **settings: Any) -> "AsyncTokenProvider":
        """Make a provider from KEYCLOAK_URL, NT24_REALM, NT24_CLIENT_ID and NT24_CLIENT_SECRET.

        Raises:
            WrongUsage: One of them is not set, or makes no sense.
        """
        return cls(**(from_environment() | settings))

    async def token(self) -> str:
        """Return an access token that is good for another minute, or half its life where that is shorter.

        Raises:
            TokenRefused: Keycloak does not accept the client.
            Unreachable: Keycloak does not answer, and there is no token that still serves.
        """
        return await self._token.get()

    def forget(self, token: str) -> None:
        """Drop the token, if it is still this one: the API answered 401 to it. The next call fetches another."""
        self._token.forget(token)

    async def _fetch(self) -> Token:
        retry = retries()
        async with httpx.AsyncClient(**self._endpoint.settings()) as http:
            while True:
                answer = await _asked(http, self._endpoint)
                if retry.is_exhausted() or not is_worth_repeating(answer):
                    return self._endpoint.token(answer)
                retry = retry.increment()
                await retry.asleep(answer)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token provider holds a secret, and is not pickled or copied: make one where it is needed.")

    def __repr__(self) -> str:
        return f"AsyncTokenProvider({self._endpoint!r})"


async def _asked(http: httpx.AsyncClient, endpoint: TokenEndpoint) -> httpx.Response | httpx.TransportError:
    """Return the answer or the failure: an error that is raised from here would carry frames that know the secret."""
    try:
        return await http.post(endpoint.url, data=endpoint.form())
    except httpx.TransportError as error:
        return error
