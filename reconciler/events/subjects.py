"""Fetch the admin events that may explain drift, in few requests, and the names behind their ids."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Subject
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.errors import AccessRefused, RequestFailed
from reconciler.model.event import Actor, AdminEvent
from reconciler.model.layout import service_account_of
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.ports import AdminApi

_CLOSE: Final = 20
"""Resources that are asked for one by one; for more, one long listing takes fewer requests."""
_PER_RESOURCE: Final = 100
_LISTING: Final = 5000
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


async def fetch_events(admin: AdminApi, subjects: Mapping[Address, Subject]) -> tuple[tuple[AdminEvent, ...], str]:
    """Return the events that may explain what the subjects are, newest first, and why there are none, if so."""
    try:
        if len(subjects) > _CLOSE:
            listings = [await admin.events(limit=_LISTING)]
        else:
            asked = {question for address, subject in subjects.items() for question in _questions(address, subject)}
            listings = await asyncio.gather(*(_ask(admin, *question) for question in sorted(asked)))
    except (RequestFailed, AccessRefused) as error:
        return (), f"the admin events cannot be read: {error.message} {error.remedy}".rstrip()
    return newest_first(event for listing in listings for event in listing), ""


def newest_first(events: Iterable[AdminEvent]) -> tuple[AdminEvent, ...]:
    """Return the events, each once, newest first."""
    once = {event.id: event for event in events}
    return tuple(sorted(once.values(), key=lambda event: (-event.time, event.id)))


def _questions(address: Address, subject: Subject) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Yield path and resource types of what to list."""
    if address.kind is Kind.REALM:
        yield from (("", ("REALM",)), ("client-scopes/*", ()), ("roles*/composites", ()))
        return
    of_clients = address.kind is Kind.CLIENT
    if subject.id:
        yield (f"clients/{subject.id}*" if of_clients else f"organizations/{subject.id}*"), ()
    if subject.was_another or not subject.id:
        yield "", ("CLIENT" if of_clients else "ORGANIZATION",)
    if subject.user_id:
        yield f"users/{subject.user_id}*", ()
    elif of_clients:
        yield "", ("USER",)
    yield from ((f"organizations/{key}/members*", ()) for key in subject.organizations)


async def _ask(admin: AdminApi, path: str, resources: tuple[str, ...]) -> tuple[AdminEvent, ...]:
    return await admin.events(limit=_PER_RESOURCE, path=path, resources=resources)


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
