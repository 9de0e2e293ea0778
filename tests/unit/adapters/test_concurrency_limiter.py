"""How many requests go at once, and in which order the others follow."""

import asyncio

import pytest

from reconciler.adapters.concurrency_limiter import ConcurrencyLimiter

pytestmark = pytest.mark.anyio


class Callers:
    """Tasks that want a slot each, and keep it until they are told to leave."""

    def __init__(self, count: int) -> None:
        self.slots = ConcurrencyLimiter(count)
        self.inside: list[str] = []
        self.leave: dict[str, asyncio.Event] = {}

    async def enter(self, *names: str) -> list[asyncio.Task[None]]:
        """Let them come, one after the other."""
        tasks = []
        for name in names:
            tasks.append(asyncio.create_task(self._stay(name)))
            await settled()
        return tasks

    async def end(self, name: str) -> None:
        self.leave[name].set()
        await settled()

    async def _stay(self, name: str) -> None:
        self.leave[name] = asyncio.Event()
        async with self.slots:
            self.inside.append(name)
            try:
                await self.leave[name].wait()
            finally:
                self.inside.remove(name)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def finish(callers: Callers, tasks: list[asyncio.Task[None]]) -> None:
    for event in callers.leave.values():
        event.set()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_no_more_than_so_many_are_in_at_once() -> None:
    callers = Callers(2)
    tasks = await callers.enter("a", "b", "c")
    assert callers.inside == ["a", "b"]
    await finish(callers, tasks)
    assert callers.inside == []


async def test_the_newest_of_those_that_wait_goes_first() -> None:
    callers = Callers(1)
    tasks = await callers.enter("a", "b", "c")
    await callers.end("a")
    assert callers.inside == ["c"]
    tasks += await callers.enter("d")
    await callers.end("c")
    assert callers.inside == ["d"]
    await finish(callers, tasks)


async def test_a_slot_that_nobody_waits_for_is_free_again() -> None:
    callers = Callers(1)
    tasks = await callers.enter("a")
    await callers.end("a")
    tasks += await callers.enter("b")
    assert callers.inside == ["b"]
    await finish(callers, tasks)


async def test_who_is_cancelled_while_waiting_takes_no_slot_along() -> None:
    callers = Callers(1)
    tasks = await callers.enter("a", "b")
    tasks[1].cancel()
    await settled()
    await callers.end("a")
    tasks += await callers.enter("c")
    assert callers.inside == ["c"]
    await finish(callers, tasks)


async def test_who_is_cancelled_as_its_turn_comes_passes_it_on() -> None:
    callers = Callers(1)
    tasks = await callers.enter("a", "b")
    callers.leave["a"].set()
    await asyncio.sleep(0)  # "a" has left, and "b" has not run yet
    tasks[1].cancel()
    await settled()
    assert tasks[1].cancelled()
    tasks += await callers.enter("c")
    assert callers.inside == ["c"]
    await finish(callers, tasks)


async def test_who_is_cancelled_inside_leaves() -> None:
    callers = Callers(1)
    tasks = await callers.enter("a", "b")
    tasks[0].cancel()
    await settled()
    assert callers.inside == ["b"]
    await finish(callers, tasks)
