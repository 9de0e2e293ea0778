"""Fetch the admin events that may explain drift, in few requests, and the names behind their ids."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.events.catalogue import paths_of
from reconciler.events.reading import EventAnswer, EventQuery, read_events
from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.attribution import Actor, EventSubject
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.observed import Snapshot
from reconciler.model.touch import Thing
from reconciler.ports import AdminApi

_CLOSE: Final = 20
"""Resources that are asked for one by one; for more, one long listing takes fewer requests."""
_PER_RESOURCE: Final = 100
_NAMES: Final = 20
"""Users and clients whose names are looked up; beyond, their ids must do."""


def subjects_of(
    snapshot: Snapshot, checkpoint: Checkpoint | None, addresses: Iterable[Address]
) -> dict[Address, EventSubject]:
    """Return by which ids admin events name the resources; the checkpoint knows those that are gone."""
    return {address: kind_of(address).subject(address, snapshot, checkpoint) for address in addresses}


async def fetch_events(admin: AdminApi, subjects: Mapping[Address, EventSubject]) -> EventAnswer:
    """Return the events that may explain what the subjects are.

    Where an answer ``is_cut``, older events are missing of what subjects were before, or of all.
    """
    if len(subjects) > _CLOSE:
        return await read_events(admin, EventQuery())
    asked = {question for address, subject in subjects.items() for question in _questions(address, subject)}
    return await read_events(admin, *sorted(asked, key=lambda question: (question.path, question.resources)))


def _questions(address: Address, subject: EventSubject) -> Iterable[EventQuery]:
    """Yield what to list. Of one object, the newest events do: an event that is missing explains nothing."""
    thing = kind_of(address).thing
    if thing is None:
        return
    if thing is Thing.REALM:
        yield _newest(resources=("REALM",))
        yield _newest(paths_of(Thing.CLIENT_SCOPE))
        yield _newest("roles*/composites")
        return
    if subject.id:
        yield _newest(paths_of(thing, subject.id))
    if subject.was_another or not subject.id:
        # Such a thing is called as Keycloak calls its type of resource.
        yield EventQuery(resources=(thing.name,))
    if subject.user_id:
        yield _newest(paths_of(Thing.USER, subject.user_id))
    elif thing is Thing.CLIENT:
        yield _newest(resources=("USER",))
    yield from (_newest(paths_of(Thing.ORGANIZATION, key, "/members")) for key in subject.organizations)


def _newest(path: str = "", resources: tuple[str, ...] = ()) -> EventQuery:
    return EventQuery(path, resources, newest=_PER_RESOURCE)


async def name_actors(admin: AdminApi, actors: Iterable[Actor]) -> dict[tuple[str, str], str]:
    """Return the names of users and clients by the realm's id and their own; those that can be read."""
    users = {(actor.realm_id, actor.user_id) for actor in actors if actor.user_id}
    clients = {(actor.realm_id, actor.client_id) for actor in actors if actor.client_id}
    wanted = [(key, True) for key in sorted(users)] + [(key, False) for key in sorted(clients)]
    found = await asyncio.gather(*(_name(admin, key, is_user) for key, is_user in wanted[:_NAMES]))
    return {key: name for (key, _), name in zip(wanted[:_NAMES], found, strict=True) if name is not None}


async def _name(admin: AdminApi, key: tuple[str, str], is_user: bool) -> str | None:
    realm_id, own_id = key
    return await (admin.name_of_user(own_id, realm_id) if is_user else admin.name_of_client(own_id, realm_id))
