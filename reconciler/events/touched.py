"""Which remembered objects admin events touched; what is not understood means: read everything.

The types are Keycloak's ``org.keycloak.events.admin.ResourceType``; the paths were measured on 26.7.5.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.events.proof import INVITED
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.event import AdminEvent

_OF_A_CLIENT: Final = frozenset(
    {
        "CLIENT",
        "CLIENT_ROLE",
        "CLIENT_SCOPE_CLIENT_MAPPING",
        "CLIENT_SCOPE_MAPPING",
        "CLUSTER_NODE",
        "PROTOCOL_MAPPER",
        "REALM_SCOPE_MAPPING",
    }
)
_OF_A_USER: Final = frozenset(
    {"CLIENT_ROLE_MAPPING", "GROUP_MEMBERSHIP", "REALM_ROLE_MAPPING", "USER", "USER_LOGIN_FAILURE"}
)
_ROLE_MAPPING: Final = frozenset({"CLIENT_ROLE_MAPPING", "REALM_ROLE_MAPPING"})
_OF_AN_ORGANIZATION: Final = frozenset(
    {"ORGANIZATION", "ORGANIZATION_GROUP", "ORGANIZATION_GROUP_MEMBERSHIP", "ORGANIZATION_MEMBERSHIP"}
)
_READ_ANYWAY: Final = frozenset(
    {
        "AUTHENTICATOR_CONFIG",
        "AUTH_EXECUTION",
        "AUTH_EXECUTION_FLOW",
        "AUTH_FLOW",
        "CLIENT_INITIAL_ACCESS_MODEL",
        "CLIENT_SCOPE",
        "IDENTITY_PROVIDER_MAPPER",
        "REQUIRED_ACTION",
        "REQUIRED_ACTION_CONFIG",
    }
)
"""What is read with every run, or does not matter here."""
_NOT_SETTINGS: Final = frozenset(
    {
        "clientScopeMappings",
        "clientScopes",
        "clients",
        "components",
        "defaultGroups",
        "defaultRoles",
        "federatedUsers",
        "groups",
        "organizations",
        "roles",
        "scopeMappings",
        "users",
    }
)
"""Keys of a realm's representation that stand for objects of their own."""
_AUTHORIZATION: Final = "AUTHORIZATION_"


@dataclass(slots=True)
class Touched:
    """What is to be read again: ids of clients and organizations. ``unknown`` names an event that means everything."""

    clients: set[str] = field(default_factory=set)
    organizations: set[str] = field(default_factory=set)
    watched: set[str] = field(default_factory=set)
    unknown: str = ""


def touched(events: Iterable[AdminEvent], checkpoint: Checkpoint) -> Touched:
    """Return what the events touched of what is remembered."""
    index = _Index.of(checkpoint)
    found = Touched(watched=set(checkpoint.watched))
    for event in events:
        _take(event, index, found)
    found.organizations |= found.watched
    # Whoever is read again is read as a member, too.
    users = {checkpoint.clients[uuid].user_id for uuid in found.clients}
    found.organizations |= {
        alias for alias, members in checkpoint.members.items() if any(member.id in users for member in members)
    }
    return found


@dataclass(frozen=True, slots=True)
class _Index:
    clients: frozenset[str]
    client_of_user: Mapping[str, str]
    organizations_of_user: Mapping[str, set[str]]
    with_roles: frozenset[str]
    with_groups: frozenset[str]
    with_links: frozenset[str]

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "_Index":
        joined: dict[str, set[str]] = {}
        for organization, members in checkpoint.members.items():
            for member in members:
                joined.setdefault(member.id, set()).add(organization)
        clients = checkpoint.clients.items()
        return cls(
            clients=frozenset(checkpoint.clients),
            client_of_user={client.user_id: uuid for uuid, client in clients if client.user_id},
            organizations_of_user=joined,
            with_roles=frozenset(u for u, c in clients if c.roles or c.scope_mappings or c.own_roles),
            with_groups=frozenset(uuid for uuid, client in clients if client.groups),
            with_links=frozenset(uuid for uuid, client in clients if client.links),
        )


def _take(event: AdminEvent, index: _Index, found: Touched) -> None:
    head, *rest = event.parts
    name = rest[0] if rest else ""
    if event.resource in _OF_A_CLIENT or event.resource.startswith(_AUTHORIZATION):
        _take_client(event, head, name, index, found)
    elif event.resource in _OF_A_USER and head == "users":
        if name in index.client_of_user:
            found.clients.add(index.client_of_user[name])
        found.organizations |= index.organizations_of_user.get(name, set())
    elif _is_harmless(event):
        return
    elif event.resource == "REALM_ROLE":
        # What a role contains is read anyway, or does not matter; a role that is gone, or has another name, does.
        if event.operation != "CREATE" and event.parts[-1] != "composites":
            found.unknown = found.unknown or _text(event)
    elif event.resource == "IDENTITY_PROVIDER":
        found.clients |= index.with_links
    elif event.resource == "GROUP":
        found.clients |= index.with_groups
    elif event.resource in {*_OF_AN_ORGANIZATION, *_ROLE_MAPPING} and head == "organizations":
        found.organizations.add(name)
        if INVITED in event.path:
            # Whoever accepts an invitation joins by an event of a user, which is none of an administrator.
            found.watched.add(name)
    elif event.resource not in _READ_ANYWAY:
        found.unknown = found.unknown or _text(event)


def _take_client(event: AdminEvent, head: str, name: str, index: _Index, found: Touched) -> None:
    if head == "clients" and name in index.clients:
        found.clients.add(name)
    elif head == "client-scopes":
        return
    elif head in {"clients", "roles-by-id"}:
        # Another client, or one of its roles: renamed or gone, the roles that others hold are, too.
        if event.operation in {"UPDATE", "DELETE"}:
            found.clients |= index.with_roles
    else:
        found.unknown = found.unknown or _text(event)


def _is_harmless(event: AdminEvent) -> bool:
    """Tell whether it wrote a group's roles, or settings of the realm, which are read anyway, and events stayed on."""
    if event.resource in _ROLE_MAPPING:
        return event.parts[0] == "groups"
    if event.resource != "REALM":
        return False
    if event.operation != "UPDATE" or event.path not in {"", "events/config"} or not isinstance(event.content, Mapping):
        return False
    return event.content.get("adminEventsEnabled") is not False and not _NOT_SETTINGS & event.content.keys()


def _text(event: AdminEvent) -> str:
    return f"{event.operation} {event.resource} {event.path}".rstrip()
