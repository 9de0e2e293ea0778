"""Say live organizations as the plain documents of manifests, keys in the order that people read."""

from collections.abc import Iterable, Iterator
from typing import Any

from reconciler.kinds.client import representation as client
from reconciler.kinds.client.fields import ROLES
from reconciler.kinds.live_document import LiveDocument, below, document
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.organization.fields import DECLARED_DOMAINS
from reconciler.kinds.organization.live_obstacles import clients_of, obstacles
from reconciler.model.address import Address
from reconciler.model.expectations import Expectations
from reconciler.model.observed import ClientObservation, Effective, OrganizationObservation, Snapshot
from reconciler.model.value import Fields, Unknown, Value, names, plain


def live_organizations(
    snapshot: Snapshot, owner: str, expected: Expectations, *, allow_takeover: bool
) -> Iterator[LiveDocument]:
    """Yield every live organization; where no client has an own lifespan of access tokens, the realm's holds."""
    lifespan = None if snapshot.realm is None else snapshot.realm.representation.get("accessTokenLifespan")
    for alias, live in sorted(snapshot.organizations.items()):
        fields = _as_decided(live, snapshot, expected)
        why = tuple(obstacles(live, fields, snapshot, owner, allow_takeover=allow_takeover))
        content = (
            None
            if why
            else organization_document(
                live, fields, clients_of(alias, snapshot), lifespan, says_domains=snapshot.limits.needs_domain
            )
        )
        yield LiveDocument(Address.organization(alias), why, content)


def _as_decided(live: OrganizationObservation, snapshot: Snapshot, expected: Expectations) -> Fields:
    """Return the live fields, but those that the platform decides as ``/v1/me`` has them, where it answered a client.

    What Keycloak may hold of them is not what is in force.
    """
    fields = organization.observed_fields(live)
    answers = (snapshot.effective.get(each.client_id) for each in clients_of(live.alias, snapshot))
    answer = next((answer for answer in answers if isinstance(answer, Effective)), None)
    if answer is None:
        return fields
    stored = {path: value for path, value in fields.items() if not expected.is_platforms(path)}
    decided = organization.effective_fields(answer)
    return stored | {path: value for path, value in decided.items() if expected.is_platforms(path)}


def organization_document(
    live: OrganizationObservation,
    fields: Fields,
    clients: Iterable[ClientObservation],
    default_lifespan: Value,
    *,
    says_domains: bool = False,
) -> dict[str, Any]:
    """Return the document of an organization that has these fields, with its clients.

    Its domains are said where no organization can be without one; elsewhere they are people's. ``default_lifespan`` is
    the realm's life of an access token, in seconds: it holds where a client has no own.
    """
    spec = {
        "displayName": fields.get("displayName"),
        "description": fields.get("description"),
        "organizationUuid": fields.get("organizationUuid"),
        "suspended": fields.get("suspended"),
        "domains": list(names(fields.get(DECLARED_DOMAINS))) if says_domains else None,
        "clients": [_client(each, default_lifespan) for each in clients],
        "authorizedPartners": _partners(fields.get("authorizedPartners")),
        "capabilities": below(fields, "capabilities."),
        "dpa": below(fields, "dpa.") or None,
    }
    return document(
        "IntegrationOrganization", live.alias, spec, protected=organization.observed_marks(live).is_protected
    )


def _client(live: ClientObservation, default_lifespan: Value) -> dict[str, Any]:
    fields = client.observed_fields(live)
    said = {
        "clientId": live.client_id,
        "description": fields.get("description"),
        "enabled": fields.get("enabled"),
        "accessTokenLifespan": fields.get("accessTokenLifespan", default_lifespan),
        "serviceAccountRoles": fields.get(ROLES),
    }
    return {key: _plain(value) for key, value in said.items() if value is not None}


def _partners(value: Value) -> list[dict[str, Any]]:
    return [{"uuid": uuid} for uuid in value] if isinstance(value, tuple) else []


def _plain(value: Value | Unknown) -> Any:
    return None if isinstance(value, Unknown) else plain(value)
