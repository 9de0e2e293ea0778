"""What Keycloak does beyond what a change of a client tells it; every rule was measured, see docs/side-effects.md.

Each follows from the change alone, so that whoever applies a saved plan comes to the same.
"""

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.client import fields as client
from reconciler.kinds.risk_rules import high, medium
from reconciler.model.change import Change, Verb
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.risk import Consequence
from reconciler.model.value import names_gone

_AUTHORIZATION: Final = "keycloak.authorizationServicesEnabled"
_FLOWS_OF_PEOPLE: Final = (
    "keycloak.standardFlowEnabled",
    "keycloak.implicitFlowEnabled",
    "keycloak.directAccessGrantsEnabled",
)
_ROLES: Final = high("roles-deleted", "All holders lose the role: direct, through a group or as part of another role.")
_PERMISSIONS: Final = high("permissions-deleted", "Its authorization resources, policies and permissions are deleted.")
_ACCOUNT: Final = high(
    "service-account-deleted", "Its service account is deleted, with its roles, groups and memberships."
)
_SESSIONS: Final = medium("sessions-ended", "Sessions, consents and offline tokens of the client's users end.")
_NEW_ACCOUNT: Final = medium(
    "service-account-replaced", "Its service account gets another id; only what is declared is granted to it again."
)


def consequences(change: Change) -> Iterator[Consequence]:
    """Yield what happens beyond what the steps of the client's change say."""
    before, after = change.before or {}, change.after or {}
    if change.before is None:
        return
    if roles := names_gone(client.OWN_ROLES, before, after):
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


def hazards(change: Change) -> Iterator[Finding]:
    """Yield that its secret is gone: Keycloak drops it when a client is made public (measured on 26.7.5)."""
    if (change.before or {}).get("keycloak.publicClient") is True:
        yield Finding(
            change.address,
            Code.SECRET_LOST,
            Severity.WARNING,
            FieldStatus.DRIFTED,
            "The client was made public, which destroyed its secret. It gets a new one with this change.",
            "Give the new secret to the system that uses the client; until then, it is refused.",
        )
