"""The kinds of login: what each asks for a token with, and what is said of it."""

from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from reconciler.adapters.assertion import SigningKey
from reconciler.adapters.login import (
    AccessTokenLogin,
    AdminLogin,
    ClientSecretLogin,
    Credentials,
    JwtFileLogin,
    JwtLogin,
    PasswordLogin,
    SignedJwtLogin,
    described,
    read_token,
    remedy_of,
    token_form,
)
from reconciler.model.errors import WrongUsage
from tests.builders import NOW
from tests.fakes.runtime import FakeClock

SERVER = "https://idp.example/auth"
KEY = ec.generate_private_key(ec.SECP256R1())
TOKEN = jwt.encode({"iss": "https://ci", "sub": "repo:acme/x", "aud": ["a", "b"], "exp": NOW}, KEY, algorithm="ES256")
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def form_of(login: Credentials) -> dict[str, str]:
    return token_form(login, SERVER, FakeClock())


def a_file(folder: Path, text: str = TOKEN) -> Path:
    file = folder / "token"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_secret_is_sent_with_the_clients_name() -> None:
    assert form_of(ClientSecretLogin("r", "me", "s")) == {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": "s",
    }


def test_a_user_may_come_with_the_clients_secret() -> None:
    form = form_of(PasswordLogin("r", "me", "u", "p", "s"))
    assert form == {
        "grant_type": "password",
        "client_id": "me",
        "client_secret": "s",
        "username": "u",
        "password": "p",
    }


def test_a_signed_jwt_is_for_this_realm_alone_new_each_time_and_ends_within_a_minute() -> None:
    login = SignedJwtLogin("r", "me", SigningKey(KEY, "ES256"))
    forms = [form_of(login), form_of(login)]
    options: jwt.types.Options = {"verify_exp": False, "verify_iat": False}
    first, second = (
        jwt.decode(
            form["client_assertion"],
            KEY.public_key(),
            algorithms=["ES256"],
            audience=f"{SERVER}/realms/r",
            options=options,
        )
        for form in forms
    )
    assert forms[0]["client_assertion_type"] == JWT_BEARER
    assert (first["iss"], first["sub"]) == ("me", "me")
    assert timedelta(seconds=first["exp"] - first["iat"]) == timedelta(minutes=1)
    assert first["jti"] != second["jti"]


def test_who_starts_the_run_names_another_audience_than_keycloaks_address() -> None:
    issuer = "https://login.example/realms/r"
    key = SigningKey(KEY, "ES256")
    token = form_of(SignedJwtLogin("r", "me", key, issuer))["client_assertion"]
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == issuer
    logins = (SignedJwtLogin("r", "me", key, issuer), JwtLogin("r", None, TOKEN, issuer))
    for remedy in (remedy_of(login, SERVER, FakeClock()) for login in logins):
        assert issuer in remedy
        assert SERVER not in remedy


def test_a_ready_jwt_may_name_the_client_by_itself() -> None:
    assert form_of(JwtLogin("r", None, TOKEN)) == {
        "grant_type": "client_credentials",
        "client_assertion_type": JWT_BEARER,
        "client_assertion": TOKEN,
    }
    assert form_of(JwtLogin("r", "me", TOKEN))["client_id"] == "me"


def test_the_file_is_read_at_each_login(tmp_path: Path) -> None:
    login = JwtFileLogin("r", None, a_file(tmp_path, "first.token.here\n"))
    before = form_of(login)["client_assertion"]
    a_file(tmp_path, "second.token.here")
    assert (before, form_of(login)["client_assertion"]) == ("first.token.here", "second.token.here")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory"),
        ("", "is empty"),
        ("hunter2", "holds no JWT"),
        ("hunter2..", "holds no JWT"),
        ("two.words here.x", "holds no JWT"),
        ("ä.b.c", "is empty"),
    ],
)
def test_a_file_without_a_jwt_is_wrong_usage_and_is_not_quoted(tmp_path: Path, content: str | None, words: str) -> None:
    file = tmp_path / "token" if content is None else a_file(tmp_path, content)
    with pytest.raises(WrongUsage) as error:
        read_token(file)
    assert words in error.value.message
    assert str(file) in error.value.message
    assert "hunter2" not in error.value.message + error.value.remedy


@pytest.mark.parametrize(
    ("login", "words"),
    [
        (ClientSecretLogin("r", "me", "hunter2"), "the client 'me' of the realm 'r', by KEYCLOAK_CLIENT_SECRET"),
        (
            SignedJwtLogin("r", "me", SigningKey(KEY, "ES256")),
            "the client 'me' of the realm 'r', by a JWT signed with KEYCLOAK_JWT_SIGNING_KEY (ES256)",
        ),
        (JwtLogin("r", None, "hunter2"), "the client that the JWT names of the realm 'r', by KEYCLOAK_JWT_TOKEN"),
        (
            JwtFileLogin("r", "me", Path("/var/run/t")),
            "the client 'me' of the realm 'r', by the JWT in /var/run/t (KEYCLOAK_JWT_TOKEN_FILE)",
        ),
        (PasswordLogin("r", "x", "u", "hunter2"), "the user 'u' of the realm 'r', by KEYCLOAK_PASSWORD"),
        (AccessTokenLogin("hunter2"), "whoever KEYCLOAK_ACCESS_TOKEN was issued to"),
    ],
)
def test_a_login_says_who_it_is_and_no_secret(login: AdminLogin, words: str) -> None:
    assert described(login) == words


def test_the_remedy_tells_what_a_refused_jwt_says_of_itself_but_not_the_jwt(tmp_path: Path) -> None:
    for login in (JwtLogin("r", None, TOKEN), JwtFileLogin("r", None, a_file(tmp_path))):
        remedy = remedy_of(login, SERVER, FakeClock())
        assert "issuer https://ci, subject repo:acme/x, audience a, b, expired at 2026-03-01T12:00:00Z" in remedy
        assert f"({SERVER}/realms/r)" in remedy
        assert TOKEN.rsplit(".", 1)[1] not in remedy


def test_every_login_has_a_remedy() -> None:
    logins: list[AdminLogin] = [
        ClientSecretLogin("r", "me", "s"),
        SignedJwtLogin("r", "me", SigningKey(KEY, "ES256")),
        PasswordLogin("r", "x", "u", "p"),
        AccessTokenLogin(TOKEN),
    ]
    assert all(remedy_of(login, SERVER, FakeClock()).startswith("Check ") for login in logins)
