"""What the realm's admin events prove: whom nobody touched, since it was created, in a way that no listing shows.

A client's own roles, its scope mappings, the credentials of its service account, an organization's groups and its
invitations take requests of their own to read. They are empty where an object is created, so that nothing needs to be
read while the record shows that none were added. Of a service account, Keycloak 26.7.5 stores a credential only where
its user is imported, which makes another user of it, and is recorded by that user's id (measured). It is made with the
realm's default role and no other, and an event names each user whose roles change.
"""

import asyncio
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from reconciler.model.errors import AccessRefused, RequestFailed
from reconciler.model.value import Representation
from reconciler.ports import AdminApi

_CREATED: Final = ("CLIENT", "ORGANIZATION")
_TOUCHING: Final = (
    "REALM_SCOPE_MAPPING",
    "CLIENT_SCOPE_MAPPING",
    "CLIENT_ROLE",
    "REALM_ROLE_MAPPING",
    "CLIENT_ROLE_MAPPING",
    # Switching authorization services on makes a role of the client, without an event of its own.
    "AUTHORIZATION_RESOURCE_SERVER",
    "ORGANIZATION_GROUP",
)
"""Keycloak's resource types (``org.keycloak.events.admin.ResourceType``) of the events that change what is unlisted."""

INVITED: Final = "invit"
"""Part of the path of whatever invites people to an organization."""

MOST_EVENTS: Final = 5000
"""As many events on one page prove nothing: there may be more."""

_AUTHORIZED: Final = '"authorizationServicesEnabled":true'
"""Of a client that is created with a role of its own: its authorization services make one."""


@dataclass(frozen=True, slots=True)
class Record:
    """Objects by their paths below the realm: those that are ``whole`` were created and then left alone."""

    whole: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()
    """Users whose roles were changed, or that were imported."""
    imported: frozenset[str] = frozenset()
    """What a partial import made."""

    def proves_untouched(self, kind: str, uuid: str) -> bool:
        """Tell whether the object, of the ``clients`` or ``organizations``, has nothing that no listing shows."""
        return f"{kind}/{uuid}" in self.whole

    def proves_bare(self, client_uuid: str, user_id: str) -> bool:
        """Tell whether Keycloak itself made the service account's user, without a credential."""
        return self.proves_untouched("clients", client_uuid) and f"users/{user_id}" not in self.imported

    def proves_default_role(self, client_uuid: str, user_id: str) -> bool:
        """Tell whether the client's service account holds the realm's default role, and no other.

        Authorization services, which a client that is ``whole`` does not have, give it one without an event.
        """
        return self.proves_untouched("clients", client_uuid) and f"users/{user_id}" not in self.granted

    def doubtful(self, client_uuids: Collection[str]) -> int:
        """Return of how many clients' service accounts, at most, the roles are not proven."""
        proven = sum(self.proves_untouched("clients", uuid) for uuid in client_uuids)
        return len(client_uuids) - proven + min(proven, len(self.granted))


NOTHING: Final = Record()
"""Proves nothing, so that everything is read."""


async def read_record(admin: AdminApi, realm: Representation) -> Record:
    """Return what the events prove; nothing where they are off, or cannot be read.

    The proof needs the event of the object's creation, so that the record reaches back far enough, and no moment
    since at which the record was, or may have been, switched off.
    """
    if not (realm.get("adminEventsEnabled") and realm.get("adminEventsDetailsEnabled")):
        return NOTHING
    try:
        created, touched, of_realm, invited = await asyncio.gather(
            admin.admin_events(_CREATED, ("CREATE",)),
            admin.admin_events(_TOUCHING),
            admin.admin_events(("REALM",)),
            admin.events(path=f"organizations/*{INVITED}*", limit=MOST_EVENTS),
        )
    except (RequestFailed, AccessRefused):
        return NOTHING
    if len(invited) == MOST_EVENTS:
        return NOTHING
    gap = max((event["time"] for event in of_realm if _may_switch_off(event)), default=0)
    # A partial import records what it makes, whatever that is, under the type of the realm.
    imported = _objects(of_realm)
    changed = _objects(touched) | imported | {"/".join(event.parts[:2]) for event in invited}
    recorded = _objects(event for event in created if event["time"] > gap and _is_bare(event))
    granted = {path for path in changed if path.startswith("users/")}
    return Record(frozenset(recorded - changed), frozenset(granted), frozenset(imported))


def _objects(events: Iterable[Representation]) -> set[str]:
    """Return the first two segments of each event's path: ``clients/UUID``, ``organizations/UUID``."""
    return {"/".join(str(event.get("resourcePath", "")).split("/")[:2]) for event in events}


def _is_bare(event: Representation) -> bool:
    return _AUTHORIZED not in event.get("representation", _AUTHORIZED)


def _may_switch_off(event: Representation) -> bool:
    if event.get("resourcePath"):
        return False
    try:
        written = json.loads(event["representation"])
    except (KeyError, ValueError):
        return True
    keys = ("adminEventsEnabled", "adminEventsDetailsEnabled")
    return not isinstance(written, dict) or any(written.get(key) is False for key in keys)
