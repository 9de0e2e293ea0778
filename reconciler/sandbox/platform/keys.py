"""The public keys that a realm signs its tokens with."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import httpx
import jwt

from reconciler.sandbox.platform.problems import KeycloakUnavailable

_MAX_AGE_SECONDS: Final = 300.0
_PAUSE_SECONDS: Final = 1.0


class KeySource(Protocol):
    """Know public keys by their id."""

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """Return the key; None when the realm does not sign with it."""


class RealmKeys:
    """Read a realm's JWKS, keep it for five minutes, and read it again when a token names a key that is not in it.

    Tokens with made-up keys cannot make it read more than once a second: it waits instead. A realm that does
    not exist (yet) has no keys.
    """

    def __init__(self, http: httpx.AsyncClient, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._read_at = float("-inf")

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """Return the key; None when the realm does not sign with it.

        Raises:
            KeycloakUnavailable: The keys are needed and cannot be read.
        """
        asked_at = self._clock()
        if kid in self._keys and asked_at - self._read_at < _MAX_AGE_SECONDS:
            return self._keys[kid]
        async with self._lock:
            if self._read_at < asked_at:  # nobody read them while we waited for our turn
                await asyncio.sleep(max(0.0, self._read_at + _PAUSE_SECONDS - self._clock()))
                self._read_at = self._clock()
                self._keys = await self._read()
        return self._keys.get(kid)

    async def _read(self) -> Mapping[str, jwt.PyJWK]:
        try:
            response = await self._http.get(self._url)
        except httpx.TransportError as error:
            raise KeycloakUnavailable(f"{self._url}: {error!r}") from error
        if response.status_code == httpx.codes.NOT_FOUND:
            return {}
        if response.status_code != httpx.codes.OK:
            raise KeycloakUnavailable(f"{self._url} answered {response.status_code}")
        keys: list[dict[str, Any]] = response.json()["keys"]
        return {key["kid"]: jwt.PyJWK(key) for key in keys if key.get("use") == "sig"}
