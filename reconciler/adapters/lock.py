"""The lock that every runner shares: one run of an owner writes to a realm at a time.

A lock is a lease. It ends by itself when its holder was killed, and a holder that cannot renew it in time writes no
more. How it is certain that no two hold it:

- Creating the lock is atomic. Whoever takes over a lock that has ended deletes it by the id that was read with it,
  and then creates one like everybody else: however many try, one creation succeeds, and none deletes the new one.
- A holder counts its lease from before it asked, and others wait ``GRACE`` longer than it says: the holder stops
  first, even if its clock and theirs differ. The end is looked at right before the bytes of each write leave (see
  ``write_gate``), by a clock that counts sleep, and by the wall clock where that was moved forward: it may be right.
- A renewal does not leave after the end of what it renews, and an answer that comes after it renews nothing.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from reconciler.adapters.clock import Stopwatch
from reconciler.adapters.lock_store import LockStore
from reconciler.adapters.server_time import ServerTime
from reconciler.model.errors import (
    AccessRefused,
    Conflict,
    Halted,
    LiveSystemError,
    LockHeld,
    NotFound,
    OutcomeUnknown,
    ReconcilerError,
    RequestFailed,
    Unreachable,
)
from reconciler.model.lock import LockInfo, moment_text
from reconciler.ports import Clock, Lock

GRACE: Final = 5.0
"""Seconds after its end that a lock is left alone: the clocks of Keycloak's nodes, and their caches, may differ."""

