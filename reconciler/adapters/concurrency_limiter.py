"""So many requests at once; of those that wait, the newest goes first."""

import asyncio
from types import TracebackType


class ConcurrencyLimiter:
    """Let ``count`` in at once, and the newest of those that wait as soon as one leaves.

    A thousand independent reads may wait while another chain takes one answer after the other: each request of the
    chain is newer than all of them, so that it takes its turn at once and not after the thousand. All that begins
    is waited for by its caller anyway; whoever goes last loses nothing.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> None:
        """Wait for a slot."""
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # The turn came at the moment of being cancelled: somebody else takes it.
                self._pass_on()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the slot back."""
        self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            # docs/decisions.md, 84: why the newest goes first.
            turn = self._waiting.pop()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
