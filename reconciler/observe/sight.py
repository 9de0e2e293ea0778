"""Find out whether Keycloak shows the login everything: where rights are missing, its lists are shorter, with 200.

With a ``query-`` role and without its ``view-`` role, and with fine-grained admin permissions, Keycloak leaves out
what the login may not see (measured on 26.7.5). What is left out is not absent: nothing may be planned from it. Two
things give it away: the roles in the login's own token, and answers that contradict each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.model.errors import AccessRefused, NotFound, RequestFailed
from reconciler.model.layout import LOCK_PREFIX, SERVICE_ACCOUNT_PREFIX, service_account_of
from reconciler.model.login import Login
from reconciler.model.observed import ClientObservation, ReadFailure, Sight
from reconciler.model.value import Representation
from reconciler.observe.clients import Users
from reconciler.ports import AdminApi

_BUILT_IN: Final = frozenset({"account", "account-console", "admin-cli", "broker", "realm-management"})
"""Some of the clients that Keycloak makes with every realm."""
_PERMISSIONS: Final = "Fine-grained admin permissions that show some objects, or keep some from it, do not do."


# docs/decisions.md, 127: why what is missing from a list may still be there.
def by_roles(login: Login) -> Sight:
    """Return what the roles of the login do not let it see."""
    roles = login.roles
    if roles is None:
        return Sight()

    def failure(kind: str) -> ReadFailure | None:
        # Without any of these roles Keycloak refuses; with "query-" alone it answers, and leaves out.
        is_partial = f"query-{kind}" in roles and not {f"view-{kind}", f"manage-{kind}"} & roles
        return _read_failure(kind, f"the login has the role query-{kind}, but not view-{kind}") if is_partial else None

    return Sight(failure("clients"), failure("organizations"), failure("users"))


@dataclass(frozen=True, slots=True)
class Listed:
    """What Keycloak listed, all of it as far as it says."""

    clients: tuple[Representation, ...]
    organizations: tuple[Representation, ...]
    identity_providers: tuple[Representation, ...]
    members: Mapping[str, Users]
    impostors: frozenset[str] | ReadFailure
    """Names of members that no client's service account has: another user's, or one that it was given since."""


async def read_sight(admin: AdminApi, listed: Listed, closer: Iterable[ClientObservation]) -> Sight:
    """Return what is not seen; ``closer`` are the clients whose users were read.

    What only came meanwhile is looked for before it counts.
    """
    found = by_roles(await admin.login())
    return Sight(
        clients=found.clients or await _hidden_client(admin, listed),
        organizations=found.organizations or await _hidden_organization(admin, listed),
        users=found.users or await _hidden_user(admin, closer),
    )


def blinded(observation: ClientObservation, sight: Sight) -> ClientObservation:
    """Return a client with what may be hidden as unread: where no list shows it, nothing says that it is not there."""
    if (unseen := sight.users) is not None:
        return replace(observation, organizations=unseen, roles=unseen, groups=unseen, links=unseen, credentials=unseen)
    return observation if sight.organizations is None else replace(observation, organizations=sight.organizations)


def _accounts(members: Mapping[str, Users], impostors: frozenset[str] | ReadFailure) -> list[str]:
    """Return the ids of the clients whose service accounts are members, in lower case as users' names are."""
    if isinstance(impostors, ReadFailure):
        # Nothing tells service accounts from users that are only named so.
        return []
    names = {user["username"] for users in members.values() if not isinstance(users, ReadFailure) for user in users}
    return sorted(name.removeprefix(SERVICE_ACCOUNT_PREFIX) for name in names - impostors if _is_account(name))


def _is_account(name: str) -> bool:
    return name.startswith(SERVICE_ACCOUNT_PREFIX) and not name.startswith(service_account_of(LOCK_PREFIX))


async def _hidden_client(admin: AdminApi, listed: Listed) -> ReadFailure | None:
    ids = {str(client["clientId"]).lower() for client in listed.clients}
    if not ids & _BUILT_IN:
        return _read_failure("clients", "not even the clients are listed that Keycloak makes with every realm")
    for client_id in _accounts(listed.members, listed.impostors):
        if client_id not in ids and await admin.find_client(client_id) is None:
            return _read_failure(
                "clients", f"{service_account_of(client_id)} is a member, but its client is not listed"
            )
    return None


async def _hidden_organization(admin: AdminApi, listed: Listed) -> ReadFailure | None:
    seen = {organization["id"] for organization in listed.organizations}
    links = ((each.get("organizationId"), each["alias"]) for each in listed.identity_providers)
    for organization_id, alias in links:
        if not organization_id or organization_id in seen:
            continue
        try:
            await admin.organization(organization_id)
        except (NotFound, AccessRefused):
            return _read_failure("organizations", f"the identity provider {alias} is linked to one that is not listed")
        except RequestFailed:
            continue
    return None


async def _hidden_user(admin: AdminApi, closer: Iterable[ClientObservation]) -> ReadFailure | None:
    for client in closer:
        user = client.service_account
        if user is None or isinstance(user, ReadFailure) or client.organizations != ():
            continue
        # It is a member of nothing, as the members say: one such user tells whether they do.
        try:
            joined = await admin.organizations_of(user["id"])
        except NotFound:
            continue
        except (RequestFailed, AccessRefused):
            return _read_failure("users", f"Keycloak refuses to say which organizations {user['username']} belongs to")
        return (
            _read_failure("users", f"{user['username']} belongs to {joined[0]}, which does not list it")
            if joined
            else None
        )
    return None


def _read_failure(kind: str, reason: str) -> ReadFailure:
    remedy = f"Give the reconciler's login the role view-{kind} of the client realm-management. {_PERMISSIONS}"
    return ReadFailure(f"all {kind}", f"{reason}, so that some may be hidden from it", remedy, "partial-sight")
