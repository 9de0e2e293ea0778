"""Open the live systems as the options and the environment say."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.adapters.write_gate import LockGate
from reconciler.cli.diagnostics import tell
from reconciler.cli.login import login_from
from reconciler.cli.meter import KEYCLOAK, PLATFORM, Meter
from reconciler.model.errors import WrongUsage
from reconciler.model.url import normalized_url

if TYPE_CHECKING:
    from reconciler.adapters.http import Connection
    from reconciler.adapters.lock_store import LockStore
    from reconciler.adapters.server_time import ServerTime
    from reconciler.adapters.tape import Player, Tape
    from reconciler.cli.own_login import OwnLogin
    from reconciler.ports import Clock, PlatformApi, Prober, SecretProof, Systems


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """The options of :func:`reconciler.cli.options.connection`, as given."""

    keycloak_url: str | None
    realm: str
    api_url: str | None
    owner: str
    overlays: Path | None
    parallelism: int
    timeout: float
    ca_file: Path | None
    client_cert: Path | None
    client_key: Path | None
    allow_http: bool
    no_color: bool
    meter: Meter = field(default_factory=Meter, compare=False)
    """Watches the requests, for whoever shows how far they are."""
    gate: LockGate = field(default_factory=LockGate, compare=False)
    """What every write passes; whoever takes the lock opens it."""
    tape: "Tape | None" = None
    """Records what is read, or answers from a recording."""

    @property
    def color(self) -> bool | None:
        """Return what ``click.echo`` wants: False for none, None to decide by the terminal."""
        return False if self.no_color else None

    @property
    def server(self) -> str:
        """Return Keycloak's URL in the one spelling that plans are bound to; empty if none is given."""
        return normalized_url(self.keycloak_url or "")


def take(options: dict[str, Any]) -> LiveOptions:
    """Take the connection's options out of a command's keyword arguments."""
    return LiveOptions(**{each.name: options.pop(each.name) for each in fields(LiveOptions) if each.name in options})


@asynccontextmanager
async def systems(options: LiveOptions, *, effective: bool) -> AsyncIterator["Systems"]:
    """Open Keycloak's Admin API and, where wanted, the platform API.

    Raises:
        WrongUsage: A setting is missing or makes no sense.
    """
    from reconciler.adapters.login import described
    from reconciler.adapters.systems import connect
    from reconciler.adapters.tape import LIVE, Player

    tape = options.tape or LIVE
    if isinstance(tape, Player):
        async with _replayed(options, tape, effective=effective) as opened:
            yield opened
        return
    server = _connection(KEYCLOAK, _needed(options.keycloak_url, "KEYCLOAK_URL", "Keycloak's URL"), options)
    server = replace(server, gate=options.gate)
    login = login_from(os.environ)
    who = described(login)
    tell(f"Logging in to Keycloak at {server.base_url} as {who}.", "login", keycloak=server.base_url, who=who)
    platform = None
    if effective:
        platform = _connection(PLATFORM, _needed(options.api_url, "NT24_API_URL", _api_url()), options)
        platform = replace(platform, gate=options.gate)
    async with connect(server, login, options.realm, platform, tape) as live:
        yield live


@asynccontextmanager
async def _replayed(options: LiveOptions, tape: "Player", *, effective: bool) -> AsyncIterator["Systems"]:
    """Open what a recording answers for: nothing is sent, and nobody logs in."""
    from reconciler.adapters import keycloak, platform_api
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.http import Connection
    from reconciler.ports import Systems

    clock = tape.clock(SystemClock())
    nobody = Connection(KEYCLOAK, "http://localhost")
    async with (
        keycloak.replayed(nobody, options.realm, tape) as admin,
        platform_api.replayed(nobody, options.realm, clock, tape) as platform,
    ):
        yield Systems(admin, platform if effective else None, clock)


@asynccontextmanager
async def own_platform(options: LiveOptions, login: "OwnLogin") -> AsyncIterator["PlatformApi"]:
    """Open the platform API for one integration client, by its own credentials.

    Raises:
        WrongUsage: A setting is missing or makes no sense.
    """
    from reconciler.adapters import platform_api
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.secrets import SecretVault

    keycloak = _connection(KEYCLOAK, _needed(options.keycloak_url, "KEYCLOAK_URL", "Keycloak's URL"), options)
    url = _needed(options.api_url, "NT24_API_URL", _api_url())
    api, vault = _connection(PLATFORM, url, options), SecretVault()
    vault.keep(login.client_id, login.secret)
    async with platform_api.connect(api, keycloak, options.realm, vault, SystemClock()) as opened:
        yield opened


@asynccontextmanager
async def secret_proof(options: LiveOptions, *, effective: bool) -> AsyncIterator["SecretProof"]:
    """Open what secrets are tried on: the token endpoint, and where wanted the platform API.

    Raises:
        WrongUsage: A setting is missing or makes no sense.
    """
    from reconciler.adapters import proof

    keycloak = _connection(KEYCLOAK, _needed(options.keycloak_url, "KEYCLOAK_URL", "Keycloak's URL"), options)
    api = None
    if effective:
        api = _connection(PLATFORM, _needed(options.api_url, "NT24_API_URL", _api_url()), options)
    async with proof.connect(keycloak, api, options.realm) as opened:
        yield opened


@asynccontextmanager
async def prober(options: LiveOptions, clock: "Clock") -> AsyncIterator["Prober"]:
    """Open what asks Keycloak, and where it is named the platform API, as an integrator's program does.

    Raises:
        WrongUsage: A setting is missing or makes no sense.
    """
    from reconciler.adapters import prober as adapter

    keycloak = _connection(KEYCLOAK, _needed(options.keycloak_url, "KEYCLOAK_URL", "Keycloak's URL"), options)
    api = _connection(PLATFORM, options.api_url, options) if options.api_url else None
    async with adapter.connect(keycloak, api, options.realm, clock) as opened:
        yield opened


@asynccontextmanager
async def lock_store(options: LiveOptions) -> AsyncIterator[tuple["LockStore", "ServerTime"]]:
    """Open the lock of the realm and owner, with Keycloak's time.

    Raises:
        WrongUsage: A setting is missing or makes no sense.
    """
    from reconciler.adapters import lock_store
    from reconciler.adapters.clock import SystemClock

    side = _connection(KEYCLOAK, _needed(options.keycloak_url, "KEYCLOAK_URL", "Keycloak's URL"), options)
    side = replace(side, parallelism=1)
    login = login_from(os.environ)
    async with lock_store.connect(side, login, options.realm, options.owner, SystemClock()) as opened:
        yield opened


def _connection(system: str, url: str, options: LiveOptions) -> "Connection":
    from reconciler.adapters.http import Connection
    from reconciler.model.url import checked_url

    return Connection(
        system=system,
        base_url=checked_url(system, url, allow_http=options.allow_http),
        timeout=options.timeout,
        parallelism=options.parallelism,
        ca_file=options.ca_file,
        certificate_file=options.client_cert,
        key_file=options.client_key,
        traffic=options.meter,
    )


def _api_url() -> str:
    """Return what the platform's URL is called; where the command can do without it, also how."""
    import click

    context = click.get_current_context(silent=True)
    can_do_without = context is not None and "no_effective" in context.params
    return "the NT24 Integration API's URL" + (" (or pass --no-effective)" if can_do_without else "")


def _needed(value: str | None, variable: str, what: str) -> str:
    if not value:
        raise WrongUsage(f"{variable} is not set.", remedy=f"Set it to {what}.")
    return value
