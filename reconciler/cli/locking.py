"""Hold the lock while a command reads, asks, writes and proves: one critical section."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from reconciler.cli.diagnostics import say
from reconciler.cli.identity import process_name
from reconciler.cli.interrupt import Interruption
from reconciler.cli.live import LiveOptions, lock_store

if TYPE_CHECKING:
    from reconciler.adapters.lock import KeycloakLock


@asynccontextmanager
async def locked(
    options: LiveOptions, patience: float, lease: float, interruption: Interruption, run: str = ""
) -> AsyncIterator["KeycloakLock"]:
    """Take the lock, waiting at most ``patience`` seconds, and give it back in the end.

    Only meanwhile do the systems that are opened with the same options let writes leave. ``run`` is the id of a run
    whose lock is taken as it is.

    Raises:
        LockHeld: Another run has it.
    """
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.lock import Holder, KeycloakLock

    async with lock_store(options) as (store, time):
        holder = Holder(run or new_run(), process_name(), lease)
        lock = KeycloakLock(store, holder, SystemClock(), time, _say)
        try:
            await lock.acquire(patience)
            with options.gate.opened_by(lock):
                yield lock
        finally:
            if interruption.is_aborted:
                lock.abandon()
            else:
                await lock.release()


def new_run() -> str:
    """Return an id for a run."""
    return uuid4().hex[:12]


def _say(text: str) -> None:
    say(text, "lock")
