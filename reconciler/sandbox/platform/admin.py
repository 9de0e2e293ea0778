"""Read from Keycloak as its administrator."""

import time
from pathlib import Path

import httpx

from nt24_tokens.cache import Monotonic
from nt24_tokens.cached import BearerAuth, CachedToken
from nt24_tokens.token import Token, token_of, token_path
from reconciler.sandbox.platform.problems import KeycloakUnavailable


class AdminSession:
    """Send GET requests to the Admin API, with a token that is kept and replaced early."""

    def __init__(
        self, http: httpx.AsyncClient, keycloak_url: str, user: str, password_file: Path, clock: Monotonic = time
    ) -> None:
        self._http = http
        self._url = keycloak_url
        self._user = user
        self._password_file = password_file
        self._auth = BearerAuth(CachedToken(self._log_in, clock))

    async def get(self, path: str) -> httpx.Response:
        """Return the answer to ``GET {keycloak}/admin/realms{path}``, which is 200 or 404.

        Raises:
            KeycloakUnavailable: There is no such answer.
        """
        url = f"{self._url}/admin/realms{path}"
        try:
            response = await self._http.get(url, auth=self._auth)
        except httpx.TransportError as error:
            raise KeycloakUnavailable(f"{url}: {error!r}") from error
        if response.status_code not in {httpx.codes.OK, httpx.codes.NOT_FOUND}:
            raise KeycloakUnavailable(f"{url} answered {response.status_code}")
        return response

    async def _log_in(self) -> Token:
        password = self._password_file.read_text(encoding="ascii").strip()
        form = {"grant_type": "password", "client_id": "admin-cli", "username": self._user, "password": password}
        response = await self._http.post(f"{self._url}{token_path('master')}", data=form)
        if response.status_code != httpx.codes.OK:
            raise KeycloakUnavailable(f"Keycloak's administrator cannot log in: {response.status_code}")
        return token_of(response.json())
