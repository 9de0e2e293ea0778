"""A write leaves only while the lock is held, whatever it waited for on its way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from nt24_tokens.cached import BearerAuth, CachedToken
from nt24_tokens.token import Token
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.write_gate import LockGate, writes_sent
from reconciler.model.errors import Halted
from reconciler.ports import Lock
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import HANG_UP, Reply, Script, serving

pytestmark = pytest.mark.anyio

BUSY = Reply(503, headers={"Retry-After": "0"})
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Lease(Lock):
    """A lock that is lost when a test says so."""

    lost = False

    def end(self) -> None:
        self.lost = True

    @property
    def is_lost(self) -> bool:
        return self.lost

    async def check(self) -> None:
        if self.lost:
            raise Halted("the lock was lost")

    async def acquire(self, patience: float) -> None:
        """It is held from the beginning."""

    async def release(self) -> None:
        """Nobody else wants it."""


class Ending(Script):
    """Act when so many requests have come, before the answer to the last of them."""

    def __init__(self, *replies: Reply | None, after: int, act: Callable[[], None]) -> None:
        super().__init__(*replies)
        self._after, self._act = after, act

    async def answer(self, request: web.Request) -> web.StreamResponse:
        answer = await super().answer(request)
        if len(self.seen) == self._after:
            self._act()
        return answer


@asynccontextmanager
async def writing(script: Script, lease: Lease, token: Callable[[], Awaitable[Token]] | None = None,
                  parallelism: int = 10) -> AsyncIterator[ApiClient]:  # fmt: skip
    gate = LockGate()
    auth = BearerAuth(CachedToken(token, FakeClock())) if token else None
    async with serving(script) as url:
        connection = Connection("Keycloak", url, timeout=5, attempts=3, parallelism=parallelism, gate=gate)
        with gate.opened_by(lease):
            async with ApiClient(connection, auth=auth) as client:
                yield client


@pytest.mark.parametrize("method", WRITES)
async def test_without_a_lock_no_write_leaves(method: str) -> None:
    script = Script(Reply())
    async with serving(script) as url, ApiClient(Connection("Keycloak", url, gate=LockGate())) as client:
        await client.get("/x")
        with pytest.raises(Halted, match="the lock is not held"):
            await client.request(method, "/x")
    assert [seen.method for seen in script.seen] == ["GET"]


@pytest.mark.parametrize("method", WRITES)
async def test_once_the_lock_is_lost_no_write_leaves_and_reads_do(method: str) -> None:
    script, lease = Script(Reply()), Lease()
    async with writing(script, lease) as client:
        await client.request(method, "/x")
        lease.end()
        with pytest.raises(Halted, match="the lock was lost"):
            await client.request(method, "/x")
        await client.get("/x")
    assert [seen.method for seen in script.seen] == [method, "GET"]


async def test_when_the_lock_is_given_back_no_write_leaves() -> None:
    script, gate = Script(Reply()), LockGate()
    async with serving(script) as url, ApiClient(Connection("Keycloak", url, gate=gate)) as client:
        with gate.opened_by(Lease()):
            await client.put("/x")
        with pytest.raises(Halted):
            await client.put("/x")
    assert len(script.seen) == 1


async def test_a_write_whose_token_came_too_late_is_not_sent() -> None:
    script, lease = Script(Reply()), Lease()

    async def slow() -> Token:
        lease.end()
        return Token("t", 300)

    async with writing(script, lease, slow) as client:
        with pytest.raises(Halted):
            await client.put("/x")
    assert script.seen == []


async def test_a_write_whose_turn_came_too_late_is_not_sent() -> None:
    lease = Lease()
    script = Ending(Reply(), after=1, act=lease.end)
    async with writing(script, lease, parallelism=1) as client:
        read, written = await asyncio.gather(client.get("/slow"), client.put("/x"), return_exceptions=True)
    assert not isinstance(read, BaseException)
    assert isinstance(written, Halted)
    assert [seen.method for seen in script.seen] == ["GET"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_write_is_not_repeated_after_the_end(method: str) -> None:
    lease = Lease()
    script = Ending(BUSY, Reply(), after=1, act=lease.end)
    async with writing(script, lease) as client:
        with pytest.raises(Halted):
            await client.request(method, "/x")
    assert len(script.seen) == 1


async def test_a_write_is_not_repeated_with_a_new_token_after_the_end() -> None:
    lease = Lease()
    script = Ending(Reply(401), Reply(), after=1, act=lease.end)

    async def token() -> Token:
        return Token("t", 300)

    async with writing(script, lease, token) as client:
        with pytest.raises(Halted):
            await client.post("/x", json={})
    assert len(script.seen) == 1


async def test_a_write_is_not_repeated_on_a_new_connection_after_the_end() -> None:
    # The HTTP library does that by itself where a connection that was used before breaks.
    lease = Lease()
    script = Ending(Reply(), HANG_UP, Reply(), after=2, act=lease.end)
    async with writing(script, lease, parallelism=1) as client:
        await client.get("/x")
        with pytest.raises(Halted):
            await client.put("/x", json={})
    assert len(script.seen) == 2


async def test_each_task_counts_the_writes_that_it_has_sent() -> None:
    script, lease = Script(Reply()), Lease()

    async def some(client: ApiClient, count: int) -> int:
        for _ in range(count):
            await client.put("/x")
            await client.get("/x")
        return writes_sent()

    async with writing(script, lease) as client:
        tasks = [asyncio.create_task(some(client, count)) for count in (3, 1, 2)]
        assert await asyncio.gather(*tasks) == [3, 1, 2]
        lease.end()
        with pytest.raises(Halted):
            await client.put("/x")
        assert writes_sent() == 0
