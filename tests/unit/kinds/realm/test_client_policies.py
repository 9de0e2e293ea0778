"""What client policies of the realm do to clients that are written, as measured on Keycloak 26.7.5."""

import json
from typing import Any

import pytest

from reconciler.kinds.realm.client_policies import Interference, interferences, rejecting
from reconciler.model.observed import RealmObservation

LIVE = {"attributes": {"reconciler/managed": "true"}}
AUTO = {"auto-configure": True}
ANY = {"condition": "any-client", "configuration": {}}
EXECUTOR = {"executor": "consent-required", "configuration": AUTO}
SIGNED = {
    f"keycloak.attributes.{name}.alg": "ES256"
    for name in ("access.token.signed.response", "id.token.signed.response", "request.object.signature",
                 "token.endpoint.auth.signing", "user.info.response.signature")
}  # fmt: skip


def a_realm(
    executors: list[dict[str, Any]],
    conditions: list[dict[str, Any]],
    *,
    enabled: bool = True,
    of_keycloak: bool = False,
    policy: str = "theirs",
) -> RealmObservation:
    profiles = ({"name": "p", "executors": executors},)
    return RealmObservation(
        representation={},
        scope=None,
        builtin_scopes={},
        scope_mappings={},
        profiles=() if of_keycloak else profiles,
        global_profiles=profiles if of_keycloak else (),
        policies=({"name": policy, "enabled": enabled, "conditions": conditions, "profiles": ["p"]},),
        default_roles=(),
    )


def attributes(negative: bool = False, **wanted: str) -> dict[str, Any]:
    pairs = json.dumps([{"key": key.replace("_", "/"), "value": value} for key, value in wanted.items()])
    return {
        "condition": "client-attributes",
        "configuration": {"attributes": pairs, "is-negative-logic": negative},
    }


def condition(kind: str, **settings: Any) -> dict[str, Any]:
    return {"condition": kind, "configuration": {key.replace("_", "-"): value for key, value in settings.items()}}


def one(realm: RealmObservation, live: dict[str, Any] | None = LIVE) -> Interference | None:
    found = list(interferences(realm, live))
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("executor", "settings", "fields"),
    [
        ("consent-required", AUTO, {"keycloak.consentRequired": True}),
        ("dpop-bind-enforcer", AUTO, {"keycloak.attributes.dpop.bound.access.tokens": "true"}),
        ("holder-of-key-enforcer", AUTO, {"keycloak.attributes.tls.client.certificate.bound.access.tokens": "true"}),
        ("pkce-enforcer", AUTO, {"keycloak.attributes.pkce.code.challenge.method": "S256"}),
        ("secure-response-type", AUTO, {"keycloak.attributes.id.token.as.detached.signature": "true"}),
        ("secure-signature-algorithm", {"default-algorithm": "ES256"}, SIGNED),
        ("secret-rotation", {}, {"keycloak.attributes.client.secret.expiration.time": None}),
    ],
)
def test_what_an_executor_sets_is_known(executor: str, settings: dict[str, Any], fields: dict[str, Any]) -> None:
    found = one(a_realm([{"executor": executor, "configuration": settings}], [ANY]))
    assert found is not None
    assert (dict(found.fields), found.refuses, found.is_certain) == (fields, "", True)


@pytest.mark.parametrize(
    ("executor", "settings"),
    [
        ("consent-required", {"auto-configure": False}),
        ("dpop-bind-enforcer", {}),
        ("pkce-enforcer", {"auto-configure": False}),
        ("secure-response-type", {"auto-configure": False}),
        ("secure-client-authenticator", {"allowed-client-authenticators": ["client-jwt"]}),
        ("reject-request", {}),
    ],
)
def test_what_an_executor_refuses_is_known(executor: str, settings: dict[str, Any]) -> None:
    found = one(a_realm([{"executor": executor, "configuration": settings}], [ANY]))
    assert found is not None
    assert (found.refuses != "", dict(found.fields)) == (True, {})


