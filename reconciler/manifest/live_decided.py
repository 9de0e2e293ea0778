"""Say what the platform decides as the platform answers it, when live objects become manifests."""

from dataclasses import replace

from reconciler.kinds.organization.fields import FIELDS
from reconciler.kinds.organization.representation import attribute_values, effective_fields
from reconciler.manifest.live_obstacles import clients_of
from reconciler.model.expectations import Expectations
from reconciler.model.observed import Effective, OrganizationObservation, Snapshot


def as_decided(snapshot: Snapshot, expected: Expectations) -> Snapshot:
    """Return the snapshot with the fields that the platform decides as ``/v1/me`` has them, where it answered a client.

    What Keycloak may hold of them is not what is in force.
    """
    organizations = {alias: _decided(live, snapshot, expected) for alias, live in snapshot.organizations.items()}
    return replace(snapshot, organizations=organizations) if expected.platform_fields else snapshot


def _decided(live: OrganizationObservation, snapshot: Snapshot, expected: Expectations) -> OrganizationObservation:
    answers = (snapshot.effective.get(client.client_id) for client in clients_of(live.alias, snapshot))
    answer = next((answer for answer in answers if isinstance(answer, Effective)), None)
    if answer is None:
        return live
    attributes = dict(live.representation.get("attributes") or {})
    decided = effective_fields(answer)
    for path, attribute in FIELDS.attributes.items():
        if expected.is_platforms(path):
            attributes.pop(attribute, None)
            if values := attribute_values(decided.get(path)):
                attributes[attribute] = list(values)
    return replace(live, representation={**live.representation, "attributes": attributes})
