"""What each change can do to people and systems."""

import pytest

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.client.fields import MAPPER
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.address import Address
from reconciler.model.change import Action, FieldChange
from reconciler.model.risk import NO_RISK, Risk, RiskLevel, highest
from reconciler.model.value import Value
from reconciler.plan.risk import assessed
from tests.builders import ACME, ACME_CLIENT, REALM, a_change, a_field_change

REALM_ADDRESS = Address.realm(REALM)


def risk_of(address: Address, path: str, before: Value, after: Value, action: Action = Action.UPDATE) -> Risk:
    field = FieldChange(path, before, after, a_field_change().reason)
    return assessed(a_change(address, action, field_changes=[field])).field_changes[0].risk


@pytest.mark.parametrize(
    ("address", "path", "before", "after", "level", "code"),
    [
        (ACME, "authorizedPartners", ("a", "b"), ("b", "c"), "high", "partner-removed"),
        (ACME, "authorizedPartners", ("a",), ("a", "b"), "medium", "partner-added"),
        (ACME, "authorizedPartners", ("a",), None, "high", "partner-removed"),
        (ACME, "capabilities.rateLimitTier", "HIGH_VOLUME", "STANDARD", "medium", "tier-down"),
        (ACME, "capabilities.rateLimitTier", "STANDARD", "ENTERPRISE", "low", "tier-up"),
        (ACME, "capabilities.allowContactPersonalData", False, True, "high", "personal-data-allowed"),
        (ACME, "capabilities.allowContactPersonalData", None, True, "high", "personal-data-allowed"),
        (ACME, "capabilities.allowContactPersonalData", True, False, "medium", "capability-withdrawn"),
        (ACME, "capabilities.allowKycDocumentDownload", False, True, "high", "kyc-documents-allowed"),
        (ACME, "capabilities.allowMultiVinOrders", False, True, "low", "capability-granted"),
        (ACME, "dpa.acceptedAt", "2026-01-15T11:00:00+01:00", "2026-01-15T10:00:00Z", "low", "dpa-moment"),
        (ACME, "dpa.acceptedAt", "2026-01-15T11:00:00Z", "2026-01-15T10:00:00Z", "medium", "dpa-changed"),
        (ACME, "dpa.acceptedAt", "yesterday", "2026-01-15T10:00:00Z", "medium", "dpa-changed"),
        (ACME, "suspended", False, True, "high", "organization-suspended"),
        (ACME, "suspended", True, False, "medium", "organization-resumed"),
        (ACME, "organizationUuid", "a", "b", "high", "identity-changed"),
        (ACME, "dpa.version", "2026-01", None, "high", "dpa-removed"),
        (ACME, "dpa.version", None, "2026-01", "medium", "dpa-recorded"),
        (ACME, "keycloak.members", ("eve",), None, "medium", "member-removed"),
        (ACME, "keycloak.redirectUrl", "https://evil.example", None, "low", "hardening-restored"),
        (ACME, "reconciler/owner", "another", "team", "medium", "owner-changed"),
        (ACME, "description", None, "Text", "low", "words-changed"),
        (ACME_CLIENT, "clientId", "api-client-old", "api-client-acme", "high", "client-renamed"),
        (ACME_CLIENT, "enabled", True, False, "high", "client-disabled"),
        (ACME_CLIENT, "enabled", False, True, "medium", "client-enabled"),
        (ACME_CLIENT, "accessTokenLifespan", 300, 3600, "medium", "token-lifespan-longer"),
        (ACME_CLIENT, "accessTokenLifespan", 300, 60, "low", "token-lifespan-shorter"),
        (ACME_CLIENT, "serviceAccountRoles", None, ("offline_access",), "high", "role-granted"),
        (ACME_CLIENT, "serviceAccountRoles", ("offline_access",), None, "medium", "role-revoked"),
        (ACME_CLIENT, "serviceAccount.organizations", ("acme",), ("beta",), "high", "client-moved"),
        (ACME_CLIENT, "serviceAccount.organizations", ("acme", "evil"), ("acme",), "low", "membership-ended"),
        (ACME_CLIENT, "keycloak.publicClient", True, False, "high", "secret-destroyed"),
        (ACME_CLIENT, "keycloak.redirectUris", ("https://evil.example",), None, "low", "hardening-restored"),
        (REALM_ADDRESS, "adminEvents.enabled", True, False, "high", "hardening-weakened"),
        (REALM_ADDRESS, "loginEvents.enabled", True, False, "medium", "hardening-weakened"),
        (REALM_ADDRESS, "loginEvents.types", (), ("CLIENT_LOGIN",), "medium", "hardening-weakened"),
        (REALM_ADDRESS, "loginEvents.types", ("CLIENT_LOGIN",), (), "low", "hardening-restored"),
        (REALM_ADDRESS, "secretRotation.overlap", 86400, None, "high", "hardening-weakened"),
        (REALM_ADDRESS, "secretRotation.overlap", 86400, 3600, "medium", "rotation-changed"),
    ],
)
def test_a_field_has_the_risk_of_its_rule(
    address: Address, path: str, before: Value, after: Value, level: str, code: str
) -> None:
    risk = risk_of(address, path, before, after)
    assert (risk.level, risk.code) == (level, code)
    assert risk.why


