"""What the realm's admin events prove: whom nobody touched, since it was created, in a way that no listing shows.

A client's own roles, its scope mappings, the credentials of its service account, an organization's groups and its
invitations take requests of their own to read. They are empty where an object is created, so that nothing needs to be
read while the record shows that none were added. Of a service account, Keycloak 26.7.5 stores a credential only where
its user is imported, which makes another user of it, and is recorded by that user's id (measured). It is made with the
realm's default role and no other, and an event names each user whose roles change.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.events.catalogue import INVITED, UNDERSTOOD, UNLISTED, touch_of, types_of
from reconciler.events.reading import EventQuery, read_events
from reconciler.model.attribution import AdminEvent
from reconciler.model.touch import Aspect, Thing, Touch
from reconciler.model.value import Representation
from reconciler.ports import AdminApi

_CREATED: Final = ("CLIENT", "ORGANIZATION")
_TOUCHING: Final = types_of({thing: parts - {Aspect.INVITATIONS} for thing, parts in UNLISTED.items()})
"""Invitations are asked for by their paths: their types are those of every member as well."""
_AUTHORIZED: Final = "authorizationServicesEnabled"
"""Of a client that is created with a role of its own: its authorization services make one."""
_SWITCHES: Final = ("adminEventsEnabled", "adminEventsDetailsEnabled")
_KEYS: Final = (_AUTHORIZED, *_SWITCHES)
"""What the proof rests on, of all that was sent: of thousands of objects, the rest is much memory."""


# docs/decisions.md, 9 and 83: why the record decides what is read.
@dataclass(frozen=True, slots=True)
class Proof:
    """Clients and organizations that are ``whole`` were created and then left alone; users by their ids."""

    whole: frozenset[tuple[Thing, str]] = frozenset()
    granted: frozenset[str] = frozenset()
    """Users whose roles were changed, or that were imported."""
    imported: frozenset[str] = frozenset()
    """Users that a partial import made."""

    def proves_untouched(self, thing: Thing, uuid: str) -> bool:
        """Tell whether the client or organization has nothing that no listing shows."""
        return (thing, uuid) in self.whole

    def proves_bare(self, client_uuid: str, user_id: str) -> bool:
        """Tell whether Keycloak itself made the service account's user, without a credential."""
        return self.proves_untouched(Thing.CLIENT, client_uuid) and user_id not in self.imported

    def proves_default_role(self, client_uuid: str, user_id: str) -> bool:
        """Tell whether the client's service account holds the realm's default role, and no other.

        Authorization services, which a client that is ``whole`` does not have, give it one without an event.
        """
        return self.proves_untouched(Thing.CLIENT, client_uuid) and user_id not in self.granted

    def doubtful(self, client_uuids: Collection[str]) -> int:
        """Return of how many clients' service accounts, at most, the roles are not proven."""
        proven = sum(self.proves_untouched(Thing.CLIENT, uuid) for uuid in client_uuids)
        return len(client_uuids) - proven + min(proven, len(self.granted))


NOTHING: Final = Proof()
"""Proves nothing, so that everything is read."""


async def read_proof(admin: AdminApi, realm: Representation) -> Proof:
    """Return what the events prove; nothing where they are off, cannot be read, or are not understood."""
    if not (realm.get("adminEventsEnabled") and realm.get("adminEventsDetailsEnabled")):
        return NOTHING
    answer = await read_events(admin, *_questions(await admin.event_types()))
    return proof_of(answer.events) if answer.is_whole else NOTHING


def _questions(types: frozenset[str] | None) -> tuple[EventQuery, ...]:
    """Return what to ask a server that knows the types; all events, where it does not tell which it knows."""
    if types is None:
        return (EventQuery(most=0, keys=_KEYS),)
    asked = (types & _TOUCHING) | (types - UNDERSTOOD)
    return (
        EventQuery(resources=_CREATED, operations=("CREATE",), most=0, keys=_KEYS),
        EventQuery(resources=tuple(sorted(asked)), most=0, keys=_KEYS),
        EventQuery(path=INVITED, most=0, keys=()),
    )


def proof_of(events: Iterable[AdminEvent]) -> Proof:
    """Return what the events prove, if they are all that there are.

    The proof needs the event of the object's creation, so that the record reaches back far enough, and no moment
    since at which the record was, or may have been, switched off. An event that is not understood may be about
    anything: then nothing is proven.
    """
    created: dict[tuple[Thing, str], int] = {}
    changed: set[tuple[Thing, str]] = set()
    imported: set[str] = set()
    gap = 0
    for event in events:
        touch = touch_of(event)
        if touch is None:
            return NOTHING
        if touch.part in UNLISTED.get(touch.thing, ()):
            changed.add((touch.thing, touch.id))
        if touch.thing is Thing.USER and touch.part is Aspect.IMPORTED:
            imported.add(touch.id)
        if touch.thing is Thing.REALM and _may_switch_off(event):
            gap = max(gap, event.time)
        if _is_bare_creation(event, touch):
            created[touch.thing, touch.id] = event.time
    whole = {key for key, time in created.items() if time > gap} - changed
    return Proof(frozenset(whole), frozenset(id_ for thing, id_ in changed if thing is Thing.USER), frozenset(imported))


def _is_bare_creation(event: AdminEvent, touch: Touch) -> bool:
    """Tell whether the event made an object, and says that it was made without anything that no listing shows."""
    made = (
        event.operation == "CREATE"
        and touch.part is Aspect.ITSELF
        and touch.thing in {Thing.CLIENT, Thing.ORGANIZATION}
    )
    return made and isinstance(event.content, Mapping) and event.content.get(_AUTHORIZED) in (None, False)


def _may_switch_off(event: AdminEvent) -> bool:
    if not isinstance(event.content, Mapping):
        return True
    return any(event.content.get(key) is False for key in _SWITCHES)
