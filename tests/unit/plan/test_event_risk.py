"""What happened has a risk of its own: that of the way from what was last applied to what is live."""

import pytest

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.registry import KINDS
from reconciler.model.address import Address
from reconciler.model.change import Action, FieldChange, Reason
from reconciler.model.manifest import CAPABILITIES
from reconciler.model.risk import RiskLevel
from reconciler.model.value import Value
from reconciler.plan.drift import drift_of, event_risk, with_event_risks
from reconciler.plan.risk import assessed
from reconciler.review.risk_view import EventView
from reconciler.review.subject import Subject
from reconciler.review.view import plan_view
from tests.builders import ACME_CLIENT, REALM, a_change, a_field_change, a_plan

ACME = Address.organization("acme")
HIGH, MEDIUM = RiskLevel.HIGH, RiskLevel.MEDIUM
_ADDRESSES = (
    ACME,
    ACME_CLIENT,
    Address.realm(REALM),
    Address.parse("webhook/acme/orders"),
    Address.parse("identity-provider/acme/acme-oidc"),
)
_FIELDS = [(kind, row.path) for kind in KINDS.values() for row in kind.fields.rows if not row.exempt]


def happened(address: Address, path: str, live: Value, applied: Value, reason: Reason) -> EventView:
    field = a_field_change(path, live, applied, reason=reason)
    return plan_view(drift_of(a_plan(a_change(address, field_changes=[field]))), Subject.DRIFT).events[0]


@pytest.mark.parametrize(
    ("address", "path", "live", "applied", "text", "level"),
    [
        (ACME_CLIENT, "keycloak.redirectUris", ("https://x/*",), (), 'redirect URI "https://x/*" was added', HIGH),
        (ACME_CLIENT, "keycloak.redirectUris", (), ("https://x/*",), 'redirect URI "https://x/*" was removed', MEDIUM),
        (ACME_CLIENT, "keycloak.webOrigins", ("+",), None, 'web origin "+" was added', HIGH),
        (ACME_CLIENT, "serviceAccountRoles", ("admin",), (), 'role "admin" was granted', HIGH),
        (ACME_CLIENT, "serviceAccountRoles", ("b", "c"), ("a",),
            'roles "b", "c" were granted; role "a" was revoked', HIGH),
        (
            ACME_CLIENT, "keycloak.directAccessGrantsEnabled", True, False,
            "the direct access grants flow was switched on", HIGH,
        ),
        (
            ACME_CLIENT, "keycloak.attributes.oauth2.device.authorization.grant.enabled", "true", None,
            "the device authorization grant flow was switched on", HIGH,
        ),
        (
            ACME_CLIENT, "keycloak.attributes.client.secret.expiration.time", "2", "1",
            'keycloak.attributes.client.secret.expiration.time was set to "2"; it was "1"', HIGH,
        ),
        (
            ACME_CLIENT, "keycloak.publicClient", True, False,
            "access without a secret (public client) was switched on", HIGH,
        ),
        (ACME_CLIENT, "enabled", False, True, "enabled was switched off", HIGH),
        (ACME_CLIENT, "keycloak.rootUrl", "https://x", None, 'keycloak.rootUrl was set to "https://x"', MEDIUM),
        (
            ACME, "capabilities.allowContactPersonalData", True, False,
            "the capability allowContactPersonalData was switched on", HIGH,
        ),
        (ACME, "keycloak.identityProviders", ("x",), (), 'identity provider "x" was linked', HIGH),
        (ACME, "keycloak.people", ("eve",), (), 'person "eve" was added', HIGH),
        (Address.realm(REALM), "adminEvents.enabled", False, True, "adminEvents.enabled was switched off", HIGH),
        (Address.realm(REALM), "keycloak.defaultRoles", ("x",), (), 'default role "x" was granted', HIGH),
    ],
)  # fmt: skip
def test_drift_tells_what_happened_with_its_own_risk(
    address: Address, path: str, live: Value, applied: Value, text: str, level: RiskLevel
) -> None:
    event = happened(address, path, live, applied, Reason.KEYCLOAK_CHANGED)
    assert (event.text, event.risk.level) == (text, level)


def test_what_moved_on_both_sides_is_not_said_to_have_come() -> None:
    event = happened(ACME_CLIENT, "keycloak.redirectUris", ("https://x/*",), (), Reason.BOTH_CHANGED)
    assert event.text == "redirect URI was changed, and the manifest has changed since then"
    assert event.risk.level is HIGH


@pytest.mark.parametrize(("kind", "path"), _FIELDS, ids=[f"{kind.kind}-{path}" for kind, path in _FIELDS])
@pytest.mark.parametrize(("live", "applied"), [(True, False), (False, True), (("x",), ()), ((), ("x",)), ("x", "y")])
def test_no_field_that_somebody_changed_is_no_risk(kind: ResourceKind, path: str, live: Value, applied: Value) -> None:
    found = event_risk(kind, FieldChange(path, live, applied, Reason.KEYCLOAK_CHANGED))
    assert found.level is not RiskLevel.NONE
    assert found.code
    assert found.why.endswith(".")


@pytest.mark.parametrize("name", CAPABILITIES)
def test_each_flag_has_a_risk_both_ways_and_personal_data_a_high_one(name: str) -> None:
    capability = CAPABILITIES[name]
    assert RiskLevel.NONE not in {capability.granted.level, capability.withdrawn.level}
    assert capability.granted.level is HIGH or not capability.is_personal_data
    assert capability.withdrawn.level in {MEDIUM, HIGH}


@pytest.mark.parametrize("kind", KINDS.values(), ids=[str(kind.kind) for kind in KINDS.values()])
def test_each_kind_says_what_its_end_means(kind: ResourceKind) -> None:
    address = next(each for each in _ADDRESSES if each.kind is kind.kind)
    ended = assessed(a_change(address, Action.DELETE, before={}, after=None))
    gone = with_event_risks(a_change(address, Action.CREATE)).event_risk
    assert gone is not None
    assert gone.level in {MEDIUM, HIGH}
    # Realms are never deleted.
    assert kind.is_left_alone or ended.risk == gone


_VALUES: tuple[Value, ...] = (
    None, True, False, 0, 5, "x", "true", (), ("a",), ("a", "b"), ({"name": "a.example"},), {"a": ("b",)}, {},
)  # fmt: skip


@pytest.mark.parametrize(("kind", "path"), _FIELDS)
def test_no_value_that_keycloak_may_hold_is_too_much_for_a_rule(kind: ResourceKind, path: str) -> None:
    """Whoever changed it chose the value; a report of drift must not end with it."""
    for live in _VALUES:
        for applied in _VALUES:
            risk = event_risk(kind, a_field_change(path, live, applied, reason=Reason.KEYCLOAK_CHANGED))
            assert risk.level in {RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH}
