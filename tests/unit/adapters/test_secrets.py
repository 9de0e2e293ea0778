"""Client secrets stay in the vault."""

from reconciler.adapters.keycloak import AdminLogin
from reconciler.adapters.secrets import SecretVault

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
    assert (vault.secret_of("api-client-acme"), vault.secret_of("other")) == ("hunter2", None)


def test_a_vault_does_not_show_what_it_holds() -> None:
    vault = SecretVault()
    vault.strip(dict(CLIENT))
    assert "hunter" not in repr(vault)


def test_a_login_does_not_show_its_secrets() -> None:
    login = AdminLogin("master", "x", client_secret="hunter2", username="u", password="hunter3", access_token="hunter4")
    assert "hunter" not in repr(login)
