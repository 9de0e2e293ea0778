"""Read again only what may have changed: what is remembered holds while the admin events prove it.

The proof needs a witness: an event that was there when the checkpoint was made. Clearing the events leaves no trace,
but takes the witness with it; switching them off leaves an event, which is one of the realm, and after one of those
everything is read. Neither shows what is no event at all: a change made in the database, by Keycloak's own command
line, or by a user in the account console. So everything is read once in a while in any case.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from reconciler.events.catalogue import INVITED, touch_of
from reconciler.events.reading import MOST_EVENTS, EventQuery, read_events
from reconciler.events.touched import touched
from reconciler.model.attribution import AdminEvent
from reconciler.model.checkpoint import Checkpoint, Cursor, Member
from reconciler.model.observed import ClientObservation, OrganizationObservation, RealmObservation
from reconciler.model.plan import ReadMode
from reconciler.model.sensitive import masked
from reconciler.model.touch import Aspect
from reconciler.model.value import Representation
from reconciler.ports import AdminApi

# docs/decisions.md, 43: why this long, and why an event that was there proves the rest.
LATE: Final = timedelta(minutes=10)
"""How long after its time an event may become visible: twice Keycloak's limit for a transaction."""


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be read: clients by id, members by organization's id, and client scopes that hold no role."""

    clients: Mapping[str, ClientObservation] = field(default_factory=dict)
    members: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    empty_scopes: frozenset[str] = frozenset()


class ReadCache:
    """Know nothing, and keep nothing: everything is read."""

    async def known(self, realm: Representation) -> Known:  # noqa: ARG002  (what others decide by)
        """Return what need not be read; asked before anything but the realm is."""
        return Known()

    def keep(
        self,
        realm: RealmObservation,
        organizations: Sequence[OrganizationObservation],
        members: Mapping[str, tuple[Member, ...]],
        clients: Iterable[ClientObservation],
    ) -> None:
        """Take note of what was read closely; ``members`` is by an organization's id."""


@dataclass(frozen=True, slots=True)
class CheckpointTerms:
    """When a checkpoint counts: of which server and owner it must be, and how old its last full read may be.

    ``full`` asks for everything.
    """

    server: str
    owner: str
    max_age: timedelta
    full: bool = False


