"""The rules of risk of a client."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds.client import fields as client
from reconciler.kinds.marks import MEMBERSHIPS
from reconciler.kinds.risk_rules import (
    LONGER,
    SHORTER,
    Rule,
    always,
    flag,
    high,
    items,
    low,
    medium,
    members,
    number,
)
from reconciler.model.change import Action
from reconciler.model.risk import NO_RISK, Risk
from reconciler.model.value import Value


def _membership(before: Value, after: Value) -> Risk:
    if before is None:
        return NO_RISK
    if items(before) > items(after):
        return low("membership-ended", "A membership that is not declared ends.")
    return high("client-moved", "The client acts for another organization, with its partners and capabilities.")


def _enabled(before: Value, after: Value) -> Risk:
    if after is True:
        # A new client that is enabled surprises nobody.
        return medium("client-enabled", "The client may get tokens again.") if before is False else NO_RISK
    return high("client-disabled", "The system that uses it gets no tokens.") if before is True else NO_RISK


ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.DELETE: high("client-deleted", "Its secret is destroyed, and the system that uses it is refused."),
}
"""What happens to a whole client."""

RISKS: Final[Mapping[str, Rule]] = {
    "clientId": always(high("client-renamed", "The system that uses it is refused until it sends the new id.")),
    "enabled": _enabled,
    "accessTokenLifespan": number(up=LONGER, down=SHORTER),
    client.ROLES: members(
        removed=lambda _: medium("role-revoked", "The service account may do less in Keycloak."),
        added=lambda _: high("role-granted", "The service account may do more in Keycloak."),
    ),
    MEMBERSHIPS: _membership,
    "keycloak.publicClient": flag(
        on=NO_RISK,
        off=high("secret-destroyed", "Its secret is gone already: it gets a new one, which its system must be given."),
    ),
}
"""What happens to a field, by its path."""