def test_a_lower_tier_says_what_it_means_in_requests() -> None:
    risk = risk_of(ACME, "capabilities.rateLimitTier", "HIGH_VOLUME", "STANDARD")
    assert risk.why == "Reads per minute: 1,000 -> 300."


def test_a_new_client_that_is_enabled_surprises_nobody() -> None:
    assert risk_of(ACME_CLIENT, "enabled", None, True, Action.CREATE).level is RiskLevel.LOW


def test_a_role_that_a_client_is_created_with_is_a_risk() -> None:
    risk = risk_of(ACME_CLIENT, "serviceAccountRoles", None, ("offline_access",), Action.CREATE)
    assert risk.level is RiskLevel.HIGH


def test_rules_that_a_client_is_created_with_restore_nothing() -> None:
    risk = risk_of(ACME_CLIENT, "keycloak.protocol", None, "openid-connect", Action.CREATE)
    assert (risk.level, risk.code) == (RiskLevel.LOW, "resource-created")


_ADDRESSES = (
    ACME,
    ACME_CLIENT,
    REALM_ADDRESS,
    Address.webhook("acme", "orders"),
    Address.identity_provider("acme", "x"),
)
_KINDS = [(kind_of(address), address) for address in _ADDRESSES]
_ROWS = [
    (address, f"{row.path}x" if row.path.endswith((".", "/")) else row.path, row.is_said)
    for kind, address in _KINDS
    for row in kind.fields.rows
    if row.path and not row.exempt
]
_OF_EVERY_KIND = ("lifecycle.preventDestroy", "lifecycle.ignoreChanges", "lifecycle.adopt.drop", "labels.team")
_WAYS: dict[str, tuple[Value, Value]] = {
    "given": (None, "x"),
    "changed": ("x", "y"),
    "removed": ("x", None),
    "switched on": (False, True),
    "switched off": (True, False),
    "given on": (None, True),
    "given off": (None, False),
    "raised": (1, 2),
    "lowered": (2, 1),
    "items come": ((), ("x",)),
    "items go": (("x",), ()),
    "items given": (None, ("x",)),
    "items removed": (("x",), None),
}


def test_every_kind_is_tried() -> None:
    assert {kind.kind for kind, _ in _KINDS} == {*KINDS}


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.ADOPT])
@pytest.mark.parametrize("way", _WAYS)
def test_every_field_and_flag_has_a_risk_whatever_becomes_of_it(way: str, action: Action) -> None:
    rows = [*((address, path) for address, path, _ in _ROWS), *((ACME, path) for path in _OF_EVERY_KIND)]
    for address, path in (*rows, (ACME, "a field that nobody knows")):
        if action is Action.ADOPT and path.startswith(MAPPER):
            # What adopting takes of a mapper is told by what the mapper does.
            continue
        risk = risk_of(address, path, *_WAYS[way], action)
        assert risk.level is not RiskLevel.NONE, f"{address}: {path}"
        assert risk.code, f"{address}: {path}"
        assert risk.why.endswith("."), f"{address}: {path}"


def test_what_a_manifest_says_has_a_rule_of_its_own() -> None:
    for address, path, is_said in _ROWS:
        assert not is_said or kind_of(address).fields.risk(path), f"{address}: {path}"


@pytest.mark.parametrize("action", [Action.CREATE, Action.ADOPT, Action.DELETE])
@pytest.mark.parametrize("kind", KINDS.values(), ids=map(str, KINDS))
def test_every_kind_has_a_risk_for_its_creation_adoption_and_removal(kind: ResourceKind, action: Action) -> None:
    address = next(each for of, each in _KINDS if of is kind)
    # Realms are never deleted.
    is_possible = action is not Action.DELETE or not kind.is_left_alone
    assert not is_possible or assessed(a_change(address, action, field_changes=[])).risk.why


def test_a_change_has_the_highest_risk_of_its_fields() -> None:
    fields = [a_field_change("description"), a_field_change("suspended", False, True), a_field_change()]
    assert assessed(a_change(field_changes=fields)).risk.code == "organization-suspended"


@pytest.mark.parametrize(("address", "code"), [(ACME, "organization-deleted"), (ACME_CLIENT, "client-deleted")])
def test_a_delete_is_a_high_risk_as_a_whole_and_not_field_by_field(address: Address, code: str) -> None:
    change = assessed(a_change(address, Action.DELETE, field_changes=[a_field_change("suspended", False, None)]))
    assert (change.risk.level, change.risk.code) == (RiskLevel.HIGH, code)
    assert change.field_changes[0].risk == NO_RISK


def test_assessing_hides_and_alters_nothing_else() -> None:
    change = a_change(field_changes=[a_field_change(), a_field_change("suspended", False, True)])
    found = assessed(change)
    assert [(f.path, f.before, f.after) for f in found.field_changes] == [
        (f.path, f.before, f.after) for f in change.field_changes
    ]
    assert assessed(found) == found


def test_the_first_of_equal_risks_counts() -> None:
    first, second = Risk(RiskLevel.LOW, "a", "A."), Risk(RiskLevel.LOW, "b", "B.")
    assert highest([NO_RISK, first, second]) == first
    assert highest([]) == NO_RISK
