"""Who holds which roles, is in which group, is linked to whom: by user, or the other way, whichever is cheaper."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from reconciler.model.observed import ReadFailure
from reconciler.model.url import fits_a_path
from reconciler.model.value import Representation, unordered
from reconciler.observe.attempt import attempt
from reconciler.ports import AdminApi

Held: TypeAlias = tuple[str, ...] | ReadFailure

_ROLES_PER_REALM: Final = 40
"""About as many roles has a realm without any of its own, and so many requests takes asking for their holders."""


def by_role_is_cheaper(users: int, other_clients: int) -> bool:
    """Tell whether asking each role for its holders takes fewer requests than asking each user for its roles."""
    return users > _ROLES_PER_REALM + other_clients


async def read_holders(
    admin: AdminApi, default_role: str, other_clients: Mapping[str, str]
) -> Mapping[str, tuple[str, ...]] | ReadFailure | None:
    """Return, per id of every user that holds any, the roles that the user holds directly, sorted.

    None means that only the users can be asked: a role has a name that fits into no path.

    ``other_clients`` maps the clientIds that may have roles of their own to the clients' ids.
    """
    return await attempt("roles of the service accounts", _holders(admin, default_role, other_clients))


async def _holders(
    admin: AdminApi, default_role: str, other_clients: Mapping[str, str]
) -> Mapping[str, tuple[str, ...]] | None:
    realm_roles, *client_roles = await asyncio.gather(
        admin.realm_roles(), *(admin.client_roles(uuid) for uuid in other_clients.values())
    )
    named = zip(other_clients, client_roles, strict=True)
    roles = sorted({default_role, *realm_roles, *(f"{client}/{name}" for client, names in named for name in names)})
    if not all(map(fits_a_path, (*realm_roles, *(name for names in client_roles for name in names)))):
        return None
    holders = await asyncio.gather(*(admin.role_holders(role) for role in roles))
    held: dict[str, list[str]] = {}
    for role, users in zip(roles, holders, strict=True):
        for user in users:
            held.setdefault(user, []).append(role)
    return {user: tuple(of) for user, of in held.items()}


async def read_roles(admin: AdminApi, users: Sequence[str]) -> dict[str, Held]:
    """Return, per user id, the roles that the user holds directly, sorted."""
    return await _one_by_one(admin.roles_of, users, "roles of the service account")


async def read_groups(admin: AdminApi, users: Sequence[str]) -> dict[str, Held]:
    """Return, per user id, the paths of the groups that the user is a member of, sorted."""
    if not users:
        return {}
    held = await attempt("groups of the service accounts", _groups(admin, users))
    return dict.fromkeys(users, held) if isinstance(held, ReadFailure) else held


async def _groups(admin: AdminApi, users: Sequence[str]) -> dict[str, Held]:
    groups = await admin.groups()
    if not groups:
        return dict.fromkeys(users, ())
    if len(groups) > len(users) or any(group.get("subGroupCount") for group in groups):
        return await _one_by_one(partial(_group_paths, admin), users, "groups of the service account")
    members = await asyncio.gather(*(admin.group_members(group["id"]) for group in groups))
    return {user: _joined(groups, members, user) for user in users}


async def read_links(admin: AdminApi, providers: Sequence[str], users: Sequence[str]) -> dict[str, Held]:
    """Return, per user id of a service account, the aliases of the identity providers that it is linked to, sorted."""
    if len(providers) > len(users):
        return await _one_by_one(admin.links_of, users, "identity providers of the service account")
    asked = asyncio.gather(*map(admin.linked_service_accounts, providers))
    if isinstance(linked := await attempt("identity providers of the service accounts", asked), ReadFailure):
        return dict.fromkeys(users, linked)
    held: dict[str, Held] = dict.fromkeys(users, ())
    for alias, found in sorted(zip(providers, linked, strict=True)):
        held |= {user: (*of, alias) for user in found if isinstance(of := held.get(user), tuple)}
    return held


async def read_credentials(admin: AdminApi, users: Sequence[str]) -> dict[str, Held]:
    """Return, per user id, the types of the credentials that are stored for the user, sorted."""
    return await _one_by_one(admin.credentials_of, users, "credentials of the service account")


async def _group_paths(admin: AdminApi, user_id: str) -> tuple[str, ...]:
    return unordered(group["path"] for group in await admin.groups_of(user_id))


def _joined(groups: tuple[Representation, ...], members: list[tuple[str, ...]], user: str) -> tuple[str, ...]:
    return unordered(group["path"] for group, found in zip(groups, members, strict=True) if user in found)


async def _one_by_one(
    read: Callable[[str], Awaitable[tuple[str, ...]]], users: Sequence[str], what: str
) -> dict[str, Held]:
    found = await asyncio.gather(*(attempt(f"{what} {user}", read(user), ()) for user in users))
    return dict(zip(users, found, strict=True))
