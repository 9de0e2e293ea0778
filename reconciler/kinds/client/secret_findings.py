"""Plan for secrets: what a person should know of them, and an end that somebody set by hand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from reconciler.kinds.client.fields import ATTRIBUTE
from reconciler.kinds.client.interference import is_second_rotation
from reconciler.kinds.client.representation import observed_marks
from reconciler.kinds.client.rotation_due import rotation_findings
from reconciler.kinds.client.secret_times import CLOSED, OLD_EXPIRES, RotationPeriods, off_policy, rotation_of, times_of
from reconciler.kinds.realm.rotation_policy import declared, in_force
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.rotation import Phase, epoch
from reconciler.model.value import Representation


def secret_findings(situation: Situation) -> Iterator[Finding]:
    """Yield which secrets are due, about to end, undelivered, or end when no policy says so."""
    snapshot = situation.snapshot
    for manifest, client, address in situation.clients():
        live = snapshot.clients.get(client.client_id)
        if live is None or not observed_marks(live).is_of(situation.owner):
            continue
        rotation = rotation_of(address, live.representation, snapshot.taken_at)
        yield from rotation_findings(rotation, manifest.spec.secret_rotation, snapshot.taken_at)
        if declared(situation.desired.realm) is None and snapshot.realm is not None:
            periods = in_force(snapshot.realm, live.representation.get("attributes") or {})
            yield from _off_policy(address, live.representation, periods, snapshot.taken_at)


def _off_policy(
    address: Address, representation: Representation, periods: RotationPeriods | None, now: datetime
) -> Iterator[Finding]:
    # The realm's policy is somebody else's, and may change: what it would make of living secrets is not ours to write.
    if periods is None:
        return
    for attribute, is_, should in off_policy(times_of(representation), periods, now):
        detail = f"{attribute} is {_text(is_)}; by the realm's rotation policy it would be {_text(should)}."
        remedy = f"If that is not intended, create a new secret: reconciler rotate start {address.name}."
        yield Finding(address, Code.SECRET_EXPIRY_DIFFERS, Severity.WARNING, FieldStatus.DRIFTED, detail, remedy)


def with_secret_ends(row: Row, desired: DesiredState, snapshot: Snapshot) -> Row:
    """Return a client's row with the ends of its secrets, where they are not what they should be.

    That is where they are none that the declared policy makes, and where a trial has closed the old one and died.
    """
    if row.before is None or row.after is None:
        return row
    live = snapshot.clients.get(row.renamed_from or row.address.name)
    if live is None or row.is_leaving:
        return row
    rotation = rotation_of(row.address, live.representation, snapshot.taken_at)
    periods = None if is_second_rotation(snapshot, live.client_id) else declared(desired.realm)
    found = list(off_policy(rotation.times, periods, snapshot.taken_at)) if periods else []
    before = {ATTRIBUTE + attribute: str(epoch(is_)) for attribute, is_, _ in found}
    after = {ATTRIBUTE + attribute: str(epoch(should)) for attribute, _, should in found}
    if rotation.phase is Phase.TRIAL and rotation.mark is not None:
        before[ATTRIBUTE + OLD_EXPIRES] = CLOSED
        after[ATTRIBUTE + OLD_EXPIRES] = str(rotation.mark.closed_from)
    return replace(row, before={**row.before, **before}, after={**row.after, **after}) if before else row


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
