"""Requests are counted per organization, category, minute and ten seconds."""

from pathlib import Path

import pytest

from reconciler.sandbox.platform.limits import HIGH_VOLUME, STANDARD, Allowance, Category, Limits, RateLimiter
from tests.unit.sandbox.platform.builders import NOON, Platform, an_organization, problem


class Counter:
    def __init__(self, tier: str = "STANDARD") -> None:
        self.now = NOON
        self.tier = tier
        self.limiter = RateLimiter(Limits(6, 60, 60), clock=lambda: self.now)

    def take(self, times: int = 1, category: Category = Category.READ, organization: str = "a") -> Allowance:
        for _ in range(times - 1):
            self.limiter.take(organization, self.tier, category)
        return self.limiter.take(organization, self.tier, category)


def test_each_request_leaves_one_less() -> None:
    counter = Counter()

    assert counter.take() == Allowance(Category.READ, 300, 99, int(NOON) + 60, None)
    assert counter.take().remaining == 98


@pytest.mark.parametrize(("limits", "burst"), [(STANDARD, (100, 20, 4)), (HIGH_VOLUME, (500, 100, 15))])
def test_a_burst_of_ten_seconds_has_a_multiple_of_the_sustained_rate(limits: Limits, burst: tuple[int, ...]) -> None:
    assert tuple(limits.per_burst(category) for category in Category) == burst


def test_a_burst_that_is_too_large_must_wait_for_the_next_ten_seconds() -> None:
    counter = Counter()
    counter.now += 3.5

    assert counter.take(100).retry_after is None
    assert counter.take().retry_after == 7
    counter.now += 6.5
    assert counter.take().retry_after is None


def test_a_minute_that_is_used_up_must_end_first() -> None:
    counter = Counter()
    for _ in range(3):
        counter.take(100)
        counter.now += 10

    refused = counter.take()
    assert (refused.remaining, refused.retry_after) == (0, 30)
    counter.now += 30
    assert counter.take().retry_after is None


def test_refused_requests_do_not_count() -> None:
    counter = Counter()
    counter.take(500)
    counter.now += 10

    assert counter.take().remaining == 99


def test_categories_and_organizations_are_counted_apart() -> None:
    counter = Counter()
    counter.take(100)

    assert counter.take(category=Category.WRITE).remaining == 19
    assert counter.take(organization="b").remaining == 99


def test_the_tier_enterprise_has_the_limits_of_its_agreement() -> None:
    assert Counter("ENTERPRISE").take().limit == 6


def test_an_unknown_tier_counts_as_standard() -> None:
    assert Counter("PLATINUM").take().limit == 300


def test_one_request_too_many_is_answered_429_with_the_time_to_wait(tmp_path: Path) -> None:
    platform = Platform(tmp_path, an_organization(tier="STANDARD"))
    platform.now += 2
    for _ in range(100):
        assert platform.me().status_code == 200

    response = platform.me()

    assert problem(response) == (429, "rate-limited")
    assert response.headers["Retry-After"] == "8"
    assert response.headers["X-RateLimit-Limit"] == "300"
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert response.headers["X-RateLimit-Reset"] == str(int(NOON) + 60)
    assert response.headers["X-RateLimit-Category"] == "read"
