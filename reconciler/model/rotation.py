"""The rotation of one client's secret: what Keycloak and our mark say of it. No value here holds a secret.

The states, and what leads from one to the next::

    settled --start--> starting --regenerate--> undelivered --deliver, prove--> overlap --confirm--> settled
                                                                 overlap <--reopen-- trial (--require-usage)
                                             overlap --abort--> undelivered, with the old secret as the current one
                                                        overlap --the window ends--> ended --confirm--> settled
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from reconciler.model.address import Address


class RotationStep(StrEnum):
    """Name the steps of a rotation, for the journal; closed."""

    CHECK_SINK = "check-sink"
    DROP_OLD_SECRET = "drop-old-secret"  # noqa: S105  (a name)
    MARK_ROTATION = "mark-rotation"
    REGENERATE_SECRET = "regenerate-secret"  # noqa: S105
    DELIVER_SECRET = "deliver-secret"  # noqa: S105
    PROVE_SECRET = "prove-secret"  # noqa: S105
    CLOSE_OLD_SECRET = "close-old-secret"  # noqa: S105
    REOPEN_OLD_SECRET = "reopen-old-secret"  # noqa: S105
    REVOKE_OLD_SECRET = "revoke-old-secret"  # noqa: S105
    RETURN_TO_OLD_SECRET = "return-to-old-secret"  # noqa: S105


class Phase(StrEnum):
    """Say how far a rotation is."""

    SETTLED = "settled"
    """One secret, and no rotation under way."""
    STARTING = "starting"
    """A start was interrupted before a new secret was made."""
    UNDELIVERED = "undelivered"
    """Two secrets; the current one is not known to have been delivered and tried."""
    OVERLAP = "overlap"
    """Two secrets; the current one was delivered and tried."""
    TRIAL = "trial"
    """The old secret is closed, to see whether somebody still uses it."""
    ENDED = "ended"
    """The old secret has died; the rotation only has to be closed."""
    FOREIGN = "foreign"
    """Two secrets, and none of our marks: somebody else made a new one."""


@dataclass(frozen=True, slots=True)
class SecretTimes:
    """When a client's secrets were made, and when they end, as Keycloak says; None where it says nothing."""

    created: datetime | None
    expires: datetime | None
    rotated_at: datetime | None
    """When the old secret was put beside the current one; None where there is no old one."""
    old_expires: datetime | None

    def old_is_alive(self, now: datetime) -> bool:
        """Tell whether the old secret is still accepted."""
        return self.rotated_at is not None and self.old_expires is not None and self.old_expires > now

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the current secret, and with it every other one, is refused."""
        return self.expires is not None and self.expires <= now


@dataclass(frozen=True, slots=True)
class RotationMark:
    """What we note on the client: what the old secret was, and how far we came. Moments are whole seconds.

    ``begun`` is by our clock; ``delivered`` is the creation of the secret that was delivered and tried;
    ``closed_from`` is the old secret's end before a trial closed it.
    """

    begun: int
    old_created: int = 0
    old_expires: int = 0
    delivered: int = 0
    closed_from: int = 0
    aborted: bool = False

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Return the mark, or None where there is none that we wrote."""
        pairs = dict(part.split("=", 1) for part in (text or "").split() if "=" in part)
        try:
            numbers = {key: int(value) for key, value in pairs.items()}
            known = {each.name: numbers[each.name] for each in fields(cls) if each.name != "aborted"}
        except (KeyError, ValueError):
            return None
        return cls(**known, aborted=bool(numbers.get("aborted")))

    def __str__(self) -> str:
        return " ".join(f"{each.name}={getattr(self, each.name):d}" for each in fields(self))


@dataclass(frozen=True, slots=True)
class ClientRotation:
    """One client's secrets, as far as they may be seen."""

    address: Address
    uuid: str
    enabled: bool
    times: SecretTimes
    mark: RotationMark | None
    phase: Phase

    @property
    def is_open(self) -> bool:
        """Tell whether there is a rotation to go on with, or to end."""
        return self.phase is not Phase.SETTLED


@dataclass(frozen=True, slots=True)
class LoginTrial:
    """How a secret fared at the token endpoint; ``token_id`` names the token in Keycloak's events."""

    accepted: bool
    token_id: str = ""
    detail: str = ""


class RotationStatus(StrEnum):
    """Say how one client's rotation went."""

    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RotationOutcome:
    """What was done for one client: what to tell, and where it failed what to do."""

    address: Address
    status: RotationStatus
    said: tuple[str, ...]
    remedy: str = ""


def moment(seconds: str | int | None) -> datetime | None:
    """Return the moment that Keycloak writes as whole seconds; None for nothing, or something else."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if seconds not in (None, "") else None
    except (ValueError, OverflowError, OSError):
        return None


def epoch(at: datetime | None) -> int:
    """Return the whole seconds of a moment, 0 for none."""
    return 0 if at is None else int(at.timestamp())
