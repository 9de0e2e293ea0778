"""The clock counts what a machine has slept, and sees where the wall clock was moved."""

import sys
import time
from datetime import datetime, timedelta

import pytest

from reconciler.adapters.clock import Stopwatch, SystemClock
from tests.fakes.runtime import FakeClock


class Watch(FakeClock):
    """A clock whose wall clock can be moved by itself."""

    moved = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.moved)


@pytest.mark.skipif(sys.platform != "linux", reason="this clock is Linux's")
def test_on_linux_the_clock_counts_sleep() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().monotonic() <= time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize(("moved", "at_most"), [(0.0, 10.0), (7.0, 17.0), (-7.0, 10.0)], ids=["not", "forward", "back"])
def test_a_stopwatch_says_how_far_the_wall_clock_may_be_right(moved: float, at_most: float) -> None:
    clock = Watch()
    watch = Stopwatch(clock)
    clock.passed, clock.moved = 10.0, moved
    assert (watch.at_least(), watch.at_most()) == (10.0, at_most)
