"""Fetch the admin events that may explain drift, in few requests, and the names behind their ids."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.events.catalogue import paths_of
from reconciler.events.reading import Answer, Question, read_events
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Subject
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.event import Actor
from reconciler.model.layout import service_account_of
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.touch import Thing
from reconciler.ports import AdminApi

_CLOSE: Final = 20
"""Resources that are asked for one by one; for more, one long listing takes fewer requests."""
_PER_RESOURCE: Final = 100
_NAMES: Final = 20
"""Users and clients whose names are looked up; beyond, their ids must do."""


def subjects_of(
    snapshot: Snapshot, checkpoint: Checkpoint | None, addresses: Iterable[Address]
) -> dict[Address, Subject]:
    """Return by which ids admin events name the resources; the checkpoint knows those that are gone."""
    return {address: _subject(address, snapshot, checkpoint) for address in addresses}


def _subject(address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> Subject:
    if address.kind is Kind.REALM:
        return Subject(scopes=_scopes(snapshot))
    if address.kind in {Kind.ORGANIZATION, Kind.WEBHOOK}:
        # The marks of webhooks are on their organization.
        live = snapshot.organizations.get(address.names[0])
        return Subject(id=live.id if live else "")
    username = service_account_of(address.name).lower()
    client = snapshot.clients.get(address.name)
    if client is None:
        kept = {} if checkpoint is None else checkpoint.clients
        uuid = next((uuid for uuid, each in kept.items() if each.client_id == address.name), "")
        return Subject(id=uuid, username=username)
    user = client.service_account
    homes = () if isinstance(client.organizations, ReadFailure) else client.organizations
    user_id = str(user["id"]) if user is not None and not isinstance(user, ReadFailure) else ""
    ids = [snapshot.organizations[a].id for a in (*homes, address.names[0]) if a in snapshot.organizations]
    if checkpoint is not None:
        ids += [key for key, members in checkpoint.members.items() if any(member.id == user_id for member in members)]
    return Subject(client.id, user_id, username, tuple(dict.fromkeys(ids)), _scopes(snapshot))


def _scopes(snapshot: Snapshot) -> dict[str, str]:
    if (realm := snapshot.realm) is None:
        return {}
    scopes = [*realm.further_scopes.values(), *realm.builtin_scopes.values(), *([realm.scope] if realm.scope else [])]
    return {str(scope["name"]): str(scope["id"]) for scope in scopes}


async def fetch_events(admin: AdminApi, subjects: Mapping[Address, Subject]) -> Answer:
    """Return the events that may explain what the subjects are.

    Where an answer ``is_cut``, older events are missing of what subjects were before, or of all.
    """
    if len(subjects) > _CLOSE:
        return await read_events(admin, Question())
    asked = {question for address, subject in subjects.items() for question in _questions(address, subject)}
    return await read_events(admin, *sorted(asked, key=lambda question: (question.path, question.resources)))


def _questions(address: Address, subject: Subject) -> Iterable[Question]:
    """Yield what to list. Of one object, the newest events do: an event that is missing explains nothing."""
    if address.kind is Kind.REALM:
        yield _newest(resources=("REALM",))
        yield _newest(paths_of(Thing.CLIENT_SCOPE))
        yield _newest("roles*/composites")
        return
    of_clients = address.kind is Kind.CLIENT
    if subject.id:
        yield _newest(paths_of(Thing.CLIENT if of_clients else Thing.ORGANIZATION, subject.id))
    if subject.was_another or not subject.id:
        yield Question(resources=("CLIENT" if of_clients else "ORGANIZATION",))
    if subject.user_id:
        yield _newest(paths_of(Thing.USER, subject.user_id))
    elif of_clients:
        yield _newest(resources=("USER",))
    yield from (_newest(paths_of(Thing.ORGANIZATION, key, "/members")) for key in subject.organizations)


def _newest(path: str = "", resources: tuple[str, ...] = ()) -> Question:
    return Question(path, resources, newest=_PER_RESOURCE)


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
