"""Block what cannot succeed before anything is written: features that the server lacks, scopes that the realm lacks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import DEFAULT_CLIENT_SCOPES, ORGANIZATION_SCOPE, ROLES_SCOPE
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Feature, Snapshot

DECLARE: Final = "Declare the scaffolding in a manifest of kind: Realm, or ask the realm's owner."
_RESTORE: Final = "Restore Keycloak's client scope roles in the realm, or ask the realm's owner; or declare no roles."
_LACKING: Final = {
    ORGANIZATION_SCOPE: "tokens would not name the organization",
    ROLES_SCOPE: "tokens would not carry the roles that a manifest declares",
}
_NEEDED_FOR: Final = {
    Feature.ORGANIZATION: "organizations live in",
    Feature.SECRET_ROTATION: "spec.secretRotation needs",
}


def with_features(row: Row, situation: Situation) -> Row:
    """Return the realm's row, blocked where the server runs without a feature that it needs."""
    if not (missing := situation.snapshot.missing_features):
        return row
    return replace(row, obstacle=row.obstacle or f"the server runs without the feature {', '.join(missing)}")


def missing_scopes(desired: DesiredState, snapshot: Snapshot) -> Iterator[str]:
    """Yield the client scopes that declared clients need, and that neither the realm has nor its manifest makes."""
    if snapshot.realm is None or snapshot.sight.clients is not None:
        return
    live = {*snapshot.realm.builtin_scopes, *snapshot.realm.further_scopes}
    live |= {str(snapshot.realm.scope["name"])} if snapshot.realm.scope else set()
    made = {*DEFAULT_CLIENT_SCOPES} if desired.realm else set()
    needed = {*DEFAULT_CLIENT_SCOPES} if desired.organizations else set()
    # Who needs it is looked for only where it is missing: this is asked for each client.
    if ROLES_SCOPE not in live and any(
        client.service_account_roles for each in desired.organizations for client in each.spec.clients
    ):
        needed.add(ROLES_SCOPE)
    yield from sorted(needed - live - made)


def prerequisite_findings(situation: Situation) -> Iterator[Finding]:
    """Yield what the server and the realm lack."""
    address = Address.realm(situation.realm)
    for feature in situation.snapshot.missing_features:
        yield Finding(
            address,
            Code.FEATURE_MISSING,
            Severity.ERROR,
            FieldStatus.UNKNOWN,
            f"The server runs without the feature {feature}, which {_NEEDED_FOR[feature]}.",
            f"Start Keycloak with it (--features={feature}, or no --features-disabled), or leave out what needs it.",
        )
    for scope in missing_scopes(situation.desired, situation.snapshot):
        yield Finding(
            address,
            Code.SCOPE_MISSING,
            Severity.ERROR,
            FieldStatus.DRIFTED,
            f"The realm has no client scope '{scope}': {_LACKING.get(scope, 'tokens would have no audience')}.",
            _RESTORE if scope == ROLES_SCOPE else DECLARE,
        )
