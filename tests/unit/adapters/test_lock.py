"""The lock: one holder, whatever comes between; a holder that cannot renew writes no more."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.adapters.clock import Stopwatch
from reconciler.adapters.lock import GRACE, Holder, KeycloakLock
from reconciler.adapters.lock_store import LockStore, StoredLock
from reconciler.adapters.server_time import ServerTime
from reconciler.model.errors import (
    AccessRefused,
    Conflict,
    Halted,
    LockHeld,
    NotFound,
    OutcomeUnknown,
    RequestFailed,
    Unreachable,
)
from reconciler.model.lock import LockInfo
from reconciler.ports import Clock
from tests.unit.adapters.tokens import a_token

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEASE = 60.0


class Time(Clock):
    """A clock that a test moves; sleepers wake when it passes them."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.jumped = 0.0
        """Seconds by which the wall clock alone was moved."""
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed + self.jumped)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.passed + seconds, woken))
        await woken.wait()

    async def pass_(self, seconds: float) -> None:
        """Let time go by in small steps, and everything happen that it makes happen."""
        end = self.passed + seconds
        while self.passed < end:
            self.passed = min(end, self.passed + 0.5)
            for moment, woken in self._sleepers:
                if moment <= self.passed:
                    woken.set()
            await settle()


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


@dataclass
class Store(LockStore):
    """Keep the lock in memory, as atomically as Keycloak does; ``before`` runs ahead of each request."""

    held: StoredLock | None = None
    has_realm: bool = True
    log: list[str] = field(default_factory=list)
    fails: dict[str, list[tuple[BaseException, bool]]] = field(default_factory=dict)
    """Per request: errors, and whether they come after it was done."""
    before: Callable[[str], Awaitable[None]] | None = None
    after: Callable[[str], None] = lambda name: None
    renewals: int = 0
    """How many have left."""
    _ids: Iterator[int] = field(default_factory=itertools.count)

    async def read(self) -> StoredLock | None:
        async with self._request("read"):
            return self.held

    async def create(self, claim: LockInfo) -> str:
        async with self._request("create"):
            if self.held is not None:
                raise Conflict("Client exists", status=409)
            self.held = StoredLock(f"id-{next(self._ids)}", claim)
            return self.held.id

    async def renew(self, lock_id: str, claim: LockInfo, check: Callable[[], None]) -> None:
        async with self._request("renew"):
            check()
            self.renewals += 1
            if self.held is None or self.held.id != lock_id or self.held.claim.run != claim.run:
                raise NotFound("Could not find client", status=404)
            self.held = StoredLock(lock_id, claim)

    async def delete(self, lock_id: str) -> None:
        async with self._request("delete"):
            if self.held is None or self.held.id != lock_id:
                raise NotFound("Could not find client", status=404)
            self.held = None

    @asynccontextmanager
    async def _request(self, name: str) -> AsyncIterator[None]:
        self.log.append(name)
        if self.before is not None:
            await self.before(name)
        failing = self.fails.get(name)
        error, after = failing.pop(0) if failing else (None, False)
        if error is not None and not after:
            raise error
        if not self.has_realm:
            raise NotFound("Realm not found.", status=404)
        yield
        self.after(name)
        if error is not None:
            raise error


@dataclass
class World:
    clock: Time = field(default_factory=Time)
    store: Store = field(default_factory=Store)
    said: list[str] = field(default_factory=list)

    def lock(self, run: str = "ours") -> KeycloakLock:
        holder = Holder(run, f"{run}@host (process 1)", LEASE)
        return KeycloakLock(self.store, holder, self.clock, ServerTime(self.clock), self.said.append, lambda: 0.5)

    def holder(self) -> str | None:
        return None if self.store.held is None else self.store.held.claim.run

    def leave(self, run: str = "dead", *, ago: float = 0.0) -> None:
        """Leave the lock of a run that was killed; it ended ``ago`` seconds ago."""
        until = self.clock.now() - timedelta(seconds=ago)
        self.store.held = StoredLock("id-left", LockInfo(run, f"{run}@host", until - timedelta(seconds=LEASE), until))


@pytest.fixture
def world() -> World:
    return World()


