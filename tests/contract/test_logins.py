"""A login that the real Keycloak refuses names its cause: what a person reads says what to change, and no secret."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from reconciler.adapters import keycloak as adapter
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import Connection
from reconciler.adapters.login import ClientSecretLogin, Credentials, PasswordLogin
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import LiveSystemError
from reconciler.sandbox.lifecycle import Running
from tests.certificates import Authority, serving_tls
from tests.contract.realms import a_name

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

SECRET: Final = "a-secret-that-nobody-may-see"
SERVICE: Final[dict[str, Any]] = {"publicClient": False, "serviceAccountsEnabled": True, "secret": SECRET}
PERSON: Final = {"enabled": True, "emailVerified": True, "firstName": "P", "lastName": "P"}
OTP: Final = {
    "type": "otp", "secretData": '{"value": "x"}', "credentialData": '{"subType": "totp", "digits": 6, "period": 30}',
}  # fmt: skip
CLIENTS: Final[dict[str, dict[str, Any]]] = {
    "good": {},
    "disabled": {"enabled": False},
    "without-account": {"serviceAccountsEnabled": False},
    "public": {"publicClient": True, "serviceAccountsEnabled": False},
    "bearer-only": {"bearerOnly": True, "serviceAccountsEnabled": False},
    "by-jwt": {"clientAuthenticatorType": "client-jwt"},
    "by-certificate": {"clientAuthenticatorType": "client-x509", "attributes": {"x509.subjectdn": "CN=x"}},
    "dpop": {"attributes": {"dpop.bound.access.tokens": "true"}},
    "mtls": {"attributes": {"tls.client.certificate.bound.access.tokens": "true"}},
}
USERS: Final[dict[str, dict[str, Any]]] = {
    "jane": {},
    "gone": {"enabled": False},
    "fresh": {"requiredActions": ["UPDATE_PASSWORD"]},
    "careful": {"credentials": [{"type": "password", "value": SECRET, "temporary": False}, OTP]},
}


@pytest.fixture(scope="module")
def realm(admin: httpx.Client) -> Iterator[str]:
    name = a_name()
    password = {"type": "password", "value": SECRET, "temporary": False}
    admin.post(
        "",
        json={
            "realm": name,
            "enabled": True,
            "clients": [{"clientId": key, **SERVICE, **said} for key, said in CLIENTS.items()],
            "users": [
                {"username": key, "email": f"{key}@example.com", **PERSON, "credentials": [password], **said}
                for key, said in USERS.items()
            ],
        },
    ).raise_for_status()
    yield name
    admin.delete(f"/{name}")


async def refusal(url: str, realm: str, login: Credentials, **options: Any) -> str:
    """Return what a person reads where the login, or the first request after it, is refused."""
    connection = Connection("Keycloak", url, attempts=1, **options)
    async with adapter.connect(connection, login, realm, SecretVault(), SystemClock()) as keycloak:
        with pytest.raises(LiveSystemError) as error:
            await keycloak.realm()
    said = f"{error.value.message}\n{error.value.remedy}"
    assert SECRET not in said
    assert "ssl:default" not in said
    return said


@pytest.mark.parametrize(
    ("client", "secret", "cause"),
    [
        ("good", "another-secret", "the client is there and enabled, but this is not its secret"),
        ("no-such-client", SECRET, "has no such client, it is disabled, or"),
        ("disabled", SECRET, "has no such client, it is disabled, or"),
        ("by-certificate", SECRET, "it proves itself by a certificate"),
        ("without-account", SECRET, "switch on Service account roles"),
        ("public", SECRET, "is public: its secret means nothing"),
        ("bearer-only", SECRET, "is bearer-only"),
        ("by-jwt", SECRET, "proves itself by a signed JWT, and not by a secret"),
        ("dpop", SECRET, "bound to a key (DPoP)"),
        ("mtls", SECRET, "bound to a client certificate (mTLS)"),
    ],
)
async def test_a_client_is_told_why(sandbox: Running, realm: str, client: str, secret: str, cause: str) -> None:
    said = await refusal(sandbox.keycloak_url, realm, ClientSecretLogin(realm, client, secret))

    assert cause in said
    assert ("KEYCLOAK_CLIENT_SECRET:" in said) == (secret != SECRET)
    assert "KEYCLOAK_PASSWORD" not in said


@pytest.mark.parametrize(
    ("user", "password", "cause"),
    [
        ("jane", "another-password", "Check KEYCLOAK_USER and KEYCLOAK_PASSWORD"),
        ("nobody", SECRET, "Check KEYCLOAK_USER and KEYCLOAK_PASSWORD"),
        ("careful", SECRET, "logs in with a one-time code (OTP), the password alone is refused"),
        ("fresh", SECRET, "has a required action"),
        ("gone", SECRET, "The user of KEYCLOAK_USER is disabled"),
    ],
)
async def test_a_user_is_told_why(sandbox: Running, realm: str, user: str, password: str, cause: str) -> None:
    said = await refusal(sandbox.keycloak_url, realm, PasswordLogin(realm, "admin-cli", user, password))

    assert cause in said


async def test_a_user_is_told_of_a_client_that_takes_no_passwords(sandbox: Running, realm: str) -> None:
    said = await refusal(sandbox.keycloak_url, realm, PasswordLogin(realm, "good", "jane", SECRET, SECRET))

    assert "switch on Direct access grants" in said


def switch(admin: httpx.Client, realm: str, *, on: bool) -> None:
    admin.put(f"/{realm}", json={"enabled": on}).raise_for_status()


async def test_a_realm_that_is_disabled_or_not_there_is_told(sandbox: Running, admin: httpx.Client, realm: str) -> None:
    url = sandbox.keycloak_url
    missing = await refusal(url, realm, ClientSecretLogin("no-such-realm", "good", SECRET))
    switch(admin, realm, on=False)
    try:
        disabled = await refusal(url, realm, ClientSecretLogin(realm, "good", SECRET))
    finally:
        switch(admin, realm, on=True)

    assert "Check KEYCLOAK_REALM: Keycloak has no realm of this name" in missing
    assert "The realm of KEYCLOAK_REALM is disabled" in disabled


@pytest.mark.parametrize(
    "path", ["/auth", "/admin", "/admin/master/console", "/admin/master/console/", "/realms/master", "/x/y"]
)
async def test_another_address_of_the_same_keycloak_is_told_the_right_one(
    sandbox: Running, realm: str, path: str
) -> None:
    url = sandbox.keycloak_url

    said = await refusal(f"{url}{path}", realm, ClientSecretLogin(realm, "good", SECRET))

    assert f"Keycloak is not at {url}{path}, but at {url}." in said
    assert f"Set KEYCLOAK_URL to {url}." in said


@contextmanager
def silence() -> Iterator[str]:
    """Yield the URL of what takes connections, and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_what_does_not_answer_is_told_apart_from_a_wrong_password(tmp_path: Path) -> None:
    login = ClientSecretLogin("master", "good", SECRET)
    with silence() as url:
        late = await refusal(url, "master", login, timeout=0.3)
    authority = Authority(tmp_path)
    with serving_tls(authority.certificate()) as url:
        stranger = await refusal(url, "master", login)
        friend = await refusal(url, "master", login, ca_file=authority.file)

    assert "does not answer in time" in late
    assert "--timeout waits longer" in late
    assert "name it by --ca-file or RECONCILER_CA_FILE" in stranger
    assert "--ca-file" not in friend
    assert not [word for word in ("KEYCLOAK_CLIENT_SECRET", "PASSWORD") if word in late + stranger]