class ProvenCache(ReadCache):
    """Use a checkpoint as far as the admin events prove it, and make the next one."""

    def __init__(
        self, admin: AdminApi, checkpoint: Checkpoint | None, terms: CheckpointTerms, now: datetime, why: str = ""
    ) -> None:
        """Take the checkpoint; ``why`` says why there is none."""
        self._admin = admin
        self._checkpoint = checkpoint
        self._terms = terms
        self._now = now
        self._mark: Cursor | None = None
        self._watched: frozenset[str] = frozenset()
        self._realm_id = ""
        self.reading = ReadMode.FULL
        self.why = why
        """Why everything is read; empty where it is not."""
        self.events: tuple[AdminEvent, ...] = ()
        """Those since the last run, newest first; empty for a full read."""
        self.read_again = 0
        self.touched_objects: frozenset[str] = frozenset()
        """Ids of the organizations and clients that the events touched."""
        self.checkpoint: Checkpoint | None = None
        """The next checkpoint, once everything was read."""

    async def known(self, realm: Representation) -> Known:
        """Return what the events prove to be unchanged."""
        self._realm_id = str(realm.get("id", ""))
        checkpoint = self._checkpoint
        if checkpoint is not None and not self.why:
            self.why = self._unusable(checkpoint, realm)
        if checkpoint is not None and checkpoint.mark is not None and not self.why:
            return await self._proven(checkpoint, checkpoint.mark)
        await self._begin(realm)
        return Known()

    def _unusable(self, checkpoint: Checkpoint, realm: Representation) -> str:
        """Return why the checkpoint must not be used, before any event is looked at."""
        terms = self._terms
        if terms.full:
            return "it was asked for (--full)"
        if (checkpoint.server, checkpoint.realm_id, checkpoint.owner) != (terms.server, self._realm_id, terms.owner):
            return "the checkpoint is of another server, realm or owner"
        if not timedelta(0) <= self._now - checkpoint.full_at <= terms.max_age:
            return f"the last full read, {checkpoint.full_at:%Y-%m-%d %H:%M} UTC, is longer ago than --max-age"
        if not realm.get("adminEventsEnabled"):
            return "the realm records no admin events"
        if checkpoint.mark is None:
            return "there was no admin event to start from at the last full read"
        return ""

    async def _proven(self, checkpoint: Checkpoint, mark: Cursor) -> Known:
        answer = await read_events(self._admin, EventQuery(since=mark.floor))
        if answer.failure:
            self.why = answer.failure
            return Known()
        listed = answer.events
        if answer.is_cut:
            return await self._give_up(f"more than {MOST_EVENTS} admin events came since the last run")
        if not any(event.id in mark.seen for event in listed):
            return await self._give_up("the admin events were cleared, or have expired, since the last run")
        new = tuple(event for event in listed if event.id not in mark.seen)
        found = touched(new, checkpoint)
        if found.unknown:
            return await self._give_up(f"an admin event says that anything may have changed: {found.unknown}")
        self.reading, self.events = ReadMode.INCREMENTAL, new
        self._mark, self._watched = _advanced(mark, listed, self._now), frozenset(found.watched)
        self.touched_objects = frozenset(found.clients | found.organizations)
        self.read_again = len(found.clients & checkpoint.clients.keys()) + len(found.organizations)
        return Known(
            {uuid: client for uuid, client in checkpoint.clients.items() if uuid not in found.clients},
            {key: members for key, members in checkpoint.members.items() if key not in found.organizations},
            checkpoint.empty_scopes - found.scopes,
        )

    async def _give_up(self, why: str) -> Known:
        self.why = why
        await self._begin({"adminEventsEnabled": True})
        return Known()

    async def _begin(self, realm: Representation) -> None:
        """Make the first mark: before anything is read, so that what changes meanwhile comes after it."""
        if not realm.get("adminEventsEnabled"):
            return
        newest = await read_events(self._admin, EventQuery(newest=1))
        if not newest.events:
            self.why = newest.failure or self.why
            return
        floor = newest.events[0].time - int(LATE.total_seconds() * 1000)
        listed = await read_events(self._admin, EventQuery(since=floor))
        invited = await read_events(self._admin, EventQuery(path=INVITED, most=0, keys=()))
        touches = [touch_of(event) for event in invited.events]
        if not invited.is_whole or listed.failure or None in touches:
            # Whoever joins an organization that is not watched would be missed: there is nothing to go by.
            self.why = invited.failure or listed.failure or self.why
            return
        self._mark = Cursor(floor, newest.events[0].time, self._now, _ids(listed.events))
        self._watched = frozenset(each.id for each in touches if each is not None and each.part is Aspect.INVITATIONS)

    def keep(
        self,
        realm: RealmObservation,
        organizations: Sequence[OrganizationObservation],
        members: Mapping[str, tuple[Member, ...]],
        clients: Iterable[ClientObservation],
    ) -> None:
        """Make the next checkpoint of what was read; what could not be read is not remembered."""
        # Whoever logs in through a linked identity provider, or is invited, joins without an admin event. Few
        # organizations have groups: they are read again, and so are those whose groups could not be read.
        apart = {each.id for each in organizations if each.identity_providers or each.invitations or each.groups}
        before = self._checkpoint
        is_full = self.reading is ReadMode.FULL or before is None
        self.checkpoint = Checkpoint(
            server=self._terms.server,
            realm_id=self._realm_id,
            owner=self._terms.owner,
            full_at=self._now if is_full or before is None else before.full_at,
            mark=self._mark,
            clients={o.id: kept for o in clients if (kept := _remembered(o)) is not None},
            members={key: found for key, found in members.items() if key not in apart},
            watched=self._watched,
            empty_scopes=realm.empty_scopes,
        )


def _advanced(mark: Cursor, listed: tuple[AdminEvent, ...], now: datetime) -> Cursor:
    """Return the mark after one more listing."""
    if now - mark.listed_at < LATE:
        return Cursor(mark.floor, mark.newest, mark.listed_at, _ids(listed))
    # Whatever is not later than what was the newest then has become visible by now.
    floor = max(mark.floor, mark.newest)
    return Cursor(floor, listed[0].time, now, _ids(event for event in listed if event.time >= floor))


def _ids(events: Iterable[AdminEvent]) -> frozenset[str]:
    """Return the ids of events; one without cannot be told from another, so that it is never accounted for."""
    return frozenset(event.id for event in events) - {""}


def _remembered(observation: ClientObservation) -> ClientObservation | None:
    """Return what no page shows of a client; nothing where some of that could not be read."""
    kept = replace(observation, representation={}, organizations=())
    # It is written to a file.
    return None if kept.read_failures else replace(kept, service_account=masked(kept.service_account))
