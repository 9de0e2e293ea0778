"""Say what NT24 is to be asked for: every difference that neither a change nor time will mend."""

from collections.abc import Collection
from typing import Final

from reconciler.kinds.effective import PARTNERS, differing_fields, has_settled
from reconciler.kinds.organization.authority import answer_for, decided_otherwise
from reconciler.kinds.organization.representation import desired_fields, effective_fields
from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import as_set
from reconciler.model.address import Address
from reconciler.model.expectations import Expectations, is_older
from reconciler.model.finding import Code
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import Effective, ReadFailure, Snapshot
from reconciler.model.request import Agreement, Ask, Request, RequestReport
from reconciler.model.value import Fields

_DPA: Final = "dpa."


def requests_for(situation: Situation, pending: Collection[Address]) -> RequestReport:
    """Return what is to be asked; what is ``pending``, apply mends."""
    snapshot = situation.snapshot
    meant = [each for each in situation.desired.organizations if situation.means(Address.organization(each.name))]
    awake = [each for each in meant if not each.spec.suspended and any(client.enabled for client in each.spec.clients)]
    found = (_request(each, situation, pending) for each in awake)
    return RequestReport(
        seen_at=snapshot.taken_at,
        requests=tuple(each for each in found if each.asks or each.authorize or each.withdraw or each.agreement),
        names=situation.names,
        unseen={
            Address.organization(each.name): reason
            for each in awake
            if not _touched(each, pending) and (reason := _unseen(each, snapshot))
        },
        pending=tuple(Address.organization(each.name) for each in awake if _touched(each, pending)),
        recent=tuple(Address.organization(each.name) for each in awake if _is_recent(each, snapshot)),
    )


def _touched(manifest: IntegrationOrganization, pending: Collection[Address]) -> bool:
    return any(Address.organization(manifest.name).contains(address) for address in pending)


def _is_recent(manifest: IntegrationOrganization, snapshot: Snapshot) -> bool:
    # Moments were read only where something differs.
    return manifest.name in snapshot.written and not has_settled(manifest.name, snapshot)


def _unseen(manifest: IntegrationOrganization, snapshot: Snapshot) -> str:
    """Return why nothing is known of what is in force; empty where a client got an answer, or the DPA is the reason."""
    if answer_for(manifest, snapshot) is not None or _is_refused(manifest, snapshot):
        return ""
    answers = [snapshot.effective.get(client.client_id) for client in manifest.spec.clients]
    reasons = sorted(answer.reason for answer in answers if isinstance(answer, ReadFailure))
    return reasons[0] if reasons else "none of its clients exists"


def _is_refused(manifest: IntegrationOrganization, snapshot: Snapshot) -> bool:
    answers = (snapshot.effective.get(client.client_id) for client in manifest.spec.clients)
    return any(isinstance(answer, ReadFailure) and answer.code == Code.DPA_NOT_ACCEPTED for answer in answers)


def _request(manifest: IntegrationOrganization, situation: Situation, pending: Collection[Address]) -> Request:
    snapshot, expected = situation.snapshot, situation.expected
    answer = answer_for(manifest, snapshot)
    wanted, in_force = desired_fields(manifest, ""), effective_fields(answer) if answer else {}
    ours = _ours(manifest, answer, snapshot, expected) if not _touched(manifest, pending) else ()
    paths = (*ours, *(path for path, _, _ in decided_otherwise(manifest, snapshot, expected)))
    missing, extra = (as_set(wanted.get(PARTNERS)), as_set(in_force.get(PARTNERS))) if PARTNERS in paths else ((), ())
    return Request(
        name=manifest.name,
        display_name=manifest.spec.display_name,
        uuid=str(manifest.spec.organization_uuid),
        clients=tuple(sorted(client.client_id for client in manifest.spec.clients if client.enabled)),
        seen_as=_seen_as(manifest, snapshot),
        asks=tuple(
            Ask(path, in_force.get(path), wanted.get(path))
            for path in paths
            if path != PARTNERS and not path.startswith(_DPA)
        ),
        authorize=tuple(sorted(frozenset(missing) - frozenset(extra))),
        withdraw=tuple(sorted(frozenset(extra) - frozenset(missing))),
        agreement=_agreement(manifest, situation, paths, in_force, pending),
        written=snapshot.written.get(manifest.name) if ours else None,
    )


def _ours(
    manifest: IntegrationOrganization, answer: Effective | None, snapshot: Snapshot, expected: Expectations
) -> tuple[str, ...]:
    """Return the fields that Keycloak has as they shall be, and the platform does not, for longer than it may lag."""
    if answer is None or _is_recent(manifest, snapshot):
        return ()
    return tuple(differing_fields(manifest, answer, snapshot, expected))


def _seen_as(manifest: IntegrationOrganization, snapshot: Snapshot) -> str:
    clients = sorted(client.client_id for client in manifest.spec.clients)
    return next((each for each in clients if isinstance(snapshot.effective.get(each), Effective)), "")


def _agreement(
    manifest: IntegrationOrganization,
    situation: Situation,
    paths: Collection[str],
    in_force: Fields,
    pending: Collection[Address],
) -> Agreement | None:
    """Return what is asked about the agreement: to record an acceptance, or else to send what is to be accepted."""
    is_refused = _is_refused(manifest, situation.snapshot)
    if not (in_force or is_refused):
        return None
    accepted, required, version = manifest.spec.dpa, situation.expected.dpa, in_force.get("dpa.version")
    named = version if isinstance(version, str) else None
    is_unrecorded = any(path.startswith(_DPA) for path in paths) or (is_refused and not _touched(manifest, pending))
    if required is not None and all(
        is_older(each, required.required) for each in (named, accepted.version if accepted else None)
    ):
        return Agreement(named, required=required)
    if accepted is not None:
        return Agreement(named, accepted=accepted) if is_unrecorded else None
    return Agreement(named) if is_refused else None