async def test_a_lock_is_there_while_it_is_held_and_gone_afterwards(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    await lock.check()
    assert world.holder() == "ours"
    await lock.release()
    assert world.store.held is None


async def test_a_second_run_leaves_at_once_and_says_who_writes(world: World) -> None:
    first = world.lock("first")
    await first.acquire(0)
    with pytest.raises(LockHeld, match=r"first@host \(process 1\), run first, since 2026-03-01 12:00:00 UTC") as error:
        await world.lock("second").acquire(0)
    assert "reconciler force-unlock first" in error.value.remedy
    assert "--lock-timeout" in error.value.remedy
    await first.release()


async def test_a_run_that_waits_gets_the_lock_when_it_is_free(world: World) -> None:
    first, second = world.lock("first"), world.lock("second")
    await first.acquire(0)
    waiting = asyncio.create_task(second.acquire(60))
    await world.clock.pass_(20)
    held = "first@host (process 1), run first, since 2026-03-01 12:00:00 UTC, until 2026-03-01 12:01:00 UTC"
    assert world.said == [f"Waiting for the lock of {held} unless it is renewed ..."]
    await first.release()
    await world.clock.pass_(10)
    await waiting
    assert world.holder() == "second"
    await second.release()


async def test_a_run_waits_no_longer_than_it_was_told(world: World) -> None:
    first = world.lock("first")
    await first.acquire(0)
    waiting = asyncio.create_task(world.lock("second").acquire(30))
    await world.clock.pass_(31)
    with pytest.raises(LockHeld):
        await waiting
    await first.release()


async def test_a_lock_is_renewed_as_long_as_its_run_lives(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    await world.clock.pass_(10 * LEASE)
    await lock.check()
    with pytest.raises(LockHeld):
        await world.lock("second").acquire(0)
    await lock.release()


async def test_the_lock_of_a_dead_run_is_taken_over_once_it_has_surely_ended(world: World) -> None:
    world.leave(ago=GRACE - 1)
    with pytest.raises(LockHeld):
        await world.lock().acquire(0)
    await world.clock.pass_(2)
    lock = world.lock()
    await lock.acquire(0)
    assert world.holder() == "ours"
    assert [text for text in world.said if text.startswith("Took over the lock of dead@host")]
    await lock.release()


async def test_a_lock_that_does_not_say_when_it_ends_never_ends_by_itself(world: World) -> None:
    world.store.held = StoredLock("id-left", LockInfo("", "", None, None))
    world.clock.passed += 86_400
    with pytest.raises(LockHeld, match="somebody, run unknown"):
        await world.lock().acquire(0)


@pytest.mark.parametrize("runs", [2, 3])
async def test_of_those_that_take_over_one_wins_in_whatever_order_their_requests_come(runs: int) -> None:
    # read, delete, create, and a second look for those who lose: every order of the first three of each.
    requests = [run for run in range(runs) for _ in range(3)]
    orders = set(itertools.permutations(requests)) if runs == 2 else some_orders(requests, 150)
    for order in orders:
        assert len(await winners(order, runs)) == 1, order


def some_orders(requests: list[int], count: int) -> list[tuple[int, ...]]:
    chosen = random.Random(7)
    return [tuple(chosen.sample(requests, len(requests))) for _ in range(count)]


async def winners(order: tuple[int, ...], runs: int) -> list[int]:
    """Let the runs take over a dead lock, their requests in the given order, and return who has it."""
    world = World()
    world.leave(ago=GRACE)
    turns: list[asyncio.Queue[None]] = [asyncio.Queue() for _ in range(runs)]
    got: list[int] = []

    async def take(run: int) -> None:
        async def before(_: str) -> None:
            await turns[run].get()

        store = replace(world.store, before=before)
        # One memory for all; only the order is each run's own.
        mine = _Shared(store, world.store)
        lock = KeycloakLock(
            mine, Holder(f"run-{run}", "", LEASE), world.clock, ServerTime(world.clock), world.said.append, lambda: 0
        )
        try:
            await lock.acquire(0)
            got.append(run)
            lock.abandon()
        except LockHeld:
            pass

    tasks = [asyncio.create_task(take(run)) for run in range(runs)]
    for run in (*order, *(list(range(runs)) * 6)):
        turns[run].put_nowait(None)
        await settle()
        await world.clock.pass_(0.5)
    await asyncio.gather(*tasks)
    return got


@dataclass
class _Shared(LockStore):
    """Wait as ``gate`` says, then ask the memory that all share."""

    gate: Store
    memory: Store

    async def _turn(self) -> None:
        assert self.gate.before is not None
        await self.gate.before("")

    async def read(self) -> StoredLock | None:
        await self._turn()
        return await self.memory.read()

    async def create(self, claim: LockInfo) -> str:
        await self._turn()
        return await self.memory.create(claim)

    async def renew(self, lock_id: str, claim: LockInfo, check: Callable[[], None]) -> None:
        await self.memory.renew(lock_id, claim, check)

    async def delete(self, lock_id: str) -> None:
        await self._turn()
        await self.memory.delete(lock_id)


async def test_a_run_whose_lock_was_removed_writes_no_more(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    world.store.held = None
    await world.clock.pass_(LEASE / 3 + 1)
    with pytest.raises(Halted, match="the lock was lost: it was removed"):
        await lock.check()
    why = "it was removed (force-unlock, or another run after it had expired)"
    assert world.said == [f"The lock was lost: {why}. No further write is started."]


async def test_a_run_that_lost_its_lock_leaves_the_next_one_alone(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    world.leave("next", ago=-LEASE)
    await world.clock.pass_(LEASE / 3 + 1)
    with pytest.raises(Halted):
        await lock.check()
    await lock.release()
    assert world.holder() == "next"


async def test_a_renewal_that_fails_is_tried_again(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    world.store.fails["renew"] = [(Unreachable("no answer"), False), (Unreachable("no answer"), False)]
    await world.clock.pass_(2 * LEASE)
    await lock.check()
    await lock.release()


async def test_a_run_that_cannot_renew_stops_before_another_may_take_over(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    world.store.fails["renew"] = [(Unreachable("no answer"), False)] * 1000
    stopped = taken = 0.0
    while not (stopped and taken):
        await world.clock.pass_(0.5)
        try:
            await lock.check()
        except Halted:
            stopped = stopped or world.clock.passed
        other = world.lock("other")
        try:
            await other.acquire(0)
            other.abandon()
            taken = taken or world.clock.passed
        except LockHeld:
            pass
    assert stopped < taken


async def test_a_renewal_that_is_answered_after_the_end_renews_nothing(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)

    def slow(name: str) -> None:
        if name == "renew":
            world.clock.passed += LEASE

    world.store.after = slow
    await world.clock.pass_(LEASE / 3 + 1)
    assert world.store.renewals == 1
    with pytest.raises(Halted, match="the lock was lost: it could not be renewed in time"):
        await lock.check()


async def test_a_renewal_whose_turn_comes_after_the_end_is_not_sent(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)

    async def slow(name: str) -> None:
        if name == "renew":
            world.clock.passed += LEASE

    world.store.before = slow
    await world.clock.pass_(LEASE / 3 + 1)
    assert world.store.renewals == 0
    with pytest.raises(Halted, match="it could not be renewed in time"):
        await lock.check()


async def test_a_run_that_was_stopped_longer_than_its_lease_asks_nothing_of_its_lock_any_more(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    asked = len(world.store.log)
    # All at once, as a stopped process sees it.
    world.clock.passed += LEASE
    await world.clock.pass_(1)
    await lock.release()
    assert world.store.log[asked:] == []


async def test_a_clock_that_jumps_past_the_end_ends_the_lock(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    world.clock.jumped = LEASE
    with pytest.raises(
        Halted, match="the lock was lost: this machine's clock jumped forward by 60 s, as after a pause"
    ):
        await lock.check()


@pytest.mark.parametrize("jump", [LEASE / 2, -10 * LEASE])
async def test_a_clock_that_jumps_less_or_back_ends_nothing(world: World, jump: float) -> None:
    lock = world.lock()
    await lock.acquire(0)
    world.clock.jumped = jump
    await lock.check()
    await world.clock.pass_(2 * LEASE)
    await lock.check()
    await lock.release()


async def test_after_a_pause_that_only_the_wall_clock_shows_a_run_still_stops_before_another_may_take_over() -> None:
    # Keycloak's clock has gone on; ours is told by a token that came before the pause.
    world, theirs = World(), World()
    time, pause = ServerTime(world.clock), LEASE / 2
    time.learn(a_token(iat=int(START.timestamp())), asked=Stopwatch(world.clock))
    lock = KeycloakLock(world.store, Holder("ours", "", LEASE), world.clock, time, world.said.append, lambda: 0.5)
    await lock.acquire(0)
    world.clock.jumped = pause
    await world.clock.pass_(LEASE / 3 + 1)
    assert world.store.renewals == 1
    # From now on no renewal comes through.
    world.store.fails["renew"] = [(Unreachable("no answer"), False)] * 1000
    theirs.store = world.store
    stopped = 0.0
    while not stopped:
        await world.clock.pass_(0.5)
        try:
            await lock.check()
        except Halted:
            stopped = world.clock.passed
    theirs.clock.passed = stopped + pause
    other = theirs.lock("other")
    with pytest.raises(LockHeld):
        await other.acquire(0)


async def test_what_shares_the_id_of_a_run_takes_its_lock_as_it_is(world: World) -> None:
    world.leave("ours", ago=-LEASE)
    lock = world.lock("ours")
    await lock.acquire(0)
    await lock.check()
    await world.clock.pass_(2 * LEASE)
    await lock.check()
    await lock.release()
    assert world.store.held is None


async def test_what_shares_the_id_of_a_run_waits_like_everybody_else_where_its_lock_has_ended(world: World) -> None:
    world.leave("ours", ago=1)
    with pytest.raises(LockHeld):
        await world.lock("ours").acquire(0)
    await world.clock.pass_(GRACE)
    lock = world.lock("ours")
    await lock.acquire(0)
    assert world.store.held is not None
    assert world.store.held.id != "id-left"
    await lock.release()


async def test_a_lock_that_was_released_allows_nothing(world: World) -> None:
    lock = world.lock()
    with pytest.raises(Halted, match="the lock is not held"):
        await lock.check()
    await lock.acquire(0)
    await lock.release()
    with pytest.raises(Halted, match="the lock is not held"):
        await lock.check()


@pytest.mark.parametrize("after", [False, True], ids=["before it was done", "after it was done"])
@pytest.mark.parametrize("error", [OutcomeUnknown("broke off"), RequestFailed("unknown_error", status=500)], ids=str)
async def test_a_lock_whose_creation_was_not_confirmed_is_ours_once(
    world: World, error: RequestFailed, after: bool
) -> None:
    world.store.fails["create"] = [(error, after)]
    lock = world.lock()
    taking = asyncio.create_task(lock.acquire(0))
    await world.clock.pass_(2)
    await taking
    await lock.check()
    assert world.holder() == "ours"
    await lock.release()
    assert world.store.held is None


async def test_a_run_that_is_interrupted_while_it_takes_the_lock_leaves_none(world: World) -> None:
    world.store.fails["create"] = [(asyncio.CancelledError(), True)]
    lock = world.lock()
    with pytest.raises(asyncio.CancelledError):
        await lock.acquire(0)
    assert world.holder() == "ours"
    await lock.release()
    assert world.store.held is None


async def test_a_run_that_deletes_a_dead_lock_together_with_others_looks_again(world: World) -> None:
    world.leave(ago=GRACE)
    world.store.fails["delete"] = [(RequestFailed("unknown_error", status=500), True)]
    lock = world.lock()
    taking = asyncio.create_task(lock.acquire(0))
    await world.clock.pass_(2)
    await taking
    assert world.holder() == "ours"
    await lock.release()


async def test_a_lock_that_cannot_be_released_says_so_and_raises_nothing(world: World) -> None:
    lock = world.lock()
    await lock.acquire(0)
    world.store.fails["delete"] = [(Unreachable("Keycloak cannot be reached."), False)]
    await lock.release()
    assert world.said == [
        "The lock could not be released, and expires by itself at 2026-03-01 12:01:00 UTC: Keycloak cannot be reached."
    ]


async def test_a_login_without_the_role_is_told_that_it_is_about_the_lock(world: World) -> None:
    world.store.fails["create"] = [(AccessRefused("403 Forbidden.", remedy="Give it manage-clients."), False)]
    with pytest.raises(AccessRefused, match=r"The lock cannot be taken\. 403 Forbidden\.") as error:
        await world.lock().acquire(0)
    assert error.value.remedy == "Give it manage-clients."


async def test_a_realm_that_is_not_there_yet_is_locked_with_the_first_write_after_its_creation(world: World) -> None:
    world.store.has_realm = False
    lock = world.lock()
    await lock.acquire(0)
    await lock.check()
    assert world.holder() is None
    world.store.has_realm = True
    await lock.check()
    assert world.holder() == "ours"
    await lock.release()


async def test_of_two_that_create_a_realm_the_one_without_the_lock_writes_no_more(world: World) -> None:
    world.store.has_realm = False
    first, second = world.lock("first"), world.lock("second")
    await first.acquire(0)
    await second.acquire(0)
    world.store.has_realm = True
    await first.check()
    with pytest.raises(Halted, match="another run took the lock as soon as the realm was there: first@host"):
        await second.check()
    await second.release()
    assert world.holder() == "first"
    await first.release()
