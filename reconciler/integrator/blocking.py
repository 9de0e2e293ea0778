"""Tokens for ``httpx.Client`` and for threads: one refresh for many of them."""

import ssl
import threading
import time
from collections.abc import AsyncGenerator, Generator
from typing import Any, NoReturn

import httpx

from reconciler.integrator.cache import TokenCache
from reconciler.integrator.endpoint import Secret, TokenEndpoint, from_environment, is_worth_repeating, retries
from reconciler.integrator.token import Token
from reconciler.model.errors import Unreachable
from reconciler.model.layout import DEFAULT_REALM


class TokenProvider(httpx.Auth):
    """Access tokens of one integration client, for ``httpx.Client`` or any other program with threads or without.

    A token is fetched when it is first needed, kept, and replaced a minute before it expires, by one request however
    many threads wait for it. Where the API answers 401, a new one is fetched and the request repeated once. Where
    Keycloak does not answer, the old token is used as long as it serves. Nothing has to be closed::

        tokens = TokenProvider.from_environment()
        with httpx.Client(base_url="https://api.example", auth=tokens) as api:
            me = api.get("/v1/me")
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
        """Say whose tokens are wanted; nothing is asked yet.

        Args:
            keycloak_url: Keycloak's base URL, such as ``https://idp.example``.
            client_id: ``api-client-…``.
            client_secret: Its secret, or a function that returns it. The function is called for each token, so that a
                rotated secret is taken up without a restart.
            realm: The realm of the client.
            timeout: Seconds to wait for a connection, and for an answer.
            verify: An SSL context for a private CA or a client certificate. The standard proxy variables are honoured.
            allow_http: Allow plain HTTP to another machine than this one.

        Raises:
            WrongUsage: An argument makes no sense, or the secret would cross a network in clear.
        """
        self._endpoint = TokenEndpoint(
            keycloak_url, client_id, client_secret, realm=realm, timeout=timeout, verify=verify, allow_http=allow_http
        )
        self._cache = TokenCache(time)
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls, **settings: Any) -> "TokenProvider":
        """Make a provider from KEYCLOAK_URL, NT24_REALM, NT24_CLIENT_ID and NT24_CLIENT_SECRET.

        Raises:
            WrongUsage: One of them is not set, or makes no sense.
        """
        return cls(**(from_environment() | settings))

    def token(self) -> str:
        """Return an access token that is good for another minute, or half its life where that is shorter.

        Raises:
            TokenRefused: Keycloak does not accept the client.
            Unreachable: Keycloak does not answer, and there is no token that still serves.
        """
        with self._lock:
            return self._cache.fresh() or self._replaced()

    def forget(self, token: str) -> None:
        """Drop the token, if it is still this one: the API answered 401 to it. The next call fetches another."""
        with self._lock:
            self._cache.forget(token)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Drive httpx's exchange for one request."""
        value = self.token()
        request.headers["Authorization"] = f"Bearer {value}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self.forget(value)
            if isinstance(request.stream, httpx.ByteStream):  # a stream that was read cannot be sent again
                request.headers["Authorization"] = f"Bearer {self.token()}"
                yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Refuse: waiting for a token would block the event loop."""
        raise RuntimeError("This is for httpx.Client; use AsyncTokenProvider with httpx.AsyncClient.")
        yield request

    def _replaced(self) -> str:
        asked = time.monotonic()
        try:
            token = self._fetch()
        except Unreachable:
            if (old := self._cache.make_do()) is None:
                raise
            return old
        return self._cache.keep(token, asked)

    def _fetch(self) -> Token:
        retry = retries()
        with httpx.Client(**self._endpoint.settings()) as http:
            while True:
                answer = _asked(http, self._endpoint)
                if retry.is_exhausted() or not is_worth_repeating(answer):
                    return self._endpoint.token(answer)
                retry = retry.increment()
                retry.sleep(answer)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token provider holds a secret, and is not pickled or copied: make one where it is needed.")

    def __repr__(self) -> str:
        return f"TokenProvider({self._endpoint!r})"


def _asked(http: httpx.Client, endpoint: TokenEndpoint) -> httpx.Response | httpx.TransportError:
    """Return the answer or the failure: an error that is raised from here would carry frames that know the secret."""
    try:
        return http.post(endpoint.url, data=endpoint.form())
    except httpx.TransportError as error:
        return error
