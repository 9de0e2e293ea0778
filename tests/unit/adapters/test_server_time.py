"""Keycloak's time, as its tokens tell it."""

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.adapters.clock import Stopwatch
from reconciler.adapters.server_time import ServerClock, ServerTime, issued_at
from tests.fakes.runtime import START, FakeClock
from tests.unit.adapters.tokens import a_token


def test_the_time_is_that_of_the_token_and_goes_on() -> None:
    clock = FakeClock()
    time = ServerTime(clock)
    asked = Stopwatch(clock)
    clock.passed = 2.0
    time.learn(a_token(iat=1_800_000_000), asked=asked)
    clock.passed = 7.0
    assert time.now() == datetime.fromtimestamp(1_800_000_005, UTC)


def test_the_way_to_the_server_is_what_is_not_known() -> None:
    clock = FakeClock()
    time = ServerTime(clock)
    asked = Stopwatch(clock)
    clock.passed = 2.0
    time.learn(a_token(iat=1_800_000_000), asked=asked)
    assert time.uncertainty == 3.0


def test_without_a_token_the_time_is_this_machine_s() -> None:
    clock = FakeClock()
    clock.passed = 7.0
    assert ServerTime(clock).now() == START + timedelta(seconds=7)


def test_a_run_goes_by_the_server_s_time_where_this_machine_s_clock_is_wrong() -> None:
    clock = FakeClock()
    time = ServerTime(clock)
    theirs = ServerClock(time, clock)
    assert theirs.now() == START
    time.learn(a_token(iat=1_800_000_000), asked=Stopwatch(clock))
    clock.passed = 3.0
    assert (theirs.now(), theirs.monotonic()) == (datetime.fromtimestamp(1_800_000_003, UTC), 3.0)


@pytest.mark.parametrize(
    "token", ["", "opaque", "header.payload.signature", a_token(), a_token(iat="now"), "a.bnVsbA.c"]
)
def test_a_token_that_does_not_tell_the_time_is_no_error(token: str) -> None:
    assert issued_at(token) is None
