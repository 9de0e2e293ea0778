"""Complete clients by what belongs to them: service account, memberships, roles, groups, links, scope mappings."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from reconciler.events.proof import Proof
from reconciler.kinds.realm.representation import default_role_of
from reconciler.model.layout import CLIENT_PREFIX, OWNER_MARK, service_account_of
from reconciler.model.observed import ClientObservation, ReadFailure
from reconciler.model.value import Representation
from reconciler.observe.attempt import attempt
from reconciler.observe.roles import (
    Held,
    by_role_is_cheaper,
    read_credentials,
    read_groups,
    read_holders,
    read_links,
    read_roles,
)
from reconciler.observe.scope import Scope
from reconciler.observe.unlisted import Unlisted, read_unlisted
from reconciler.ports import AdminApi

Users: TypeAlias = tuple[Representation, ...] | ReadFailure


def is_relevant(representation: Representation, scope: Scope) -> bool:
    """Tell whether a manifest declares the client, or it is marked, or it looks like an integration's."""
    client_id = representation["clientId"]
    marked = OWNER_MARK in (representation.get("attributes") or {})
    return client_id in scope.clients or marked or client_id.startswith(CLIENT_PREFIX)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What no listing of clients shows.

    ``holders`` is None where each user is asked for its roles instead, unless the ``proof`` proves which they are.
    ``providers`` are the aliases of the realm's identity providers, ``impostors`` the names of users that are only
    named like service accounts.
    """

    proof: Proof
    unlisted: Mapping[str, Unlisted]
    holders: Mapping[str, tuple[str, ...]] | ReadFailure | None
    providers: tuple[str, ...] = ()
    impostors: frozenset[str] = frozenset()


async def read_hidden(
    admin: AdminApi,
    realm: Representation,
    proof: Proof,
    clients: Sequence[Representation],
    pages: Iterable[Representation],
    providers: tuple[str, ...],
    impostors: frozenset[str],
) -> Hidden:
    """Read what no listing shows of ``clients``; ``pages`` are all the clients of the realm."""
    unlisted = await read_unlisted(admin, proof, clients)
    without_roles = {uuid for uuid, found in unlisted.items() if found.own_roles == ()}
    others = {rep["clientId"]: rep["id"] for rep in pages if rep["id"] not in without_roles}
    if not by_role_is_cheaper(proof.doubtful(unlisted.keys()), len(others)):
        return Hidden(proof, unlisted, None, providers, impostors)
    holders = await read_holders(admin, default_role_of(realm), others)
    return Hidden(proof, unlisted, holders, providers, impostors)


@dataclass(frozen=True, slots=True)
class ClientReader:
    """Complete clients, mostly from what was read already."""

    admin: AdminApi
    scope: Scope
    default_role: str
    """The realm role that every new user gets."""
    members: Mapping[str, Users]
    hidden: Hidden
    known: Mapping[str, ClientObservation] = field(default_factory=dict)
    """By a client's id; these are not read."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """The clientIds of the members that are service accounts under another name, by that name."""

    async def observe(self, representations: Iterable[Representation]) -> list[ClientObservation]:
        """Return the clients; those that the scope does not want closer, as the pages and memberships show them."""
        joined = _joined(self.members, self.hidden.impostors, self.renamed)
        found = await asyncio.gather(*(self._client(rep, joined) for rep in representations))
        clients = {o.user_id: o.id for o in found if self._is_close(o) and o.user_id}
        users = sorted(clients)
        members = {user["id"] for user, _ in joined.values()}
        roles, groups, links, credentials = await asyncio.gather(
            self._roles(users, clients, members),
            read_groups(self.admin, users),
            read_links(self.admin, self.hidden.providers, users),
            read_credentials(
                self.admin, [user for user in users if not self.hidden.proof.proves_bare(clients[user], user)]
            ),
        )
        held = _Held(roles, groups, links, credentials)
        return [self._completed(o, held) if self._is_close(o) else o for o in found]

    def _is_close(self, observation: ClientObservation) -> bool:
        return observation.id not in self.known and self.scope.wants_client(observation.representation)

    async def _client(
        self, representation: Representation, joined: Mapping[str, tuple[Representation, tuple[str, ...]]]
    ) -> ClientObservation:
        client_id, uuid = representation["clientId"], representation["id"]
        known = joined.get(service_account_of(client_id).lower())
        user: Representation | ReadFailure | None = known[0] if known else None
        listed = known[1] if known else ()
        if (kept := self.known.get(uuid)) is not None:
            return replace(kept, representation=representation, organizations=listed)
        organizations: tuple[str, ...] | ReadFailure = listed
        if self.scope.wants_client(representation):
            if user is None and representation.get("serviceAccountsEnabled"):
                user = await self._user(client_id, uuid)
            if user is not None and not isinstance(user, ReadFailure):
                organizations = await self._organizations(client_id, user["id"], listed)
        return ClientObservation(uuid, client_id, representation, user, organizations)

    async def _organizations(
        self, client_id: str, user_id: str, known: tuple[str, ...]
    ) -> tuple[str, ...] | ReadFailure:
        """Return the memberships: from the members of all organizations, or asked for where only some were read."""
        unread = self.members.get(self.scope.clients.get(client_id, ""))
        if isinstance(unread, ReadFailure):
            return unread
        if self.scope.is_whole:
            return known
        return await attempt(f"organizations of {client_id}", self.admin.organizations_of(user_id))

    async def _user(self, client_id: str, uuid: str) -> Representation | ReadFailure | None:
        what = f"service account of {client_id}"
        if (name := service_account_of(client_id).lower()) in self.hidden.impostors:
            return ReadFailure(what, f"Keycloak cannot make it: {name} is another user", _REMOVE)
        return await attempt(what, self.admin.service_account(uuid))

    async def _roles(
        self, users: Sequence[str], clients: Mapping[str, str], members: Collection[str]
    ) -> Mapping[str, Held]:
        """Return what each user holds; ``clients`` maps the users to their clients' ids."""
        holders = self.hidden.holders
        if isinstance(holders, ReadFailure):
            return dict.fromkeys(users, holders)
        if holders is None:
            proves = self.hidden.proof.proves_default_role
            doubtful = await read_roles(self.admin, [user for user in users if not proves(clients[user], user)])
            return dict.fromkeys(users, (self.default_role,)) | doubtful
        # Asking for a service account that was deleted makes Keycloak create it anew, after its roles were listed.
        unlisted = await read_roles(self.admin, [user for user in users if user not in members])
        return {user: holders.get(user, ()) for user in users} | unlisted

    def _completed(self, observation: ClientObservation, held: "_Held") -> ClientObservation:
        more = self.hidden.unlisted[observation.id]
        base = replace(observation, own_roles=more.own_roles, scope_mappings=more.scope_mappings)
        if not (user := observation.user_id):
            return base
        base = replace(
            base, groups=held.groups[user], links=held.links[user], credentials=held.credentials.get(user, ())
        )
        roles = held.roles[user]
        if isinstance(roles, ReadFailure):
            return replace(base, roles=roles)
        own = tuple(role for role in roles if role != self.default_role)
        return replace(base, roles=own, has_default_role=self.default_role in roles)


@dataclass(frozen=True, slots=True)
class _Held:
    """What users hold, by their ids; one without an entry in ``credentials`` is proven to have none."""

    roles: Mapping[str, Held]
    groups: Mapping[str, Held]
    links: Mapping[str, Held]
    credentials: Mapping[str, Held]


_REMOVE: Final = "Delete or rename that user in Keycloak; then plan again."


def _joined(
    members: Mapping[str, Users], impostors: frozenset[str], renamed: Mapping[str, str]
) -> dict[str, tuple[Representation, tuple[str, ...]]]:
    """Return the users and the organizations that list them as members, sorted; without impostors.

    They are by their names, but service accounts always by the name that is theirs.
    """
    own = {name: service_account_of(client_id).lower() for name, client_id in renamed.items()}
    joined: dict[str, tuple[Representation, tuple[str, ...]]] = {}
    for alias, users in sorted(members.items()):
        for user in () if isinstance(users, ReadFailure) else users:
            if user["username"] not in impostors:
                name = own.get(username := str(user["username"]), username)
                _, aliases = joined.get(name, (user, ()))
                joined[name] = (user, (*aliases, alias))
    return joined
