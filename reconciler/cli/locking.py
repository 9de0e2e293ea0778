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
    options: LiveOptions, patience: float, lease: float, interruption: Interruption
) -> AsyncIterator["KeycloakLock"]:
    """Take the lock, waiting at most ``patience`` seconds, and give it back in the end.

    Raises:
        LockHeld: Another run has it.
    """
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.lock import Holder, KeycloakLock

    async with lock_store(options) as (store, time):
        lock = KeycloakLock(store, Holder(uuid4().hex[:12], process_name(), lease), SystemClock(), time, _say)
        try:
            await lock.acquire(patience)
            yield lock
        finally:
            if interruption.is_aborted:
                lock.abandon()
            else:
                await lock.release()


def _say(text: str) -> None:
    say(text, "lock")
