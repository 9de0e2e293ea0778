"""Which remembered objects admin events touched; what is not understood means: read everything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.events.catalogue import touch_of
from reconciler.model.attribution import AdminEvent
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.touch import Aspect, Thing, Touch

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


@dataclass(slots=True)
class Touched:
    """What is to be read again: ids of clients, organizations and client scopes.

    ``unknown`` names an event that means everything.
    """

    clients: set[str] = field(default_factory=set)
    organizations: set[str] = field(default_factory=set)
    watched: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)
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
    touch = touch_of(event)
    if touch is None or not _is_followed(event, touch):
        found.unknown = found.unknown or _text(event)
        return
    match touch.thing:
        case Thing.CLIENT if touch.id in index.clients:
            found.clients.add(touch.id)
        case Thing.CLIENT | Thing.CLIENT_ROLE:
            # Another client, or a role of some client: renamed or gone, the roles that others hold are, too.
            if event.operation in {"UPDATE", "DELETE"}:
                found.clients |= index.with_roles
        case Thing.USER:
            if touch.id in index.client_of_user:
                found.clients.add(index.client_of_user[touch.id])
            found.organizations |= index.organizations_of_user.get(touch.id, set())
        case Thing.ORGANIZATION:
            found.organizations.add(touch.id)
            if touch.part is Aspect.INVITATIONS:
                # Whoever accepts an invitation joins by an event of a user, which is none of an administrator.
                found.watched.add(touch.id)
        case Thing.CLIENT_SCOPE:
            found.scopes.add(touch.id)
        case Thing.IDENTITY_PROVIDER:
            found.clients |= index.with_links
        case Thing.GROUP:
            found.clients |= index.with_groups
        case _:
            # It is read with every run.
            return


def _is_followed(event: AdminEvent, touch: Touch) -> bool:
    """Tell whether it is known what else such an event changes."""
    match touch.thing:
        case Thing.ANOTHER:
            return False
        case Thing.REALM_ROLE:
            # What a role contains is read anyway, or does not matter; a role that is gone, or has another name, does.
            # Its name may end like the path of what it contains: then only what was sent, a list, tells them apart.
            return event.operation == "CREATE" or (touch.part is Aspect.COMPOSITES and isinstance(event.content, tuple))
        case Thing.REALM:
            return _is_harmless(event)
        case _:
            return touch.part is not Aspect.IMPORTED


def _is_harmless(event: AdminEvent) -> bool:
    """Tell whether it wrote settings of the realm, which are read anyway, and events stayed on."""
    if event.operation != "UPDATE" or not isinstance(event.content, Mapping):
        return False
    return event.content.get("adminEventsEnabled") is not False and not _NOT_SETTINGS & event.content.keys()


def _text(event: AdminEvent) -> str:
    return f"{event.operation} {event.resource} {event.path}".rstrip()
