"""Open the live systems as a run's options and the variables of its login say.

Each raises ``WrongUsage`` where a setting is missing or makes no sense.
"""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Final

from reconciler.adapters import lock_store, platform_api, secret_trial
from reconciler.adapters import prober as probing
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.connection_options import ConnectionOptions
from reconciler.adapters.http import Connection
from reconciler.adapters.keycloak import KeycloakApi
from reconciler.adapters.lock_store import LockStore
from reconciler.adapters.login import described
from reconciler.adapters.login_variables import login_from
from reconciler.adapters.meter import KEYCLOAK
from reconciler.adapters.own_login import OwnLogin
from reconciler.adapters.platform_api import NovatradeApi
from reconciler.adapters.server_time import ServerTime
from reconciler.adapters.systems import connect
from reconciler.adapters.tape import LIVE, Player, SilentClient
from reconciler.adapters.vault import SecretVault
from reconciler.ports import Clock, PlatformApi, Prober, SecretProof, SecretSink, Systems

_LOG: Final = logging.getLogger(__name__)


@asynccontextmanager
async def systems(
    options: ConnectionOptions, *, effective: bool, sink: SecretSink | None = None
) -> AsyncIterator[Systems]:
    """Open Keycloak's Admin API and, where wanted, the platform API; or a recording of both."""
    if isinstance(options.tape, Player):
        yield _replayed(options.realm, options.tape, effective=effective)
        return
    server = replace(options.keycloak(), gate=options.gate)
    login = login_from(os.environ, options.jwt_audience)
    fields = {"keycloak": server.base_url, "who": described(login)}
    _LOG.debug("Logging in to Keycloak at %(keycloak)s as %(who)s.", fields, extra={"event": "login", "fields": fields})
    platform = replace(options.api(), gate=options.gate) if effective else None
    async with connect(server, login, options.realm, platform, options.tape or LIVE) as live:
        yield replace(live, sink=sink)


def _replayed(realm: str, tape: Player, *, effective: bool) -> Systems:
    """Return what a recording answers for: nothing is sent, so that nothing is opened, and nobody logs in."""
    clock, vault, nobody = tape.clock(SystemClock()), SecretVault(), Connection(KEYCLOAK, "http://localhost")
    # Each counts the requests of its own system.
    admin, http = KeycloakApi(SilentClient(nobody), realm, vault, tape), SilentClient(nobody)
    return Systems(admin, NovatradeApi(http, http, realm, vault, clock, tape) if effective else None, clock)


def own_platform(options: ConnectionOptions, login: OwnLogin) -> AbstractAsyncContextManager[PlatformApi]:
    """Open the platform API for one integration client, by its own credentials."""
    vault = SecretVault()
    vault.keep(login.client_id, login.secret)
    return platform_api.connect(options.api(), options.keycloak(), options.realm, vault, SystemClock())


def secret_proof(options: ConnectionOptions, *, effective: bool) -> AbstractAsyncContextManager[SecretProof]:
    """Open what secrets are tried on: the token endpoint, and where wanted the platform API."""
    return secret_trial.connect(options.keycloak(), options.api() if effective else None, options.realm)


def prober(options: ConnectionOptions, clock: Clock) -> AbstractAsyncContextManager[Prober]:
    """Open what asks Keycloak, and where it is named the platform API, as an integrator's program does."""
    return probing.connect(options.keycloak(), options.api() if options.api_url else None, options.realm, clock)


def opened_lock(options: ConnectionOptions) -> AbstractAsyncContextManager[tuple[LockStore, ServerTime]]:
    """Open the lock of the realm and owner, with Keycloak's time."""
    side = replace(options.keycloak(), parallelism=1)
    return lock_store.connect(
        side, login_from(os.environ, options.jwt_audience), options.realm, options.owner, SystemClock()
    )
