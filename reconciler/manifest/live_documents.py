"""Say one live object as the plain document of a manifest, keys in the order that people read; nothing is checked."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.kinds.client import representation as client
from reconciler.kinds.client.fields import ROLES
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.realm import representation as realm
from reconciler.kinds.realm.fields import FIELDS
from reconciler.model import layout
from reconciler.model.duration import text_of
from reconciler.model.manifest import API_VERSION
from reconciler.model.observed import ClientObservation, OrganizationObservation, RealmObservation
from reconciler.model.value import Fields, Unknown, Value, plain

_DURATIONS: Final = ("expiration", "overlap")
_REALM_PATHS: Final = (*FIELDS.optional, "secretRotation.expiration")
"""Fields that are read only where a manifest declares them."""


def organization_document(
    live: OrganizationObservation,
    clients: Iterable[ClientObservation],
    default_lifespan: Value,
    items: Mapping[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    """Return the document of an organization with its clients, and the further ``items`` by the names of their lists.

    ``default_lifespan`` is the realm's life of an access token, in seconds: it holds where a client has no own.
    """
    fields = organization.observed_fields(live)
    spec = {
        "displayName": fields.get("displayName"),
        "description": fields.get("description"),
        "organizationUuid": fields.get("organizationUuid"),
        "suspended": fields.get("suspended"),
        "clients": [_client(each, default_lifespan) for each in clients],
        "authorizedPartners": _partners(fields.get("authorizedPartners")),
        "capabilities": _below(fields, "capabilities."),
        "dpa": _below(fields, "dpa.") or None,
        **items,
    }
    return _document(
        "IntegrationOrganization", live.alias, spec, protected=organization.observed_marks(live).is_protected
    )


def realm_document(live: RealmObservation) -> dict[str, Any]:
    """Return the document of the realm's scaffolding."""
    fields = realm.observed_fields(live, _REALM_PATHS)
    logins, rotation = _below(fields, "loginEvents."), _below(fields, "secretRotation.")
    spec = {
        "displayName": fields.get("displayName") or None,
        "accessTokenLifespan": fields.get("accessTokenLifespan"),
        "adminEvents": _with_durations(_below(fields, "adminEvents.")),
        "loginEvents": _with_durations(logins) if logins.get("enabled") else None,
        "secretRotation": _with_durations(rotation) if rotation else None,
    }
    name = str(live.representation["realm"])
    return _document("Realm", name, spec, protected=realm.observed_marks(live).is_protected)


def has_own_lifespan(live: ClientObservation) -> bool:
    """Tell whether the client says itself how long its access tokens live."""
    return layout.TOKEN_LIFESPAN in (live.representation.get("attributes") or {})


def _document(kind: str, name: str, spec: dict[str, Any], *, protected: bool) -> dict[str, Any]:
    said = {key: value for key, value in spec.items() if value is not None}
    document = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": said}
    return document | ({"lifecycle": {"preventDestroy": True}} if protected else {})


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


def _below(fields: Fields, prefix: str) -> dict[str, Any]:
    return {path.removeprefix(prefix): plain(value) for path, value in fields.items() if path.startswith(prefix)}


def _with_durations(content: dict[str, Any]) -> dict[str, Any]:
    """Write seconds as people do; what is no positive number of seconds stays, and is refused later."""
    return {
        key: text_of(value) if key in _DURATIONS and isinstance(value, int) and value > 0 else value
        for key, value in content.items()
    }


def _plain(value: Value | Unknown) -> Any:
    return None if isinstance(value, Unknown) else plain(value)
