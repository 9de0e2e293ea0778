"""What a live system does beyond what a change tells it; every rule was measured, see docs/side-effects.md.

Each follows from the change alone, so that whoever applies a saved plan comes to the same.
"""

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.client import fields as client
from reconciler.kinds.organization import people
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.realm import token_scopes
from reconciler.model.address import Kind
from reconciler.model.change import Change, Verb
from reconciler.model.consequence import ACCOUNTS_DELETED, Consequence
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Fields, Value

_NOTHING: Final[Fields] = {}
_AUTHORIZATION: Final = "keycloak.authorizationServicesEnabled"
_FLOWS_OF_PEOPLE: Final = (
    "keycloak.standardFlowEnabled",
    "keycloak.implicitFlowEnabled",
    "keycloak.directAccessGrantsEnabled",
)


def _high(code: str, why: str) -> Risk:
    return Risk(RiskLevel.HIGH, code, why)


def _medium(code: str, why: str) -> Risk:
    return Risk(RiskLevel.MEDIUM, code, why)


def _low(code: str, why: str) -> Risk:
    return Risk(RiskLevel.LOW, code, why)


_ACCOUNTS: Final = _high(ACCOUNTS_DELETED, "Keycloak deletes the accounts of managed members with their membership.")
_LOCKED_OUT: Final = _high("people-locked-out", "Managed members cannot log in while the organization is disabled.")
_PEOPLE_LOSE: Final = _high("people-lose-access", "People share the organization, and lose what it gave them.")
_ACCOUNTS_LOSE: Final = _high(
    "service-accounts-lose-organization",
    "Service accounts that the plan does not move are members, and lose the organization: the platform refuses them.",
)
_ROUTING: Final = _high("login-routing-lost", "Keycloak forgets which e-mail domain an identity provider is for.")
_GROUPS: Final = _high("group-roles-lost", "Its members lose the roles of the group, and of all groups below it.")
_ROLES: Final = _high("roles-deleted", "Whoever holds the role loses it, directly, by a group or in another role.")
_PERMISSIONS: Final = _high("permissions-deleted", "Its authorization resources, policies and permissions are deleted.")
_ACCOUNT: Final = _high(
    "service-account-deleted", "Its service account is deleted, with its roles, groups and memberships."
)
_SESSIONS: Final = _medium("sessions-ended", "Sessions, consents and offline tokens of whoever used the client end.")
_NEW_ACCOUNT: Final = _medium(
    "service-account-replaced", "Its service account gets another id; only what is declared is given to it again."
)
_EVERYBODY_LOSES: Final = _high("everybody-loses-roles", "Every user of the realm loses the role.")
_EVERYBODY_GETS: Final = _medium("everybody-gets-roles", "Every user of the realm gets the role.")
_TOKENS: Final = _high("others-tokens-change", "The tokens of every client with the client scope change.")
_POLICIES: Final = _low(
    "policies-rewritten",
    "All client profiles and policies of the realm are sent back: what somebody changes in that moment is lost.",
)
_BACK: Final = _low(
    "organizations-back", "Every organization of the realm is in force again, and its people can log in."
)


def consequences_of(change: Change) -> tuple[Consequence, ...]:
    """Return what happens beyond what the steps of the change say."""
    match change.address.kind:
        case Kind.REALM:
            return tuple(_of_realm(change))
        case Kind.ORGANIZATION:
            return tuple(_of_organization(change))
        case Kind.CLIENT:
            return tuple(_of_client(change))
        case Kind.WEBHOOK:
            return ()


def _of_organization(change: Change) -> Iterator[Consequence]:
    before, after = change.before or _NOTHING, change.after or _NOTHING
    managed = people.names(before.get(people.MANAGED))
    if is_deleted := change.before is not None and change.after is None:
        if managed:
            yield Consequence(_ACCOUNTS, managed)
        if shared := tuple(_shared(before, managed)):
            yield Consequence(_PEOPLE_LOSE, shared)
        if accounts := people.names(before.get(people.ACCOUNTS)):
            yield Consequence(_ACCOUNTS_LOSE, accounts)
    elif ended := _named(change, Verb.REMOVE_MEMBER, "username", managed):
        yield Consequence(_ACCOUNTS, ended)
    if managed and before.get("suspended") is False and after.get("suspended") is True:
        yield Consequence(_LOCKED_OUT, managed)
    linked = people.names(before.get(people.IDENTITY_PROVIDERS))
    loses_domains = len(_items(after.get(people.DOMAINS))) < len(_items(before.get(people.DOMAINS)))
    if not is_deleted and (unrouted := linked if loses_domains else _gone(people.IDENTITY_PROVIDERS, before, after)):
        yield Consequence(_ROUTING, unrouted)
    if not is_deleted and (groups := _gone(people.GROUPS, before, after)):
        yield Consequence(_GROUPS, groups)


def _shared(before: Fields, managed: tuple[str, ...]) -> Iterator[str]:
    """Yield what an organization that is deleted gives to people, but for the accounts that end anyway."""
    yield from (name for name in people.names(before.get(people.PEOPLE)) if name not in managed)
    yield from (f"invitation of {each}" for each in people.names(before.get(people.INVITATIONS)))
    yield from (f"identity provider {each}" for each in people.names(before.get(people.IDENTITY_PROVIDERS)))
    yield from (f"group {each}" for each in people.names(before.get(people.GROUPS)))


def _of_client(change: Change) -> Iterator[Consequence]:
    before, after = change.before or _NOTHING, change.after or _NOTHING
    if change.before is None:
        return
    if roles := _gone(client.OWN_ROLES, before, after):
        yield Consequence(_ROLES, roles)
    if before.get(_AUTHORIZATION) and not after.get(_AUTHORIZATION):
        yield Consequence(_PERMISSIONS)
    if change.after is None:
        if any(before.get(flow) for flow in _FLOWS_OF_PEOPLE):
            yield Consequence(_SESSIONS)
    elif before.get(client.SERVICE_ACCOUNTS) and not after.get(client.SERVICE_ACCOUNTS):
        yield Consequence(_ACCOUNT)
    elif any(step.verb is Verb.REPLACE_SERVICE_ACCOUNT for step in change.steps):
        yield Consequence(_NEW_ACCOUNT)


def _of_realm(change: Change) -> Iterator[Consequence]:
    if change.before is None:
        return
    if lost := _named(change, Verb.REMOVE_DEFAULT_ROLE, "role"):
        yield Consequence(_EVERYBODY_LOSES, lost)
    if given := _named(change, Verb.ADD_DEFAULT_ROLE, "role"):
        yield Consequence(_EVERYBODY_GETS, given)
    if scopes := tuple(sorted({name for step in change.steps if (name := token_scopes.scope_of_others(step))})):
        yield Consequence(_TOKENS, scopes)
    if any(step.verb is Verb.PUT_ROTATION_POLICY for step in change.steps):
        yield Consequence(_POLICIES)
    if not change.before.get(realm.ORGANIZATIONS_ENABLED) and (change.after or {}).get(realm.ORGANIZATIONS_ENABLED):
        yield Consequence(_BACK)


def _named(change: Change, verb: Verb, key: str, among: tuple[str, ...] | None = None) -> tuple[str, ...]:
    found = (str(step.body[key]) for step in change.steps if step.verb is verb)
    return tuple(name for name in found if among is None or name in among)


def _gone(path: str, before: Fields, after: Fields) -> tuple[str, ...]:
    kept = people.names(after.get(path))
    return tuple(name for name in people.names(before.get(path)) if name not in kept)


def _items(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()