@pytest.mark.parametrize(
    ("executor", "settings"),
    [
        ("full-scope-disabled", AUTO),
        ("reject-ropc-grant", AUTO),
        ("reject-implicit-grant", AUTO),
        ("confidential-client", {}),
        ("secure-client-authenticator", {"allowed-client-authenticators": ["client-jwt", "client-secret"]}),
        ("something-new", AUTO),
    ],
)
def test_what_leaves_our_clients_alone_is_not_mentioned(executor: str, settings: dict[str, Any]) -> None:
    assert one(a_realm([{"executor": executor, "configuration": settings}], [ANY])) is None


@pytest.mark.parametrize(
    ("conditions", "certain"),
    [
        ([ANY], True),
        ([attributes(reconciler_managed="true")], True),
        ([condition("client-access-type", type=["public", "confidential"])], True),
        ([condition("client-type", protocol="openid-connect")], True),
        ([condition("client-updater-context", update_client_source=["ByAuthenticatedUser"])], True),
        ([ANY, condition("grant-type", grant_types=["password"])], True),
        ([ANY, condition("client-roles", roles=["x"])], True),
        ([condition("client-updater-source-host", trusted_hosts=["10.0.0.1"])], False),
        ([ANY, condition("client-updater-source-roles", roles=["admin"])], False),
        ([ANY, condition("something-new", is_negative_logic=True)], False),
    ],
)
def test_a_policy_holds_for_sure_or_perhaps(conditions: list[dict[str, Any]], certain: bool) -> None:
    found = one(a_realm([EXECUTOR], conditions))
    assert found is not None
    assert found.is_certain is certain


@pytest.mark.parametrize(
    "conditions",
    [
        [],
        [attributes(other="1")],
        [attributes(negative=True, reconciler_managed="true")],
        [ANY, attributes(negative=True, reconciler_managed="true")],
        [condition("any-client", is_negative_logic=True)],
        [condition("client-access-type", type=["public"])],
        [condition("client-type", protocol="saml")],
        [condition("client-updater-context", update_client_source=["ByAnonymous"])],
        [condition("client-scopes", type="Default", scopes=["basic"])],
        [condition("grant-type", grant_types=["client_credentials"])],
        [condition("something-new"), attributes(other="1")],
    ],
)
def test_a_policy_that_does_not_hold_is_not_mentioned(conditions: list[dict[str, Any]]) -> None:
    assert one(a_realm([EXECUTOR], conditions)) is None


def test_attributes_have_no_say_while_a_client_is_created() -> None:
    exempting = attributes(negative=True, reconciler_managed="true")
    assert one(a_realm([EXECUTOR], [exempting]), None) is None
    assert one(a_realm([EXECUTOR], [ANY, exempting]), None) is not None


def test_keycloaks_own_profiles_count_and_policies_that_are_off_do_not() -> None:
    assert one(a_realm([EXECUTOR], [ANY], of_keycloak=True)) is not None
    assert one(a_realm([EXECUTOR], [ANY], enabled=False)) is None


def test_our_own_policy_interferes_with_nothing() -> None:
    assert one(a_realm([{"executor": "secret-rotation"}], [ANY], policy="nt24-secret-rotation")) is None


def test_policies_that_reject_requests_are_named_where_they_are_in_force() -> None:
    profiles = [
        {"name": "rejects", "executors": [{"executor": "reject-request"}]},
        {"name": "harmless", "executors": [{"executor": "pkce-enforcer"}]},
    ]
    policies = [
        {"name": "theirs", "enabled": True, "profiles": ["harmless", "rejects"]},
        {"name": "off", "enabled": False, "profiles": ["rejects"]},
        {"name": "other", "enabled": True, "profiles": ["harmless"]},
    ]
    assert rejecting(policies, profiles) == ("theirs",)
