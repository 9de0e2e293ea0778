"""Open the live systems of one run."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from reconciler.adapters import keycloak, platform_api
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import Connection
from reconciler.adapters.login import AdminLogin
from reconciler.adapters.redaction import secrets_of_a_run
from reconciler.adapters.server_time import ServerClock, ServerTime
from reconciler.adapters.tape import LIVE, Tape
from reconciler.adapters.vault import SecretVault
from reconciler.adapters.write_gate import LockGate, writes_sent
from reconciler.ports import Systems


@asynccontextmanager
async def connect(
    server: Connection, login: AdminLogin, realm: str, platform: Connection | None = None, tape: Tape = LIVE
) -> AsyncIterator[Systems]:
    """Open Keycloak's Admin API for a realm, and the platform API where it is given; nothing is asked yet.

    No write leaves unless the connections' gate lets it, which whoever holds the lock opens. Its secrets are its own,
    and forgotten at the end. Several may be open beside each other in one event loop.

    Raises, later and with every call:
        AccessRefused: The login is not accepted, or lacks a role.
    """
    clock, vault = SystemClock(), SecretVault()
    time = ServerTime(clock)
    server = _gated(server)
    with secrets_of_a_run():
        async with AsyncExitStack() as opened:
            admin = await opened.enter_async_context(keycloak.connect(server, login, realm, vault, clock, tape, time))
            effective = None
            if platform is not None:
                opening = platform_api.connect(_gated(platform), server, realm, vault, clock, tape)
                effective = await opened.enter_async_context(opening)
            yield Systems(
                admin, effective, tape.clock(ServerClock(time, clock)), secrets=admin, writes_sent=writes_sent
            )


def _gated(connection: Connection) -> Connection:
    return connection if connection.gate is not None else replace(connection, gate=LockGate())
