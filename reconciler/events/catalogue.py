"""What Keycloak's admin events touch: one table, for whatever reads events.

The types are Keycloak's ``org.keycloak.events.admin.ResourceType``; the paths were measured on 26.7.5. An object's id
is taken from the event's path, which must have the form of a row. What has none is not understood: whoever reads
events must then take it that anything may have changed, and read it (docs/decisions.md, 152).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from reconciler.model.attribution import AdminEvent
from reconciler.model.touch import Aspect, Thing, Touch

UNLISTED: Final[Mapping[Thing, frozenset[Aspect]]] = {
    Thing.CLIENT: frozenset({Aspect.OWN_ROLES, Aspect.SCOPE_MAPPINGS, Aspect.AUTHORIZATION, Aspect.IMPORTED}),
    Thing.ORGANIZATION: frozenset({Aspect.GROUPS, Aspect.INVITATIONS, Aspect.IMPORTED}),
    Thing.USER: frozenset({Aspect.ROLES, Aspect.IMPORTED}),
}
"""What no listing shows, and is as Keycloak makes it until an event touches it."""


@dataclass(frozen=True, slots=True)
class EventType:
    """A row: the resource types (apart by spaces) and the form of the path of events that touch the same.

    In ``path``, ``{id}`` is the object's id, ``{name}`` what the part is called, and ``*`` anything or nothing.
    """

    resources: str
    path: str
    thing: Thing
    part: Aspect = Aspect.ITSELF
    form: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the form of the path."""
        form = re.escape(self.path).replace(r"\*", ".*")
        form = form.replace(r"\{id\}", "(?P<id>[^/]+)").replace(r"\{name\}", "(?P<name>.+)")
        object.__setattr__(self, "form", re.compile(form, re.DOTALL))


_T, _P = Thing, Aspect
INVITED: Final = "organizations/*invit*"
"""The paths of whatever invites people to an organization."""

