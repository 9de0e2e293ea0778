"""Hold the lock while a run reads, asks, writes and proves: one critical section."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Final
from uuid import uuid4

from reconciler.adapters import lock_store
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.connection_options import ConnectionOptions
from reconciler.adapters.http import Connection
from reconciler.adapters.identity import process_name
from reconciler.adapters.interruption import SignalInterruption
from reconciler.adapters.lock import Holder, KeycloakLock
from reconciler.adapters.login import AdminLogin
from reconciler.adapters.login_variables import login_from
from reconciler.adapters.write_gate import LockGate
from reconciler.model.errors import WrongUsage

_LOG: Final = logging.getLogger(__name__)


@asynccontextmanager
async def hold_lock(
    server: Connection,
    login: AdminLogin,
    realm: str,
    owner: str,
    *,
    interruption: SignalInterruption,
    patience: float = 0.0,
    lease: float = 60.0,
    run: str = "",
) -> AsyncIterator[KeycloakLock]:
    """Take the lock of a realm and owner, waiting at most ``patience`` seconds, and give it back in the end.

    Only meanwhile does the gate of ``server`` let writes leave; systems that are opened with the same gate write. The
    lock outlives a run that dies by ``lease`` seconds. ``run`` is the id of a run whose lock is taken as it is.

    Raises:
        LockHeld: Another run has it.
        WrongUsage: The connection has no such gate, so that nobody would ask the lock.
    """
    gate, clock = server.gate, SystemClock()
    if not isinstance(gate, LockGate):
        raise WrongUsage(
            "The connection of this lock has no gate for writes.",
            remedy="Give Connection(gate=LockGate()), and open the systems by the same connection.",
        )
    async with lock_store.connect(replace(server, parallelism=1), login, realm, owner, clock) as (store, time):
        lock = KeycloakLock(store, Holder(run or new_run(), process_name(), lease), clock, time, _say)
        try:
            await lock.acquire(patience)
            with gate.opened_by(lock):
                yield lock
        finally:
            if interruption.is_aborted:
                lock.abandon()
            else:
                await lock.release()


def locked(
    options: ConnectionOptions, patience: float, lease: float, interruption: SignalInterruption, run: str = ""
) -> AbstractAsyncContextManager[KeycloakLock]:
    """Take the lock as a run's options and the variables of its login say; see :func:`hold_lock`."""
    return hold_lock(
        replace(options.keycloak(), gate=options.gate), login_from(os.environ, options.jwt_audience),
        options.realm, options.owner,
        interruption=interruption, patience=patience, lease=lease, run=run,
    )  # fmt: skip


def new_run() -> str:
    """Return an id for a run."""
    return uuid4().hex[:12]


def _say(text: str) -> None:
    _LOG.info("%s", text, extra={"event": "lock", "fields": {}})
