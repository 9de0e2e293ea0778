"""A client's secrets as its attributes tell them, and what of that Keycloak cannot have written itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reconciler.model.address import Address
from reconciler.model.layout import ROTATION_MARK
from reconciler.model.rotation import ClientRotation, Phase, RotationMark, SecretTimes, epoch, moment
from reconciler.model.value import Representation

CREATED: Final = "client.secret.creation.time"
EXPIRES: Final = "client.secret.expiration.time"
ROTATED_AT: Final = "client.secret.rotated.creation.time"
OLD_EXPIRES: Final = "client.secret.rotated.expiration.time"
CLOSED: Final = "1"
"""What a trial writes as the old secret's end: long ago, whatever the clocks say."""

_SLACK: Final = timedelta(minutes=2)
"""Between what Keycloak writes in one transaction; and, where it is ours against its, between the clocks."""


@dataclass(frozen=True, slots=True)
class RotationPeriods:
    """What a rotation policy says: for how long a secret, and an old one beside a new one, is valid."""

    expiration: timedelta
    overlap: timedelta


def times_of(representation: Representation) -> SecretTimes:
    """Return the moments that the client's attributes say."""
    said = representation.get("attributes") or {}
    return SecretTimes(*(moment(said.get(key)) for key in (CREATED, EXPIRES, ROTATED_AT, OLD_EXPIRES)))


def rotation_of(address: Address, representation: Representation, now: datetime) -> ClientRotation:
    """Return how far the rotation of the client's secret is."""
    times = times_of(representation)
    mark = RotationMark.parse((representation.get("attributes") or {}).get(ROTATION_MARK))
    return ClientRotation(
        address=address,
        uuid=str(representation["id"]),
        enabled=bool(representation.get("enabled")),
        times=times,
        mark=mark,
        phase=phase_of(times, mark, now),
    )


def phase_of(times: SecretTimes, mark: RotationMark | None, now: datetime) -> Phase:
    """Return how far a rotation is.

    Before a new secret is made, whatever is left of an older rotation is dropped: an old secret beside the current
    one was put there after our mark.
    """
    if mark is None:
        return Phase.FOREIGN if times.old_is_alive(now) else Phase.SETTLED
    if is_closed(times, mark):
        return Phase.TRIAL
    if mark.delivered and mark.delivered == epoch(times.created):
        return Phase.OVERLAP if times.old_is_alive(now) else Phase.ENDED
    if times.rotated_at is None:
        return Phase.STARTING
    return Phase.UNDELIVERED


def is_closed(times: SecretTimes, mark: RotationMark) -> bool:
    """Tell whether a trial has closed the old secret, and nobody has opened or revoked it since."""
    return bool(mark.closed_from) and epoch(times.old_expires) == int(CLOSED)


def off_policy(times: SecretTimes, periods: RotationPeriods, now: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield which end is none that Keycloak writes under the policy: the attribute, the end, and what it should be.

    Keycloak writes a secret's end when the secret is made, or at the first login with the policy in force: between
    its creation and now. An end that lies earlier would shut the client out; one that lies later keeps a secret alive.
    The old secret's end is only ever pulled in: whoever closed it early may have had a reason.
    """
    if times.created is not None and times.expires is not None:
        earliest, latest = times.created + periods.expiration, now + periods.expiration
        if times.expires > latest + _SLACK:
            # Never at once: there must be time to rotate.
            yield EXPIRES, times.expires, max(earliest, now + periods.overlap)
        elif times.expires < earliest - _SLACK and earliest > now:
            yield EXPIRES, times.expires, earliest
    if times.rotated_at is not None and times.old_expires is not None:
        end = times.rotated_at + periods.overlap
        if times.old_expires > end + _SLACK:
            yield OLD_EXPIRES, times.old_expires, end
