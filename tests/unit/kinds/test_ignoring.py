"""What may be left to Keycloak for a while, and what never is."""

import pytest

from reconciler.kinds.ignoring import is_ignorable
from reconciler.kinds.registry import KINDS
from reconciler.kinds.webhook.fields import FIELDS as OF_WEBHOOKS


@pytest.mark.parametrize(
    "path",
    [
        "keycloak.brandNew",
        "keycloak.consentRequired",
        "keycloak.name",
        "keycloak.attributes.brand.new",
        "keycloak.attributes.client.session.idle.timeout",
        "keycloak.attributes.dpop.bound.access.tokens",
        "keycloak.attributes.pkce.code.challenge.method",
        "keycloak.attributes.tls.client.certificate.bound.access.tokens",
    ],
)
def test_what_gives_nobody_power_may_be_ignored(path: str) -> None:
    assert is_ignorable(path)


POWER = [
    # Whole groups, and whatever holds one of those below.
    *("keycloak", "keycloak.attributes", "keycloak.attributes.client", "keycloak.attributes.oauth2"),
    # Marks.
    *("keycloak.attributes.reconciler/owner", "keycloak.attributes.reconciler/managed"),
    *("reconciler/owner", "reconciler/applied"),
    # Roles, groups, members, and the service account.
    *("keycloak.roles", "keycloak.scopeMappings", "keycloak.defaultRoles", "keycloak.fullScopeAllowed"),
    *("keycloak.groups", "keycloak.members", "keycloak.people", "keycloak.invitations", "keycloak.domains"),
    *("serviceAccount.enabled", "serviceAccount.groups", "serviceAccountRoles", "keycloak.serviceAccountsEnabled"),
    # Mappers and scopes.
    *("keycloak.protocolMappers", "keycloak.protocolMappers.sub", "keycloak.defaultClientScopes"),
    *(
        "keycloak.optionalClientScopes",
        "keycloak.clientScopes.basic.mappers.sub",
        "keycloak.organizationScope.protocol",
    ),
    # Whose tokens count where.
    "keycloak.attributes.allow.token.introspection.without.audience.check",
    "keycloak.attributes.allow.userinfo.with.lightweight.access.token",
    # Addresses that people and tokens are sent to.
    *("keycloak.redirectUris", "keycloak.redirectUris.0", "keycloak.webOrigins", "keycloak.rootUrl"),
    *("keycloak.redirectUrl", "keycloak.attributes.post.logout.redirect.uris", "keycloak.attributes.request.uris"),
    # Logins and flows.
    *("keycloak.publicClient", "keycloak.standardFlowEnabled", "keycloak.directAccessGrantsEnabled"),
    *("keycloak.authenticationFlowBindingOverrides", "keycloak.authenticationFlowBindingOverrides.browser"),
    *("keycloak.clientAuthenticatorType", "keycloak.identityProviders", "keycloak.attributes.jwks.url"),
    *("keycloak.attributes.oauth2.device.authorization.grant.enabled", "keycloak.attributes.acr.loa.map"),
    # Secrets.
    *("keycloak.attributes.client.secret.expiration.time", "keycloak.secretRotation.policy"),
]


@pytest.mark.parametrize("path", POWER)
def test_what_gives_power_is_always_compared(path: str) -> None:
    assert not is_ignorable(path)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.kind))
def test_what_a_manifest_or_a_rule_says_or_others_rely_on_is_not_ignored_unless_a_row_says_so(kind: object) -> None:
    for row in KINDS[kind.kind].fields.rows:  # type: ignore[attr-defined]
        is_named = row.is_said or row.rule is not None or row.is_apart or row.ends_secret
        if is_named and row.may_be_ignored is not True:
            assert not is_ignorable(row.path.removesuffix(".")), row.path


def test_nothing_of_a_webhook_is_keycloaks() -> None:
    assert OF_WEBHOOKS.may_be_ignored("keycloak.brandNew") is None
