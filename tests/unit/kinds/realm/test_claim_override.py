"""Which mappers of somebody else's client scopes make tokens say what is not so, and which are their own business."""

from typing import Any

import pytest

from reconciler.kinds.realm.claim_override import forged_claim, overrides_claims


def a_mapper(kind: str, **config: str) -> dict[str, Any]:
    named = {key.replace("_", "."): value for key, value in config.items()}
    return {"name": "m", "protocol": "openid-connect", "protocolMapper": kind, "config": named}


@pytest.mark.parametrize(
    "mapper",
    [
        a_mapper("oidc-hardcoded-claim-mapper", claim_name="organization"),
        a_mapper("oidc-hardcoded-claim-mapper", claim_name="organization.acme.id"),
        a_mapper("oidc-usermodel-attribute-mapper", claim_name="organization", user_attribute="company"),
        a_mapper("oidc-hardcoded-claim-mapper", claim_name="azp"),
        a_mapper("oidc-usersessionmodel-note-mapper", claim_name="client_id"),
        a_mapper("oidc-hardcoded-claim-mapper", claim_name="realm_access.roles"),
        a_mapper("oidc-hardcoded-role-mapper", role="realm-management.realm-admin"),
        a_mapper("oidc-organization-membership-mapper"),
    ],
)
def test_what_writes_into_a_claim_that_others_go_by_forges_it(mapper: dict[str, Any]) -> None:
    assert overrides_claims("roles", mapper)
    assert forged_claim(mapper)


@pytest.mark.parametrize(
    "mapper",
    [
        a_mapper("oidc-usermodel-realm-role-mapper", claim_name="realm_access.roles", id_token_claim="true"),
        a_mapper("oidc-usermodel-client-role-mapper", claim_name="resource_access.${client_id}.roles"),
        a_mapper("oidc-usermodel-client-role-mapper", claim_name="groups"),
        a_mapper("oidc-audience-resolve-mapper"),
        a_mapper("oidc-audience-mapper", included_client_audience="reports"),
        a_mapper("oidc-usermodel-attribute-mapper", claim_name="department"),
        a_mapper("oidc-hardcoded-claim-mapper", claim_name=r"organization\.unit"),
        a_mapper("oidc-sub-mapper"),
    ],
)
def test_what_says_something_else_or_the_truth_is_somebody_elses_business(mapper: dict[str, Any]) -> None:
    assert not overrides_claims("roles", mapper)


def test_keycloaks_own_scope_of_memberships_forges_nothing() -> None:
    assert not overrides_claims(
        "organization", a_mapper("oidc-organization-membership-mapper", claim_name="organization")
    )
    assert overrides_claims("organization", a_mapper("oidc-hardcoded-claim-mapper", claim_name="organization"))