CATALOGUE: Final = (
    EventType("CLIENT", "clients/{id}", _T.CLIENT),
    EventType("CLIENT", "clients/{id}*", _T.CLIENT, _P.REST),
    EventType("CLIENT_ROLE", "clients/{id}/roles/*/composites", _T.CLIENT, _P.OWN_ROLES),
    EventType("CLIENT_ROLE", "clients/{id}/roles/{name}", _T.CLIENT, _P.OWN_ROLES),
    EventType("CLIENT_ROLE", "clients/{id}*", _T.CLIENT, _P.OWN_ROLES),
    EventType("CLIENT_ROLE", "roles-by-id/{id}*", _T.CLIENT_ROLE),
    EventType("CLIENT_SCOPE_CLIENT_MAPPING", "clients/{id}/default-client-scopes/{name}", _T.CLIENT, _P.SCOPES),
    EventType("CLIENT_SCOPE_CLIENT_MAPPING", "clients/{id}/optional-client-scopes/{name}", _T.CLIENT, _P.SCOPES),
    EventType("CLIENT_SCOPE_CLIENT_MAPPING", "clients/{id}*", _T.CLIENT, _P.SCOPES),
    EventType("CLIENT_SCOPE_MAPPING REALM_SCOPE_MAPPING", "clients/{id}*", _T.CLIENT, _P.SCOPE_MAPPINGS),
    EventType("CLIENT_SCOPE_MAPPING REALM_SCOPE_MAPPING", "client-scopes/{id}*", _T.CLIENT_SCOPE, _P.SCOPE_MAPPINGS),
    EventType("CLUSTER_NODE", "clients/{id}/nodes/{name}", _T.CLIENT, _P.NODES),
    EventType("CLUSTER_NODE", "clients/{id}*", _T.CLIENT, _P.NODES),
    EventType("PROTOCOL_MAPPER", "clients/{id}*", _T.CLIENT, _P.MAPPERS),
    EventType("PROTOCOL_MAPPER", "client-scopes/{id}*", _T.CLIENT_SCOPE, _P.MAPPERS),
    # A write of the client itself that switches them on or off is recorded as one of its resource server.
    EventType("AUTHORIZATION_RESOURCE_SERVER", "clients/{id}*", _T.CLIENT, _P.AUTHORIZATION),
    EventType("AUTHORIZATION_POLICY AUTHORIZATION_RESOURCE AUTHORIZATION_SCOPE", "clients/{id}*", _T.CLIENT, _P.REST),
    EventType("CLIENT_SCOPE", "client-scopes/{id}", _T.CLIENT_SCOPE),
    EventType("CLIENT_SCOPE", "*", _T.IMMATERIAL),
    EventType("USER", "users/{id}", _T.USER),
    EventType("USER", "users/{id}/federated-identity/{name}", _T.USER, _P.LINKS),
    EventType("USER", "users/{id}/logout", _T.USER, _P.LOGOUT),
    EventType("USER USER_LOGIN_FAILURE", "users/{id}*", _T.USER, _P.REST),
    EventType("USER_LOGIN_FAILURE", "attack-detection/*", _T.IMMATERIAL),
    EventType("GROUP_MEMBERSHIP", "users/{id}*", _T.USER, _P.GROUPS),
    EventType("CLIENT_ROLE_MAPPING REALM_ROLE_MAPPING", "users/{id}*", _T.USER, _P.ROLES),
    EventType("CLIENT_ROLE_MAPPING REALM_ROLE_MAPPING", "groups/{id}*", _T.IMMATERIAL),
    EventType("CLIENT_ROLE_MAPPING REALM_ROLE_MAPPING", "organizations/{id}*", _T.ORGANIZATION, _P.GROUP_ROLES),
    EventType("GROUP", "*", _T.GROUP),
    EventType("IDENTITY_PROVIDER", "*", _T.IDENTITY_PROVIDER),
    EventType("ORGANIZATION", "organizations/{id}", _T.ORGANIZATION),
    EventType("ORGANIZATION", "organizations/{id}/identity-providers/{name}", _T.ORGANIZATION, _P.IDENTITY_PROVIDERS),
    EventType("ORGANIZATION ORGANIZATION_MEMBERSHIP", "organizations/{id}/*invit*", _T.ORGANIZATION, _P.INVITATIONS),
    EventType("ORGANIZATION", "organizations/{id}*", _T.ORGANIZATION, _P.REST),
    EventType("ORGANIZATION_GROUP", "organizations/{id}*", _T.ORGANIZATION, _P.GROUPS),
    EventType("ORGANIZATION_GROUP_MEMBERSHIP", "organizations/{id}*", _T.ORGANIZATION, _P.GROUP_MEMBERS),
    EventType("ORGANIZATION_MEMBERSHIP", "organizations/{id}/members/{name}", _T.ORGANIZATION, _P.MEMBERS),
    EventType("ORGANIZATION_MEMBERSHIP", "organizations/{id}*", _T.ORGANIZATION, _P.MEMBERS),
    EventType("REALM_ROLE", "roles/{id}/composites", _T.REALM_ROLE, _P.COMPOSITES),
    EventType("REALM_ROLE", "roles-by-id/{id}/composites", _T.REALM_ROLE, _P.COMPOSITES),
    EventType("REALM_ROLE", "*", _T.REALM_ROLE),
    EventType("REALM", "", _T.REALM),
    EventType("REALM", "events/config", _T.REALM),
    EventType("REALM", "clients/{id}*", _T.CLIENT, _P.IMPORTED),
    EventType("REALM", "users/{id}*", _T.USER, _P.IMPORTED),
    EventType("REALM", "organizations/{id}*", _T.ORGANIZATION, _P.IMPORTED),
    EventType("REALM", "*", _T.ANOTHER),
    EventType("AUTHENTICATOR_CONFIG AUTH_EXECUTION AUTH_EXECUTION_FLOW AUTH_FLOW", "*", _T.IMMATERIAL),
    EventType("CLIENT_INITIAL_ACCESS_MODEL IDENTITY_PROVIDER_MAPPER", "*", _T.IMMATERIAL),
    EventType("REQUIRED_ACTION REQUIRED_ACTION_CONFIG", "*", _T.IMMATERIAL),
    EventType("COMPONENT USER_FEDERATION_MAPPER USER_FEDERATION_PROVIDER", "*", _T.ANOTHER),
    EventType("USER_PROFILE USER_SESSION", "*", _T.ANOTHER),
)
"""The first row that fits counts."""

_ROWS: Final[Mapping[str, tuple[EventType, ...]]] = {
    resource: tuple(row for row in CATALOGUE if resource in row.resources.split())
    for resource in dict.fromkeys(" ".join(row.resources for row in CATALOGUE).split())
}
UNDERSTOOD: Final = frozenset(_ROWS)
"""The resource types of which the table says something."""


def touch_of(event: AdminEvent) -> Touch | None:
    """Return what an event touches; None where that is not understood, so that it may be anything."""
    return _touch(event.resource, event.path)


@lru_cache(maxsize=50_000)
def _touch(resource: str, path: str) -> Touch | None:
    for row in _ROWS.get(resource, ()):
        if (found := row.form.fullmatch(path)) is not None:
            named = found.groupdict()
            return Touch(row.thing, named.get("id", ""), row.part, named.get("name", ""))
    return None


def types_of(things: Mapping[Thing, frozenset[Aspect]]) -> frozenset[str]:
    """Return the resource types of the events that touch such parts of things."""
    rows = (row for row in CATALOGUE if row.part in things.get(row.thing, ()))
    return frozenset(resource for row in rows for resource in row.resources.split())


_ROOTS: Final[Mapping[Thing, str]] = {
    Thing.CLIENT: "clients",
    Thing.CLIENT_SCOPE: "client-scopes",
    Thing.ORGANIZATION: "organizations",
    Thing.USER: "users",
}


def paths_of(thing: Thing, own_id: str = "", below: str = "") -> str:
    """Return what Keycloak is asked for, to get all events that name the object; those of any by default."""
    return f"{_ROOTS[thing]}/{own_id}{below}*"
