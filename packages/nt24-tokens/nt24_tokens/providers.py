"""What programs use: tokens for threads, and for event loops."""

import asyncio
import concurrent.futures
import ssl
from collections.abc import AsyncGenerator, Generator
from typing import Any, Final, NoReturn, Self

import httpx

from nt24_tokens.endpoint import Secret, TokenEndpoint, from_environment
from nt24_tokens.source import TokenSource, value_of

DEFAULT_REALM: Final = "nt24-idp"


class _Provider(httpx.Auth):
    """What both kinds of providers share."""

    def __init__(
        self,
        keycloak_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        realm: str = DEFAULT_REALM,
        timeout: float = 10.0,
        deadline: float = 30.0,
        verify: ssl.SSLContext | bool = True,
        allow_http: bool = False,
    ) -> None:
        """Say whose tokens are wanted; nothing is asked yet.

        Args:
            keycloak_url: Keycloak's base URL, such as ``https://idp.example``.
            client_id: ``api-client-…``.
            client_secret: Its secret, or a function that returns it. The function is called for each token, so that a
                rotated secret is taken up without a restart.
            realm: The realm of the client.
            timeout: Seconds to wait for a connection, and for each part of an answer.
            deadline: Seconds that any caller waits at most, attempts and all.
            verify: An SSL context for a private CA or a client certificate. The standard proxy variables are honoured.
            allow_http: Allow plain HTTP to another machine than this one.

        Raises:
            WrongUsage: An argument makes no sense, or the secret would cross a network in clear.
        """
        endpoint = TokenEndpoint(
            keycloak_url, client_id, client_secret, realm=realm, timeout=timeout, verify=verify, allow_http=allow_http
        )
        self._source = TokenSource(endpoint, deadline)

    @classmethod
    def from_environment(cls, **settings: Any) -> Self:
        """Make a provider from KEYCLOAK_URL, NT24_REALM, NT24_CLIENT_ID and NT24_CLIENT_SECRET.

        Raises:
            WrongUsage: One of them is not set, or makes no sense.
        """
        return cls(**(from_environment() | settings))

    def forget(self, token: str) -> None:
        """Drop the token, if it is still this one: the API answered 401 to it. The next call fetches another."""
        self._source.forget(token)

    def _is_refused(self, request: httpx.Request, response: httpx.Response, token: str) -> bool:
        """Forget a token that the API refused; tell whether the request can be sent again with another."""
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return False
        self.forget(token)
        return isinstance(request.stream, httpx.ByteStream)  # a stream that was read cannot be sent again

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token provider holds a secret, and is not pickled or copied: make one where it is needed.")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._source.endpoint!r})"


class TokenProvider(_Provider):
    """Access tokens of one integration client, for ``httpx.Client`` or any other program with threads or without.

    A token is fetched when it is first needed, kept, and replaced a minute before it expires, by one request however
    many threads wait for it; a failure is shared as well, and a refusal is not asked for again within five seconds,
    unless the secret is another one by then. Where the API answers 401, a new token is fetched and the request repeated
    once. Where Keycloak does not answer, the old token is used as long as it serves. Nothing has to be closed::

        tokens = TokenProvider.from_environment()
        with httpx.Client(base_url="https://api.example", auth=tokens) as api:
            me = api.get("/v1/me")
    """

    def token(self) -> str:
        """Return an access token that is good for another minute, or half its life where that is shorter.

        Raises:
            TokenRefused: Keycloak does not accept the client.
            Unreachable: Keycloak does not answer in time, and there is no token that still serves.
        """
        if (value := self._source.fresh()) is not None:
            return value
        flight = self._source.flight()
        concurrent.futures.wait([flight], self._source.deadline)
        if not flight.done():
            raise self._source.late()
        return value_of(flight.result())

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Drive httpx's exchange for one request."""
        value = self.token()
        request.headers["Authorization"] = f"Bearer {value}"
        if self._is_refused(request, (yield request), value):
            request.headers["Authorization"] = f"Bearer {self.token()}"
            yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Refuse: waiting for a token would block the event loop."""
        raise RuntimeError("This is for httpx.Client; use AsyncTokenProvider with httpx.AsyncClient.")
        yield request


class AsyncTokenProvider(_Provider):
    """Access tokens of one integration client, for ``httpx.AsyncClient`` or any other asynchronous program.

    It does what :class:`TokenProvider` does, and blocks no event loop; several loops may share one, in as many threads.
    A task that is cancelled takes nothing from the others::

        tokens = AsyncTokenProvider.from_environment()
        async with httpx.AsyncClient(base_url="https://api.example", auth=tokens) as api:
            me = await api.get("/v1/me")

    A function that returns the secret is called in the event loop: it must not block for long.
    """

    async def token(self) -> str:
        """Return an access token that is good for another minute, or half its life where that is shorter.

        Raises:
            TokenRefused: Keycloak does not accept the client.
            Unreachable: Keycloak does not answer in time, and there is no token that still serves.
        """
        if (value := self._source.fresh()) is not None:
            return value
        waiting = asyncio.wrap_future(self._source.flight())
        try:
            done, _ = await asyncio.wait([waiting], timeout=self._source.deadline)
        finally:
            waiting.cancel()
        if not done:
            raise self._source.late()
        return value_of(waiting.result())

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:  # noqa: ARG002
        """Refuse: waiting for a token would block the event loop."""
        raise RuntimeError("This is for httpx.AsyncClient; use TokenProvider with httpx.Client.")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Drive httpx's exchange for one request."""
        value = await self.token()
        request.headers["Authorization"] = f"Bearer {value}"
        if self._is_refused(request, (yield request), value):
            request.headers["Authorization"] = f"Bearer {await self.token()}"
            yield request
