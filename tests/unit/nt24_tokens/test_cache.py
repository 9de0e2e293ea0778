"""When a token is good enough, and when it is replaced."""

import pytest

from nt24_tokens.cache import TokenCache
from nt24_tokens.token import Token
from tests.fakes.runtime import FakeClock


@pytest.mark.parametrize(("lifetime", "passed", "fresh"), [(300, 239, True), (300, 240, False), (60, 30, False)])
def test_a_token_is_fresh_until_a_minute_before_its_end_or_half_its_life(
    lifetime: float, passed: float, fresh: bool
) -> None:
    clock = FakeClock()
    cache = TokenCache(clock)
    cache.keep(Token("1", lifetime), clock.monotonic())
    clock.passed = passed
    assert (cache.fresh() == "1") is fresh


def test_the_time_that_the_answer_took_counts() -> None:
    clock = FakeClock()
    clock.passed = 100
    cache = TokenCache(clock)
    cache.keep(Token("1", 300), asked=0)
    clock.passed = 240
    assert cache.fresh() is None


def test_an_old_token_serves_until_shortly_before_its_end_and_replacing_waits_a_little() -> None:
    clock = FakeClock()
    cache = TokenCache(clock)
    cache.keep(Token("1", 300), 0)
    clock.passed = 250
    assert (cache.fresh(), cache.make_do(), cache.fresh()) == (None, "1", "1")
    clock.passed = 256
    assert cache.fresh() is None
    clock.passed = 296
    assert cache.make_do() is None


def test_a_token_that_was_forgotten_does_not_serve() -> None:
    cache = TokenCache(FakeClock())
    cache.keep(Token("1", 300), 0)
    cache.forget("another")
    assert cache.fresh() == "1"
    cache.forget("1")
    assert (cache.fresh(), cache.make_do()) == (None, None)
