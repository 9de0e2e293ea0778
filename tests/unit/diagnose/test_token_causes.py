"""What Keycloak's refusals can mean, and what its record of the client shows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.diagnose.stored import SecretMatch, Stored
from reconciler.diagnose.token_causes import possible_causes, stored_causes
from reconciler.model.rotation import SecretTimes
from tests.fakes.runtime import START
from tests.unit.diagnose.builders import oauth, stored

WRONG = "Invalid client or Invalid client credentials"


@pytest.mark.parametrize(
    ("code", "words", "first", "certain"),
    [
        ("unauthorized_client", WRONG, "wrong-secret", False),
        ("invalid_client", WRONG, "unknown-client", False),
        ("unauthorized_client", "Client not enabled to retrieve service account", "service-accounts-off", True),
        ("unauthorized_client", "Public client not allowed to retrieve service account", "client-public", True),
        ("unauthorized_client", "Client not allowed for direct access grants", "username-or-password-sent", True),
        ("unauthorized_client", "Words of another version", "wrong-secret", False),
        ("invalid_client", "Bearer-only not allowed", "client-bearer-only", True),
        ("invalid_client", "Parameter client_assertion_type is missing", "other-authenticator", True),
        ("invalid_request", "User 'service-account-api-client-acme' disabled", "service-account-disabled", True),
        ("invalid_request", "Missing form parameter: grant_type", "grant-type-missing", True),
        ("unsupported_grant_type", "Unsupported grant_type", "wrong-grant-type", True),
        ("invalid_grant", "Invalid user credentials", "wrong-grant-type", False),
        ("invalid_scope", "Invalid scopes: x", "scope-refused", True),
        ("access_denied", "Realm not enabled", "realm-disabled", True),
        ("Realm does not exist", "", "wrong-realm", True),
    ],
)
def test_each_answer_has_its_most_likely_cause_first(code: str, words: str, first: str, certain: bool) -> None:
    causes = possible_causes(oauth(code, words))

    assert causes[0].code == first
    assert all(cause.certain is certain for cause in causes)
    assert all(bool(cause.tell) is not certain for cause in causes)


def test_several_possible_causes_each_say_how_to_tell() -> None:
    for code in ("unauthorized_client", "invalid_client", "invalid_grant"):
        causes = possible_causes(oauth(code, WRONG))

        assert len(causes) > 1
        assert all(cause.tell and cause.remedy for cause in causes)


def test_an_answer_that_is_not_known_has_no_cause() -> None:
    assert possible_causes(oauth("teapot", "I am one")) == ()


DEAD = SecretTimes(None, None, START - timedelta(days=3), START - timedelta(days=1))
EXPIRED = SecretTimes(None, START - timedelta(hours=1), None, None)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (Stored({"enabled": True}, None), "unknown-client"),
        (stored(enabled=False), "client-disabled"),
        (stored(publicClient=True), "client-public"),
        (stored(bearerOnly=True), "client-bearer-only"),
        (stored(clientAuthenticatorType="client-jwt"), "other-authenticator"),
        (stored(serviceAccountsEnabled=False), "service-accounts-off"),
        (stored(secret=SecretMatch.NEITHER), "wrong-secret"),
        (stored(realm={"enabled": False}), "realm-disabled"),
        (replace(stored(), account={"enabled": False}), "service-account-disabled"),
        (replace(stored(secret=SecretMatch.OLD), times=DEAD), "old-secret-ended"),
        (replace(stored(), times=EXPIRED), "secret-expired"),
    ],
)
def test_the_record_names_the_very_cause(record: Stored, code: str) -> None:
    causes = stored_causes(record, START)

    assert [cause.code for cause in causes] == [code]
    assert all(cause.certain and not cause.tell for cause in causes)


def test_a_healthy_record_explains_nothing() -> None:
    assert stored_causes(stored(), START) == ()


def test_every_reason_is_named_not_only_the_first() -> None:
    causes = stored_causes(stored(secret=SecretMatch.NEITHER, enabled=False), START)

    assert [cause.code for cause in causes] == ["client-disabled", "wrong-secret"]
