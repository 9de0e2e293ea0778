"""Who holds the lock of a realm: what a lock says about itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LockInfo:
    """One run's claim to be the only one that writes.

    The times are Keycloak's. ``until`` is None where the lock does not say it in a way that can be read: such a lock
    never ends by itself.
    """

    run: str
    holder: str
    """``user@host (process 4711)``."""
    since: datetime | None
    until: datetime | None

    def __str__(self) -> str:
        since = f", since {moment_text(self.since)}" if self.since else ""
        until = f", until {moment_text(self.until)} unless it is renewed" if self.until else ""
        return f"{self.holder or 'somebody'}, run {self.run or 'unknown'}{since}{until}"


def moment_text(moment: datetime) -> str:
    """Return the moment, which is in UTC, as people read it."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
