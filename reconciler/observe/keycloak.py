"""Read Keycloak: pages of organizations and clients, and side by side what no page shows."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from reconciler.events.incremental import Known, ReadCache
from reconciler.events.proof import NOTHING, Proof, read_proof
from reconciler.kinds.client import representation as client_kind
from reconciler.kinds.identity_provider.representation import provider_of
from reconciler.kinds.organization.people import MANAGED_MEMBER, is_managed
from reconciler.kinds.organization.representation import linked_identity_providers
from reconciler.kinds.realm import representation as realm_kind
from reconciler.model.checkpoint import Member
from reconciler.model.layout import LOCK_PREFIX, service_account_of
from reconciler.model.observed import ClientObservation, OrganizationObservation, ReadFailure, Sight, Snapshot
from reconciler.model.server import NO_LIMITS
from reconciler.model.value import Representation
from reconciler.observe.accounts import read_renamed
from reconciler.observe.attempt import attempt
from reconciler.observe.clients import ClientReader, Hidden, Users, is_relevant, read_hidden
from reconciler.observe.features import missing_features
from reconciler.observe.scope import Scope
from reconciler.observe.sight import Listed, blinded, read_sight
from reconciler.observe.unlisted import with_unlisted
from reconciler.ports import AdminApi

_NO_CACHE: Final = ReadCache()


@dataclass(frozen=True, slots=True)
class _Pages:
    organizations: tuple[Representation, ...]
    clients: tuple[Representation, ...]
    identity_providers: tuple[Representation, ...]
    impostors: frozenset[str] | ReadFailure


async def observe_keycloak(admin: AdminApi, scope: Scope, taken_at: datetime, cache: ReadCache = _NO_CACHE) -> Snapshot:
    """Return what Keycloak holds, without the effective state; what ``cache`` knows is not read again.

    Raises:
        LiveSystemError: The realm, the organizations or the clients cannot be listed at all.
    """
    representation = await admin.realm()
    if representation is None:
        lacking = await missing_features(admin, scope, None)
        return Snapshot(taken_at, None, missing_features=lacking, limits=await admin.limits())
    known = await cache.known(representation)
    # What is remembered was read of a server that could be planned for.
    limits = NO_LIMITS if known.clients else await admin.limits()
    realm, pages = await asyncio.gather(
        realm_kind.scaffolding(admin, representation, known.empty_scopes),
        _pages(admin, representation.get("organizationsEnabled")),
    )
    organizations = _organizations(pages)
    relevant = sorted((rep for rep in pages.clients if is_relevant(rep, scope)), key=lambda rep: str(rep["clientId"]))
    wanted = [client for client in relevant if scope.wants_client(client)]
    close = [client for client in wanted if client["id"] not in known.clients]
    meant = [organization for organization in organizations if scope.wants_organization(organization.alias)]
    settled = _settled(known, meant, close)
    apart = [organization for organization in meant if organization.alias not in settled]
    providers = tuple(provider["alias"] for provider in pages.identity_providers)
    impostors = frozenset() if isinstance(pages.impostors, ReadFailure) else pages.impostors

    async def unlisted() -> tuple[list[OrganizationObservation], Hidden]:
        proof = await _proof(admin, representation, 3 * len(close) + 2 * len(apart))
        return await asyncio.gather(
            with_unlisted(admin, proof, apart),
            read_hidden(admin, representation, proof, close, pages.clients, providers, impostors),
        )

    (whole, hidden), members = await asyncio.gather(unlisted(), _members(admin, apart))
    members |= settled
    # With targets, most memberships are not read: then only the clients that are meant are asked.
    renamed = await read_renamed(admin, pages.clients if scope.is_whole else wanted, members, impostors, known.clients)
    others_names = {} if isinstance(renamed, ReadFailure) else renamed
    close_up = {each.alias: each for each in whole}
    organizations = [close_up.get(each.alias, each) for each in organizations]
    reader = ClientReader(
        admin, scope, realm_kind.default_role_of(representation), members, hidden, known.clients, others_names
    )
    observations = await reader.observe(relevant)
    ids = {client["id"] for client in wanted}
    sight = await _sight(admin, pages, members, others_names, [each for each in observations if each.id in ids])
    observations = [blinded(observation, sight) for observation in observations]
    if sight.users is not None:
        members = dict.fromkeys(members, sight.users)
    ours = [observation for observation in observations if observation.id in ids]
    cache.keep(realm, organizations, _by_id(organizations, members), ours)
    missing = scope.clients.keys() - {observation.client_id for observation in observations}
    if missing or any(map(client_kind.needs_new_account, ours)):
        realm = replace(realm, new_users_actions=await admin.default_actions())
    return Snapshot(
        taken_at=taken_at,
        realm=realm,
        organizations={organization.alias: organization for organization in organizations},
        clients={observation.client_id: observation for observation in observations},
        members={alias: _usernames(users) for alias, users in members.items()},
        managed={alias: names for alias, users in members.items() if (names := _managed(users))},
        identity_providers={each.alias: each for each in map(provider_of, pages.identity_providers)},
        impostors=pages.impostors,
        renamed=renamed,
        missing_features=await missing_features(admin, scope, realm),
        limits=limits,
        sight=sight,
        namesakes=_namesakes(pages.clients, scope),
    )


async def _sight(
    admin: AdminApi,
    pages: _Pages,
    members: Mapping[str, Users],
    renamed: Mapping[str, str],
    closer: list[ClientObservation],
) -> Sight:
    impostors = pages.impostors
    named_otherwise = impostors if isinstance(impostors, ReadFailure) else impostors | renamed.keys()
    listed = Listed(pages.clients, pages.organizations, pages.identity_providers, members, named_otherwise)
    return await read_sight(admin, listed, closer)


async def _pages(admin: AdminApi, organizations_enabled: bool | None) -> _Pages:
    if not organizations_enabled:
        # Keycloak refuses to list organizations while the realm has them switched off.
        return _Pages((), await _without_locks(admin), (), frozenset())
    asked = attempt("users that are named like service accounts", admin.impostors())
    organizations, clients, providers, found = await asyncio.gather(
        admin.organizations(), _without_locks(admin), admin.identity_providers(), asked
    )
    impostors = found if isinstance(found, ReadFailure) else frozenset(found)
    return _Pages(organizations, clients, providers, impostors)


async def _without_locks(admin: AdminApi) -> tuple[Representation, ...]:
    # A lock comes and goes while others read: nothing may depend on it.
    return tuple(client for client in await admin.clients() if not client["clientId"].startswith(LOCK_PREFIX))


def _organizations(pages: _Pages) -> list[OrganizationObservation]:
    linked = linked_identity_providers(pages.identity_providers)
    return [
        OrganizationObservation(rep["id"], rep["alias"], rep, linked.get(rep["id"], ()))
        for rep in sorted(pages.organizations, key=lambda rep: str(rep["alias"]))
    ]


async def _proof(admin: AdminApi, realm: Representation, instead_of: int) -> Proof:
    """Return what the admin events prove, where reading them takes no more requests than what they make needless."""
    return await read_proof(admin, realm) if instead_of > _FEW else NOTHING


_FEW: Final = 5


def _settled(
    known: Known, organizations: Iterable[OrganizationObservation], close: Iterable[Representation]
) -> dict[str, Users]:
    """Return the members that need not be read, by alias; not where a client is read closely, or people log in."""
    accounts = {service_account_of(client["clientId"]).lower() for client in close}
    return {
        organization.alias: tuple(map(_as_read, members))
        for organization in organizations
        if not organization.identity_providers
        and (members := known.members.get(organization.id)) is not None
        and not any(member.username in accounts for member in members)
    }


def _namesakes(clients: Iterable[Representation], scope: Scope) -> frozenset[str]:
    wanted = {client_id.lower() for client_id in scope.clients}
    with_accounts = (each["clientId"] for each in clients if each.get("serviceAccountsEnabled"))
    return frozenset(each for each in with_accounts if each not in scope.clients and each.lower() in wanted)


def _by_id(
    organizations: Iterable[OrganizationObservation], members: Mapping[str, Users]
) -> dict[str, tuple[Member, ...]]:
    found = {organization.id: members.get(organization.alias) for organization in organizations}
    return {
        key: tuple(Member(user["id"], user["username"], is_managed(user)) for user in users)
        for key, users in found.items()
        if users is not None and not isinstance(users, ReadFailure)
    }


async def _members(admin: AdminApi, organizations: Sequence[OrganizationObservation]) -> dict[str, Users]:
    listed = (attempt(f"members of organization/{each.alias}", admin.members(each.id), ()) for each in organizations)
    found = await asyncio.gather(*listed)
    return {organization.alias: users for organization, users in zip(organizations, found, strict=True)}


def _as_read(member: Member) -> Representation:
    return {
        "id": member.id,
        "username": member.username,
        "membershipType": MANAGED_MEMBER if member.is_managed else "UNMANAGED",
    }


def _managed(users: Users) -> tuple[str, ...]:
    return (
        () if isinstance(users, ReadFailure) else tuple(sorted(user["username"] for user in users if is_managed(user)))
    )


def _usernames(users: Users) -> tuple[str, ...] | ReadFailure:
    return users if isinstance(users, ReadFailure) else tuple(sorted(user["username"] for user in users))
