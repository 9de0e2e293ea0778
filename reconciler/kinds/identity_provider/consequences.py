"""What Keycloak does when a link ends, measured on 26.7.5: see docs/side-effects.md."""

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.identity_provider.fields import DOMAIN
from reconciler.kinds.identity_provider.representation import is_linked
from reconciler.kinds.organization.consequences import ROUTING_LOST
from reconciler.kinds.organization.fields import MANAGED
from reconciler.kinds.risk_rules import high
from reconciler.model.change import Change
from reconciler.model.risk import Consequence
from reconciler.model.value import names

_FOR_ALL: Final = high(
    "identity-provider-for-all",
    "The realm's login page shows it to everybody: who logs in through it gets an account without the organization.",
)
_STAYING: Final = high(
    "managed-members-stay",
    "Keycloak deletes no account: managed members stay in the organization, and can still log in by a provider that "
    "was unlinked. Who shall not must be removed as a member, with whom Keycloak deletes the account.",
)


def consequences(change: Change) -> Iterator[Consequence]:
    """Yield what happens beyond what the steps of a link's removal say."""
    before = change.before or {}
    if change.after is not None or not is_linked(before):
        return
    yield Consequence(_FOR_ALL, (change.address.name,))
    if managed := names(before.get(MANAGED)):
        yield Consequence(_STAYING, managed)
    if DOMAIN in before:
        yield Consequence(ROUTING_LOST, (change.address.name,))
