"""A refused login names its cause; the answers are those of Keycloak 26.7.5."""

import pytest

from reconciler.diagnose.login_causes import login_remedy

ANSWERS = [
    ("invalid_client: Invalid client or Invalid client credentials", "no such client"),
    ("unauthorized_client: Invalid client or Invalid client credentials", "not its secret"),
    ("unauthorized_client: Client not enabled to retrieve service account", "Service account roles"),
    ("unauthorized_client: Public client not allowed to retrieve service account", "is public"),
    ("unauthorized_client: Client not allowed for direct access grants", "Direct access grants"),
    ("invalid_request: DPoP proof is missing", "DPoP"),
    ("invalid_request: Client Certification missing for MTLS HoK Token Binding", "RECONCILER_CLIENT_CERT"),
    ("invalid_client: Parameter client_assertion_type is missing", "signed JWT"),
    ("invalid_client: Bearer-only not allowed", "bearer-only"),
    ("invalid_grant: Invalid user credentials", "one-time code"),
    ("invalid_grant: Account disabled", "disabled"),
    ("invalid_grant: Account is not fully set up", "required action"),
    ("Realm does not exist", "no realm"),
    ("access_denied: Realm not enabled", "realm of KEYCLOAK_REALM is disabled"),
]


@pytest.mark.parametrize(("answer", "named"), ANSWERS)
def test_each_answer_names_its_own_cause(answer: str, named: str) -> None:
    message = f"Keycloak answered POST /realms/master/protocol/openid-connect/token with 401: {answer}."

    assert named in login_remedy(message, by_secret=True)


def test_the_password_is_named_only_where_it_may_be_wrong() -> None:
    named = [answer for answer, _ in ANSWERS if "KEYCLOAK_PASSWORD" in login_remedy(answer, by_secret=True)]

    assert named == ["invalid_grant: Invalid user credentials"]


def test_a_jwt_that_is_refused_is_not_said_to_be_a_secret() -> None:
    assert not login_remedy(ANSWERS[0][0] + ".", by_secret=False)
