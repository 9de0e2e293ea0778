"""Keycloak's Admin API for one realm, and the reconciler's login to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from reconciler.adapters.admin.clients import ClientEndpoints
from reconciler.adapters.admin.organizations import OrganizationEndpoints
from reconciler.adapters.admin.realm import RealmEndpoints
from reconciler.adapters.admin.roles import RoleEndpoints
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.roles import explain_forbidden
from reconciler.adapters.secrets import SecretVault
from reconciler.adapters.tokens import BearerAuth, CachedToken, Token, fetch_token
from reconciler.model.errors import AccessRefused, NotFound
from reconciler.ports import AdminApi, Clock

_STATIC_TOKEN_LIFETIME: Final = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class AdminLogin:
    """Who the reconciler is: a client by its secret, a user by a password, or a ready access token."""

    realm: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)

    def form(self) -> dict[str, str]:
        """Return the token request's form."""
        secret = {"client_secret": self.client_secret} if self.client_secret else {}
        if self.username is None:
            return {"grant_type": "client_credentials", "client_id": self.client_id, **secret}
        user = {"username": self.username, "password": self.password or ""}
        return {"grant_type": "password", "client_id": self.client_id, **secret, **user}


class KeycloakApi(RealmEndpoints, OrganizationEndpoints, ClientEndpoints, RoleEndpoints, AdminApi):
    """Implement the port ``AdminApi`` for one realm of a real Keycloak."""


@asynccontextmanager
async def connect(
    connection: Connection, login: AdminLogin, realm: str, vault: SecretVault, clock: Clock
) -> AsyncIterator[KeycloakApi]:
    """Open the Admin API of one realm; nothing is asked yet.

    Raises, later and with every call:
        AccessRefused: The login is not accepted, or lacks a role.
    """
    async with authorized(connection, login, clock) as http:
        yield KeycloakApi(http, realm, vault)


@asynccontextmanager
async def authorized(
    connection: Connection, login: AdminLogin, clock: Clock, seen: Callable[[Token, float], None] | None = None
) -> AsyncIterator[ApiClient]:
    """Open a client that logs in by itself; ``seen`` is told each token, and when (monotonic) it was asked for."""
    async with ApiClient(connection, retry_post=True) as token_http:

        async def fetch() -> Token:
            if login.access_token is not None:
                return Token(login.access_token, _STATIC_TOKEN_LIFETIME)
            asked = clock.monotonic()
            try:
                token = await fetch_token(token_http, login.realm, login.form())
            except AccessRefused as error:
                raise AccessRefused(error.message, remedy=_login_remedy(error.__cause__)) from error
            if seen is not None:
                seen(token, asked)
            return token

        auth = BearerAuth(CachedToken(fetch, clock))
        async with ApiClient(connection, auth=auth, explain_forbidden=explain_forbidden) as http:
            yield http


def _login_remedy(cause: BaseException | None) -> str:
    if isinstance(cause, NotFound):
        return "Check KEYCLOAK_REALM, the realm to log in to, and KEYCLOAK_URL, with its base path if it has one."
    return "Check KEYCLOAK_CLIENT_ID and KEYCLOAK_CLIENT_SECRET, or KEYCLOAK_USER and KEYCLOAK_PASSWORD."
