"""What Keycloak does beyond what an organization's change tells it; every rule was measured, see docs/side-effects.md.

Each follows from the change alone, so that whoever applies a saved plan comes to the same.
"""

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.organization import fields as paths
from reconciler.kinds.risk_rules import high
from reconciler.model.change import Change, Verb
from reconciler.model.risk import ACCOUNTS_DELETED, Consequence
from reconciler.model.value import Fields, Value, names, names_gone

_ACCOUNTS: Final = high(ACCOUNTS_DELETED, "Keycloak deletes the accounts of managed members with their membership.")
_LOCKED_OUT: Final = high("people-locked-out", "Managed members cannot log in while the organization is disabled.")
_PEOPLE_LOSE: Final = high("people-lose-access", "People share the organization, and lose what it gave them.")
_ACCOUNTS_LOSE: Final = high(
    "service-accounts-lose-organization",
    "Service accounts that the plan does not move are members, and lose the organization: the platform refuses them.",
)
ROUTING_LOST: Final = high("login-routing-lost", "Keycloak forgets which e-mail domain an identity provider is for.")
_GROUPS: Final = high("group-roles-lost", "Its members lose the roles of the group, and of all groups below it.")


def consequences(change: Change) -> Iterator[Consequence]:
    """Yield what happens beyond what the steps of the organization's change say."""
    before, after = change.before or {}, change.after or {}
    managed = names(before.get(paths.MANAGED))
    if is_deleted := change.before is not None and change.after is None:
        if managed:
            yield Consequence(_ACCOUNTS, managed)
        if shared := tuple(_shared(before, managed)):
            yield Consequence(_PEOPLE_LOSE, shared)
        if accounts := names(before.get(paths.ACCOUNTS)):
            yield Consequence(_ACCOUNTS_LOSE, accounts)
    elif ended := tuple(name for name in change.named_by(Verb.REMOVE_MEMBER, "username") if name in managed):
        yield Consequence(_ACCOUNTS, ended)
    if managed and before.get("suspended") is False and after.get("suspended") is True:
        yield Consequence(_LOCKED_OUT, managed)
    linked = sorted({*names(before.get(paths.IDENTITY_PROVIDERS)), *names(before.get(paths.LINKED_WITH_DOMAIN))})
    loses_domains = _count(after.get(paths.DOMAINS)) < _count(before.get(paths.DOMAINS)) or bool(
        names_gone(paths.DECLARED_DOMAINS, before, after)
    )
    if not is_deleted and (
        unrouted := tuple(linked) if loses_domains else names_gone(paths.IDENTITY_PROVIDERS, before, after)
    ):
        yield Consequence(ROUTING_LOST, unrouted)
    if not is_deleted and (groups := names_gone(paths.GROUPS, before, after)):
        yield Consequence(_GROUPS, groups)


def _shared(before: Fields, managed: tuple[str, ...]) -> Iterator[str]:
    """Yield what an organization that is deleted gives to people, but for the accounts that end anyway."""
    yield from (name for name in names(before.get(paths.PEOPLE)) if name not in managed)
    yield from (f"invitation of {each}" for each in names(before.get(paths.INVITATIONS)))
    yield from (f"identity provider {each}" for each in names(before.get(paths.IDENTITY_PROVIDERS)))
    yield from (f"group {each}" for each in names(before.get(paths.GROUPS)))


def _count(value: Value) -> int:
    return len(value) if isinstance(value, tuple) else 0
