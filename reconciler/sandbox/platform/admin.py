"""Read from Keycloak as its administrator."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict

from reconciler.sandbox.platform.problems import KeycloakUnavailable

_EARLY_SECONDS: Final = 15.0
"""How long before its end a token is replaced; Keycloak's administrators get tokens for 60 s."""


class _Token(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str
    expires_in: float


class AdminSession:
    """Send GET requests to the Admin API, with a token that is kept and replaced early."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        keycloak_url: str,
        user: str,
        password_file: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._url = keycloak_url
        self._user = user
        self._password_file = password_file
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._good_until = float("-inf")

    async def get(self, path: str) -> httpx.Response:
        """Return the answer to ``GET {keycloak}/admin/realms{path}``, which is 200 or 404.

        Raises:
            KeycloakUnavailable: There is no such answer.
        """
        url = f"{self._url}/admin/realms{path}"
        try:
            response = await self._get(url)
            if response.status_code == httpx.codes.UNAUTHORIZED:  # Keycloak was restarted, say
                self._good_until = float("-inf")
                response = await self._get(url)
        except httpx.TransportError as error:
            raise KeycloakUnavailable(f"{url}: {error!r}") from error
        if response.status_code not in {httpx.codes.OK, httpx.codes.NOT_FOUND}:
            raise KeycloakUnavailable(f"{url} answered {response.status_code}")
        return response

    async def _get(self, url: str) -> httpx.Response:
        return await self._http.get(url, headers={"Authorization": f"Bearer {await self._access_token()}"})

    async def _access_token(self) -> str:
        async with self._lock:
            if self._clock() >= self._good_until:
                await self._log_in()
            return self._token

    async def _log_in(self) -> None:
        asked_at = self._clock()
        response = await self._http.post(
            f"{self._url}/realms/master/protocol/openid-connect/token",
            data={
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": self._user,
                "password": self._password_file.read_text(encoding="ascii").strip(),
            },
        )
        if response.status_code != httpx.codes.OK:
            raise KeycloakUnavailable(f"Keycloak's administrator cannot log in: {response.status_code}")
        token = _Token.model_validate_json(response.content)
        self._token = token.access_token
        self._good_until = asked_at + token.expires_in - _EARLY_SECONDS
