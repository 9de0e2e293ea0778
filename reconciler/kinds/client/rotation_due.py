"""Judge a client's secrets: whether a new one is due, and what a person should know of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from reconciler.model.duration import about
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import RotationPolicy
from reconciler.model.rotation import ClientRotation, Phase

_ROOM: Final = timedelta(days=7)
"""Before a secret expires, where no policy says how much room a rotation needs."""
_LAST_QUARTER: Final = 4


def is_due(rotation: ClientRotation, policy: RotationPolicy | None, now: datetime) -> bool:
    """Tell whether a new secret is due: it is too old, or too near to its end to give its successor an overlap."""
    return bool(due_because(rotation, policy, now))


def due_because(rotation: ClientRotation, policy: RotationPolicy | None, now: datetime) -> str:
    """Return why a new secret is due; empty where it is not."""
    times = rotation.times
    if times.expires is not None and times.expires <= now + room(policy):
        return f"it expires in {about(times.expires - now)}" if times.expires > now else "it has expired"
    if policy is not None and times.created is not None:
        age = now - times.created
        if age >= timedelta(seconds=policy.max_age):
            return f"it is {about(age)} old, and maxAge is {about(timedelta(seconds=policy.max_age))}"
    return ""


def room(policy: RotationPolicy | None) -> timedelta:
    """Return how long before its end a secret is due."""
    return _ROOM if policy is None else timedelta(seconds=policy.overlap)


def rotation_findings(rotation: ClientRotation, policy: RotationPolicy | None, now: datetime) -> Iterator[Finding]:
    """Yield what a person should know of a client's secrets."""
    times, address = rotation.times, rotation.address
    name = address.name

    def finding(code: Code, severity: Severity, status: FieldStatus, detail: str, remedy: str) -> Finding:
        return Finding(address, code, severity, status, detail, remedy)

    if times.has_expired(now):
        detail = f"The secret expired on {times.expires:%Y-%m-%d %H:%M} UTC: the client gets no token."
        remedy = f"Make a new one: reconciler rotate start {name}."
        yield finding(Code.SECRET_EXPIRED, Severity.ERROR, FieldStatus.DRIFTED, detail, remedy)
    elif rotation.phase in {Phase.SETTLED, Phase.ENDED} and (why := due_because(rotation, policy, now)):
        remedy = f"Rotate it: reconciler rotate start {name}, or rotate start --due for all."
        yield finding(
            Code.ROTATION_DUE, Severity.WARNING, FieldStatus.IN_SYNC, f"The secret is due for rotation: {why}.", remedy
        )
    end = f"{times.old_expires:%Y-%m-%d %H:%M} UTC" if times.old_expires else "some time"
    match rotation.phase:
        case Phase.TRIAL:
            detail = (
                "The old secret was disabled to see who still uses it, and the run ended before it was enabled again."
            )
            remedy = f"Enable it: reconciler apply, or rotate confirm {name}, or rotate abort {name}."
            yield finding(Code.OLD_SECRET_CLOSED, Severity.ERROR, FieldStatus.DRIFTED, detail, remedy)
        case Phase.UNDELIVERED:
            detail = f"A new secret was made, but not delivered. The old one is accepted until {end}."
            remedy = f"Deliver it: reconciler rotate deliver {name}."
            yield finding(Code.SECRET_UNDELIVERED, Severity.WARNING, FieldStatus.IN_SYNC, detail, remedy)
        case Phase.FOREIGN:
            detail = f"A new secret was created outside of the reconciler. The old one is accepted until {end}."
            remedy = f"Deliver the new one: reconciler rotate deliver {name}; or go back: rotate abort {name}."
            yield finding(Code.SECRET_ROTATED_BY_OTHERS, Severity.WARNING, FieldStatus.IN_SYNC, detail, remedy)
        case Phase.OVERLAP if _nears_its_end(rotation, now):
            detail = f"The old secret expires at {end}, and the rotation is not confirmed."
            remedy = f"Switch what still uses it, then: reconciler rotate confirm {name}."
            yield finding(Code.OLD_SECRET_EXPIRES, Severity.WARNING, FieldStatus.IN_SYNC, detail, remedy)
        case _:
            return


def _nears_its_end(rotation: ClientRotation, now: datetime) -> bool:
    times = rotation.times
    if times.rotated_at is None or times.old_expires is None:
        return False
    return times.old_expires - now <= (times.old_expires - times.rotated_at) / _LAST_QUARTER
