"""Client secrets stay in the vault."""

import json
import pickle

import pytest

from reconciler.adapters.login import AccessTokenLogin, AdminLogin, ClientSecretLogin, JwtLogin, PasswordLogin
from reconciler.adapters.redaction import redacted
from reconciler.adapters.vault import PlainSecret, SecretVault

CLIENT = {
    "clientId": "api-client-acme",
    "secret": "hunter2",
    "registrationAccessToken": "hunter3",
    "attributes": {"client.secret.rotated": "hunter4", "client.secret.creation.time": "1", "k": "v"},
}


def test_every_secret_is_taken_out_and_all_else_stays() -> None:
    assert SecretVault().strip(dict(CLIENT)) == {
        "clientId": "api-client-acme",
        "attributes": {"client.secret.creation.time": "1", "k": "v"},
    }


def test_the_current_secret_is_kept_for_a_token_request() -> None:
    vault = SecretVault()
    vault.strip_all([dict(CLIENT), {"clientId": "other"}])
    assert (vault.current("api-client-acme"), vault.current("other")) == (PlainSecret("hunter2"), None)


def test_a_vault_does_not_show_what_it_holds() -> None:
    vault = SecretVault()
    vault.strip(dict(CLIENT))
    assert "hunter" not in repr(vault)


@pytest.mark.parametrize(
    "login",
    [
        ClientSecretLogin("master", "x", "hunter2"),
        JwtLogin("master", "x", "hunter2"),
        PasswordLogin("master", "x", "u", "hunter2", "hunter3"),
        AccessTokenLogin("hunter2"),
    ],
)
def test_a_login_does_not_show_its_secrets(login: AdminLogin) -> None:
    assert "hunter" not in repr(login)


def test_a_handle_does_not_show_what_it_holds() -> None:
    secret = PlainSecret("hunter2")
    assert "hunter" not in f"{secret}{secret!r}{[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps({"secret": secret})


def test_handles_are_compared_by_what_they_hold() -> None:
    assert PlainSecret("hunter2") == PlainSecret("hunter2")
    assert PlainSecret("hunter2") != PlainSecret("hunter3")


def test_the_rotated_secret_is_known_as_long_as_keycloak_has_it() -> None:
    vault = SecretVault()
    vault.strip(dict(CLIENT))
    assert vault.rotated("api-client-acme") == PlainSecret("hunter4")
    vault.strip({"clientId": "api-client-acme", "secret": "hunter2", "attributes": {}})
    assert vault.rotated("api-client-acme") is None


def test_what_is_a_secret_by_its_name_stays_and_no_message_says_it() -> None:
    key = "planted-private-key-0815"
    found = SecretVault().strip({"clientId": "a", "attributes": {"saml.signing.private.key": key}})
    # It is written back with the rest.
    assert found["attributes"] == {"saml.signing.private.key": key}
    assert key not in redacted(f"invalid: {key}")