_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 5.0
_RELEASE_PATIENCE: Final = 10.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who wants the lock: the run's id, a name for people, and for how many seconds it outlives a run that died.

    What shares the id of a run shares its lock.
    """

    run: str
    name: str
    lease: float


@dataclass(frozen=True, slots=True)
class _Term:
    """For how many seconds of a watch the lock has surely not ended, and its holder may write."""

    watch: Stopwatch
    seconds: float

    def end(self) -> str:
        """Return why it is over; empty as long as it is not."""
        if self.watch.at_most() < self.seconds:
            return ""
        if self.watch.at_least() >= self.seconds:
            return "it could not be renewed in time"
        jump = self.watch.at_most() - self.watch.at_least()
        return f"this machine's clock jumped forward by {jump:.0f} s, as after a pause"


class KeycloakLock(Lock):
    """Implement the port ``Lock``.

    A realm that does not exist yet can hold no lock: then it is taken with the first write after the realm's
    creation, which is atomic itself.
    """

    def __init__(
        self,
        store: LockStore,
        holder: Holder,
        clock: Clock,
        time: ServerTime,
        say: Callable[[str], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._holder = holder
        self._clock = clock
        self._time = time
        self._say = say
        self._jitter = jitter
        self._id = ""
        self._term: _Term | None = None
        """Of the lock that was taken; None before, and once it was released."""
        self._claim: LockInfo | None = None
        """What was asked for first, or granted last; the answer may have been lost."""
        self._lost = ""
        self._awaits_realm = False
        self._heartbeat: asyncio.Task[None] | None = None
        self._taking = asyncio.Lock()

    @property
    def is_lost(self) -> bool:
        """Tell whether it was held, and is no more although nobody released it."""
        return bool(self._lost)

    async def acquire(self, patience: float) -> None:
        """Take the lock, waiting at most ``patience`` seconds, and keep it until it is released."""
        started, pause, told = self._clock.monotonic(), _FIRST_PAUSE, False
        while (other := await self._try()) is not None:
            left = started + patience - self._clock.monotonic()
            if left <= 0:
                raise _held(other)
            if not told:
                self._say(f"Waiting for the lock of {other} ...")
                told = True
            # Half of the pause at least, so that those who wait do not come back together.
            await self._clock.sleep(min(left, pause * (0.5 + self._jitter())))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def check(self) -> None:
        """Return where one more write may start."""
        if self._awaits_realm:
            await self._take_in_new_realm()
        self._check_term()

    async def release(self) -> None:
        """Give the lock back, if it is still ours."""
        self.abandon()
        claim, term, lock_id = self._claim, self._term, self._id
        self._claim, self._term, self._id, self._awaits_realm = None, None, "", False
        if claim is None or self._lost or (term is not None and term.end()):
            # What has ended is left to those who wait for that.
            return
        try:
            async with asyncio.timeout(_RELEASE_PATIENCE):
                if lock_id := lock_id or await self._find_own():
                    with suppress(NotFound):
                        await self._store.delete(lock_id)
        except (ReconcilerError, TimeoutError) as error:
            until = f" at {moment_text(claim.until)}" if claim.until else ""
            self._say(f"The lock could not be released, and expires by itself{until}: {error}")

    def abandon(self) -> None:
        """Stop renewing, and ask nothing more: the lock ends by itself."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None

    def _check_term(self) -> None:
        if self._term is not None and not self._lost and (why := self._term.end()):
            self._lose(why)
        if self._lost:
            raise Halted(f"the lock was lost: {self._lost}", remedy="Run plan again to see what is left.")
        if self._term is None and not self._awaits_realm:
            raise Halted("the lock is not held")

    async def _take_in_new_realm(self) -> None:
        async with self._taking:
            other = await self._try() if self._awaits_realm else None
        if other is not None:
            self._lose(f"another run took the lock as soon as the realm was there: {other}")

    async def _try(self) -> LockInfo | None:
        """Take the lock, or return who has it."""
        for attempt in range(_ATTEMPTS):
            try:
                return await self._try_once()
            except NotFound:
                self._awaits_realm = True
                return None
            except AccessRefused as error:
                raise AccessRefused(f"The lock cannot be taken. {error.message}", remedy=error.remedy) from error
            except Conflict:
                # Somebody was faster; who, the next look tells.
                pass
            except (RequestFailed, Unreachable) as error:
                if attempt == _ATTEMPTS - 1 or not _is_worth_repeating(error):
                    raise
            await self._clock.sleep(_FIRST_PAUSE * self._jitter())
        return LockInfo("", "", None, None)

    async def _try_once(self) -> LockInfo | None:
        found = await self._store.read()
        if found is not None and found.claim.run == self._holder.run and not self._term_of(found.claim).end():
            # An earlier attempt was granted, and only its answer was lost.
            self._taken(found.id, found.claim)
            return None
        if found is not None and not self._has_ended(found.claim):
            return found.claim
        if found is not None:
            with suppress(NotFound):
                await self._store.delete(found.id)
        claim = self._claim = self._claimed()
        lock_id = await self._store.create(claim)
        if found is not None:
            self._say(f"Took over the lock of {found.claim}: it had expired.")
        self._taken(lock_id, claim)
        return None

    def _claimed(self) -> LockInfo:
        """Return a claim from now on."""
        now = self._time.now()
        since = self._claim.since if self._claim else now
        return LockInfo(self._holder.run, self._holder.name, since, now + timedelta(seconds=self._holder.lease))

    def _term_of(self, claim: LockInfo) -> _Term:
        """Return from now until when the claim has surely not ended."""
        watch = Stopwatch(self._clock)
        left = (claim.until - self._time.now()).total_seconds() if claim.until else 0.0
        return _Term(watch, left - self._time.uncertainty)

    def _taken(self, lock_id: str, claim: LockInfo) -> None:
        self._id, self._claim, self._awaits_realm = lock_id, claim, False
        self._term = self._term_of(claim)
        self._heartbeat = asyncio.create_task(self._beat())

    def _has_ended(self, claim: LockInfo) -> bool:
        return claim.until is not None and self._time.now() >= claim.until + timedelta(seconds=GRACE)

    async def _find_own(self) -> str:
        found = await self._store.read()
        return found.id if found is not None and found.claim.run == self._holder.run else ""

    async def _beat(self) -> None:
        lease = self._holder.lease
        pause = lease / 3
        while not self._lost:
            await self._clock.sleep(pause)
            try:
                async with asyncio.timeout(lease / 3):
                    await self._renew()
                pause = lease / 3
            except NotFound:
                self._lose("it was removed (force-unlock, or another run after it had expired)")
            except (RequestFailed, LiveSystemError, TimeoutError):
                # What has not ended yet may still be renewed.
                pause = lease / 12
            except Halted:
                # It ended before.
                return

    async def _renew(self) -> None:
        self._check_term()
        claim = self._claimed()
        term = self._term_of(claim)
        await self._store.renew(self._id, claim, self._check_term)
        self._check_term()
        self._claim, self._term = claim, term

    def _lose(self, why: str) -> None:
        if not self._lost:
            self._lost = why
            self._say(f"The lock was lost: {why}. No further write is started.")


def _is_worth_repeating(error: RequestFailed | Unreachable) -> bool:
    """Tell whether a look at the lock may find it ours, or somebody else's.

    Of many that create, or delete, one client at once, Keycloak answers some with 500 (measured on 26.7.5).
    """
    if isinstance(error, Unreachable | OutcomeUnknown):
        return True
    return error.status is not None and error.status >= 500


def _held(other: LockInfo) -> LockHeld:
    ends = "" if other.until is None else " If that run is dead, its lock expires by itself; to remove it at once:"
    unlock = f"reconciler force-unlock {other.run}".rstrip()
    return LockHeld(
        f"Another run is writing to this realm: {other}. Nothing was written.",
        remedy=f"Wait for it with --lock-timeout 10m.{ends or ' To remove it:'} {unlock}",
    )
