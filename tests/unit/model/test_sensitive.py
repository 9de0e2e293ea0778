"""What is a secret by its name, or by itself, is shown as present and never said."""

from typing import Any

import pytest

from reconciler.model.sensitive import SENSITIVE, is_sensitive, masked


@pytest.mark.parametrize(
    "name",
    [
        "saml.signing.private.key", "saml.encryption.private.key", "foo.password", "crm.secret", "clientSecret",
        "api_key", "apiKey", "API-KEY", "db.passphrase", "PASSWD", "bearerToken", "access-token", "refresh.tokens",
        "basic.credentials", "secret.value", "signing.key",
    ],
)  # fmt: skip
def test_a_name_that_says_secret_is_sensitive(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize(
    "name",
    [
        "access.token.lifespan", "access.token.claim", "userinfo.token.claim", "client.secret.creation.time",
        "client.secret.rotated.expiration.time", "clientAuthenticatorType", "jwt.credential.certificate",
        "saml.signing.certificate", "token.endpoint.auth.signing.alg", "standard.token.exchange.enabled",
        "passwordPolicy", "reconciler/rotation", "organizationUuid", "jwks.url",
    ],
)  # fmt: skip
def test_a_name_that_is_only_about_a_secret_is_not(name: str) -> None:
    assert not is_sensitive(name)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"foo.password": "x", "redirect": "y"}, {"foo.password": SENSITIVE, "redirect": "y"}),
        ({"attributes": {"crm.secret": ["a", "b"]}}, {"attributes": {"crm.secret": [SENSITIVE, SENSITIVE]}}),
        ({"use.refresh.tokens": "true", "foo.secret": ""}, {"use.refresh.tokens": "true", "foo.secret": ""}),
        (
            {"claim.name": "api_key", "claim.value": "x", "id.token.claim": "true"},
            {"claim.name": "api_key", "claim.value": SENSITIVE, "id.token.claim": "true"},
        ),
        ({"note": "-----BEGIN PRIVATE KEY-----\nx"}, {"note": SENSITIVE}),
        (({"key": "foo.password", "value": "x"},), ({"key": "foo.password", "value": SENSITIVE},)),
    ],
)
def test_values_are_masked_in_their_shape(content: Any, expected: Any) -> None:
    assert masked(content) == expected
    assert masked(expected) == expected
