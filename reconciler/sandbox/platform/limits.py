"""Rate limits: requests per minute, per organization and category.

Source: developers.novatrade24.com, "Rate limits". A minute is a fixed window. "Burst 2x for 10 s" is read as: in
a window of ten seconds, at most twice the sustained rate.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MINUTE: Final = 60
_BURST_SECONDS: Final = 10
_MOST_KEPT: Final = 10_000


class Category(StrEnum):
    """What a request counts as."""

    READ = "read"
    WRITE = "write"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Limits:
    """A tier's requests per minute, and the factor by which it may be exceeded for ten seconds."""

    read: int
    write: int
    webhook: int
    burst: int = 2

    def per_minute(self, category: Category) -> int:
        """Return the requests per minute of a category."""
        return {Category.READ: self.read, Category.WRITE: self.write, Category.WEBHOOK: self.webhook}[category]

    def per_burst(self, category: Category) -> int:
        """Return the requests per ten seconds of a category."""
        return math.ceil(self.per_minute(category) * self.burst * _BURST_SECONDS / _MINUTE)


STANDARD: Final = Limits(300, 60, 10)
HIGH_VOLUME: Final = Limits(1000, 200, 30, burst=3)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Tell how one request stands to the limit."""

    category: Category
    limit: int
    remaining: int
    reset: int
    """When the window ends, in seconds since 1970."""
    retry_after: int | None
    """Seconds to wait, when the request was one too many; else None."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers that every response carries."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Category": self.category,
        }


@dataclass(slots=True)
class _Window:
    length: int
    end: int = 0
    count: int = 0

    def move_to(self, now: float) -> None:
        if now >= self.end:
            self.end = (math.floor(now) // self.length + 1) * self.length
            self.count = 0


class RateLimiter:
    """Count requests."""

    def __init__(self, enterprise: Limits, clock: Callable[[], float] = time.time) -> None:
        """Start counting from nothing; ``enterprise`` is by agreement, and ``clock`` returns seconds since 1970."""
        self._tiers = {"STANDARD": STANDARD, "HIGH_VOLUME": HIGH_VOLUME, "ENTERPRISE": enterprise}
        self._clock = clock
        self._windows: dict[tuple[str, Category], tuple[_Window, _Window]] = {}

    def take(self, organization_id: str, tier: str, category: Category) -> Allowance:
        """Count one request, unless it is one too many; an unknown tier counts as STANDARD."""
        now = self._clock()
        limits = self._tiers.get(tier, STANDARD)
        if len(self._windows) >= _MOST_KEPT:
            self._windows.clear()
        minute, burst = self._windows.setdefault(
            (organization_id, category), (_Window(_MINUTE), _Window(_BURST_SECONDS))
        )
        minute.move_to(now)
        burst.move_to(now)
        most = ((minute, limits.per_minute(category)), (burst, limits.per_burst(category)))
        full = [window for window, limit in most if window.count >= limit]
        if not full:
            minute.count += 1
            burst.count += 1
        return Allowance(
            category=category,
            limit=limits.per_minute(category),
            remaining=max(0, min(limit - window.count for window, limit in most)),
            reset=minute.end,
            retry_after=max(1, math.ceil(max(window.end for window in full) - now)) if full else None,
        )
