"""Keycloak's Admin API for one realm, and the reconciler's login to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from nt24_tokens.cached import BearerAuth, CachedToken
from nt24_tokens.token import Token
from reconciler.adapters.admin.clients import ClientEndpoints
from reconciler.adapters.admin.events import EventEndpoints
from reconciler.adapters.admin.organizations import OrganizationEndpoints
from reconciler.adapters.admin.realm import RealmEndpoints
from reconciler.adapters.admin.roles import RoleEndpoints
from reconciler.adapters.admin.secrets import SecretEndpoints
from reconciler.adapters.base_path import elsewhere
from reconciler.adapters.clock import Stopwatch
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.login import (
    AccessTokenLogin,
    AdminLogin,
    ClientSecretLogin,
    PasswordLogin,
    described,
    remedy_of,
    token_form,
)
from reconciler.adapters.redaction import remember
from reconciler.adapters.rejections import explain_rejection
from reconciler.adapters.required_roles import explain_forbidden
from reconciler.adapters.server_time import ServerTime
from reconciler.adapters.tape import LIVE, Tape
from reconciler.adapters.tokens import fetch_token
from reconciler.adapters.vault import SecretVault
from reconciler.diagnose.login_causes import login_remedy
from reconciler.model.errors import AccessRefused, NotFound, Unreachable, WrongServer
from reconciler.ports import AdminApi, Clock, SecretApi

_STATIC_TOKEN_LIFETIME: Final = 10 * 365 * 86_400.0
_NO_SUCH_REALM: Final = (
    "Check KEYCLOAK_REALM, the realm to log in to, and KEYCLOAK_URL, with its base path if it has one."
)


# docs/decisions.md, 7: why python-keycloak's endpoints over an HTTP client of our own.
class KeycloakApi(
    RealmEndpoints,
    OrganizationEndpoints,
    ClientEndpoints,
    RoleEndpoints,
    SecretEndpoints,
    EventEndpoints,
    AdminApi,
    SecretApi,
):
    """Implement the ports ``AdminApi`` and ``SecretApi`` for one realm of a real Keycloak."""


@asynccontextmanager
async def connect(
    connection: Connection,
    login: AdminLogin,
    realm: str,
    vault: SecretVault,
    clock: Clock,
    tape: Tape = LIVE,
    time: ServerTime | None = None,
) -> AsyncIterator[KeycloakApi]:
    """Open the Admin API of one realm; nothing is asked yet. ``time`` learns Keycloak's time from each token.

    Raises, later and with every call:
        AccessRefused: The login is not accepted, or lacks a role.
    """
    tokens: list[str] = [login.token] if isinstance(login, AccessTokenLogin) else []

    def seen(token: Token, asked: Stopwatch) -> None:
        tokens.append(token.value)
        if time is not None:
            time.learn(token.value, asked=asked)

    async with authorized(connection, login, clock, seen) as http:
        yield KeycloakApi(http, realm, vault, tape, tokens)


@asynccontextmanager
async def authorized(
    connection: Connection, login: AdminLogin, clock: Clock, seen: Callable[[Token, Stopwatch], None] | None = None
) -> AsyncIterator[ApiClient]:
    """Open a client that logs in by itself; ``seen`` is told each token, and how long ago it was asked for."""

    def explained() -> str:
        return remedy_of(login, connection.base_url, clock)

    def refused(error: AccessRefused) -> str:
        by_secret = isinstance(login, ClientSecretLogin | PasswordLogin)
        unknown = _NO_SUCH_REALM if isinstance(error.__cause__, NotFound) else ""
        return login_remedy(error.message, by_secret=by_secret) or unknown or explained()

    async with ApiClient(connection.for_tokens(), retry_post=True) as token_http:

        async def fetch() -> Token:
            if isinstance(login, AccessTokenLogin):
                remember(login.token)
                return Token(login.token, _STATIC_TOKEN_LIFETIME)
            asked = Stopwatch(clock)
            try:
                token = await fetch_token(token_http, login.realm, token_form(login, connection.base_url, clock))
            except (AccessRefused, WrongServer) as error:
                # An answer in Keycloak's own words about logins shows that it is there.
                is_there = bool(login_remedy(error.message, by_secret=True))
                if not is_there and (base := await elsewhere(token_http, login.realm)):
                    message = f"{error.message} Keycloak is not at {connection.base_url}, but at {base}."
                    raise WrongServer(message, remedy=f"Set KEYCLOAK_URL to {base}.") from error
                if isinstance(error, WrongServer):
                    raise
                message = f"{error.message} The login was {described(login)}."
                raise AccessRefused(message, remedy=refused(error)) from error
            if seen is not None:
                seen(token, asked)
            return token

        auth = BearerAuth(CachedToken(fetch, clock, Unreachable))
        async with ApiClient(
            connection,
            auth=auth,
            explain_forbidden=explain_forbidden,
            explain_unauthorized=explained,
            explain_rejection=explain_rejection,
        ) as http:
            yield http
