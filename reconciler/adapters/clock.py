"""The real time."""

import asyncio
import sys
import time
from datetime import UTC, datetime

from reconciler.ports import Clock


class SystemClock:
    """Implement the port ``Clock`` by the machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds from some fixed moment, those included that the machine has slept."""
        return _seconds()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


# docs/decisions.md, 134: why two clocks, and which one counts when.
class Stopwatch:
    """Tell how long ago it was started, at least and at most.

    The two differ where the wall clock was moved forward meanwhile. A virtual machine that its host had paused shows
    it by nothing else, once its wall clock is put right; or somebody just set the clock. So who must not be late goes
    by :meth:`at_most`, and who must not be early by :meth:`at_least`. Both return seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall, self._monotonic = clock.now(), clock.monotonic()

    def at_least(self) -> float:
        """Return how long ago it was started by the clock that nobody sets."""
        return self._clock.monotonic() - self._monotonic

    def at_most(self) -> float:
        """Return how long ago it was started by the clock that says more."""
        return max(self.at_least(), (self._clock.now() - self._wall).total_seconds())


def _seconds() -> float:
    """Return what counts sleep: on Linux and macOS ``time.monotonic`` does not, on Windows it does.

    Sources: clock_gettime(2) of Linux; Apple's documentation of mach_continuous_time, which is this clock of macOS.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    return time.monotonic()
