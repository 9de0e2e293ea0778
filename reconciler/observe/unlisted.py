"""What no listing shows of a client: its own roles, and the roles that it may put into tokens.

Reading them takes two requests a client. Where the realm's admin events prove that nobody touched them since the
client was created, nothing is read: they are empty then.
"""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reconciler.model.errors import AccessRefused, NotFound, RequestFailed
from reconciler.model.observed import Hole
from reconciler.model.value import Representation
from reconciler.observe.roles import Held
from reconciler.ports import AdminApi

_TOUCHING: Final = (
    "REALM_SCOPE_MAPPING",
    "CLIENT_SCOPE_MAPPING",
    "CLIENT_ROLE",
    # Switching authorization services on makes a role of the client, without an event of its own.
    "AUTHORIZATION_RESOURCE_SERVER",
)
"""Keycloak's resource types (``org.keycloak.events.admin.ResourceType``) of the events that change what is unlisted."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What no listing shows of one client."""

    own_roles: Held = ()
    scope_mappings: Held = ()


async def read_unlisted(
    admin: AdminApi, realm: Representation, clients: Iterable[Representation]
) -> dict[str, Unlisted]:
    """Return, per client's id, what no listing shows of it."""
    wanted = {client["id"]: client["clientId"] for client in clients}
    untouched = await _untouched(admin, realm) & wanted.keys() if len(wanted) > _FEW else frozenset[str]()
    closer = [uuid for uuid in wanted if uuid not in untouched]
    found = await asyncio.gather(*(_read(admin, uuid, wanted[uuid]) for uuid in closer))
    return dict.fromkeys(untouched, Unlisted()) | dict(zip(closer, found, strict=True))


_FEW: Final = 2
"""Clients that are read at once: asking for the events would take as many requests."""


async def _untouched(admin: AdminApi, realm: Representation) -> frozenset[str]:
    """Return the ids of the clients that the events prove to be as they were created.

    The proof needs the event of the client's creation, so that the record reaches back far enough, and no moment
    since at which the record was, or may have been, switched off.
    """
    if not (realm.get("adminEventsEnabled") and realm.get("adminEventsDetailsEnabled")):
        return frozenset()
    try:
        created, touched, realm_updates = await asyncio.gather(
            admin.admin_events(("CLIENT",), ("CREATE",)),
            admin.admin_events(_TOUCHING),
            admin.admin_events(("REALM",), ("UPDATE",)),
        )
    except (RequestFailed, AccessRefused):
        return frozenset()
    gap = max((event["time"] for event in realm_updates if _may_switch_off(event)), default=0)
    tampered = {_client_of(event) for event in touched}
    return frozenset(_client_of(e) for e in created if e["time"] > gap and _client_of(e) not in tampered)


def _may_switch_off(event: Representation) -> bool:
    try:
        written = json.loads(event["representation"])
    except (KeyError, ValueError):
        return True
    keys = ("adminEventsEnabled", "adminEventsDetailsEnabled")
    return not isinstance(written, dict) or any(written.get(key) is False for key in keys)


def _client_of(event: Representation) -> str:
    _, _, rest = str(event.get("resourcePath", "")).partition("clients/")
    return rest.partition("/")[0]


async def _read(admin: AdminApi, uuid: str, client_id: str) -> Unlisted:
    try:
        own_roles, mappings = await asyncio.gather(admin.client_roles(uuid), admin.scope_mappings(uuid))
    except NotFound:
        return Unlisted()
    except (RequestFailed, AccessRefused) as error:
        hole = Hole(f"roles and scope mappings of {client_id}", error.message, error.remedy)
        return Unlisted(hole, hole)
    return Unlisted(own_roles, mappings)
