"""Keycloak's time, so that runs on machines whose clocks differ agree on when a lock ends.

Keycloak sends no ``Date`` header (measured on 26.7.5), but every access token that it issues says when (``iat``).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from reconciler.adapters.clock import Stopwatch
from reconciler.adapters.jwt_claims import claims_of
from reconciler.ports import Clock

_RESOLUTION: Final = 1.0
"""Seconds; ``iat`` is a whole number of them."""


class ServerTime:
    """Tell Keycloak's time from the last token that it issued, and this machine's own time until there is one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: datetime | None = None
        self._received = Stopwatch(clock)
        self._on_the_way = 0.0

    def learn(self, token: str, *, asked: Stopwatch) -> None:
        """Take note of a token that has just come; ``asked`` was started when it was asked for."""
        issued = issued_at(token)
        if issued is not None:
            self._issued, self._received, self._on_the_way = issued, Stopwatch(self._clock), asked.at_most()

    def now(self) -> datetime:
        """Return the time, never later than it is."""
        if self._issued is None:
            return self._clock.now()
        return self._issued + timedelta(seconds=self._received.at_least())

    @property
    def uncertainty(self) -> float:
        """Return by how many seconds the true time may be later than :meth:`now`."""
        jumped = self._received.at_most() - self._received.at_least()
        return _RESOLUTION + self._on_the_way + (0.0 if self._issued is None else jumped)


class ServerClock:
    """Implement the port ``Clock`` by Keycloak's time, so that what ends there ends for every machine at once."""

    def __init__(self, time: ServerTime, clock: Clock) -> None:
        self._time = time
        self.monotonic = clock.monotonic
        self.sleep = clock.sleep

    def now(self) -> datetime:
        """Return Keycloak's time, as far as a token has told it."""
        return self._time.now()


def issued_at(token: str) -> datetime | None:
    """Return when a token was issued, or None where it does not say so; it is Keycloak's own, so nothing is checked."""
    try:
        return datetime.fromtimestamp((claims_of(token) or {})["iat"], UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
