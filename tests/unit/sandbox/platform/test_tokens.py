"""Only access tokens of our realm and of an integration client are let in."""

import base64
import hmac
import json
import time
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.unit.sandbox.platform.builders import Platform, a_key, a_token, problem, some_claims


def test_a_good_token_is_let_in(platform: Platform) -> None:
    assert platform.me().status_code == 200


def test_the_scheme_may_be_written_in_any_case(platform: Platform) -> None:
    assert platform.get("/v1/me", headers={"Authorization": f"bearer {a_token()}"}).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi"])
def test_a_call_without_token_is_asked_for_one(platform: Platform, header: str | None) -> None:
    response = platform.get("/v1/me", headers={} if header is None else {"Authorization": header})

    assert problem(response) == (401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="nt24-idp"'


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed_part(algorithm: str) -> str:
    header = {"alg": algorithm, "kid": "key-1"}
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, some_claims()))


def unsigned() -> str:
    return signed_part("none") + "."


def signed_with_the_public_key() -> str:
    public = a_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = signed_part("HS256")
    return f"{text}.{encoded(hmac.digest(public, text.encode(), 'sha256'))}"


def of_another_algorithm() -> str:
    return jwt.encode(some_claims(), a_key(), algorithm="RS512", headers={"kid": "key-1"})


def without_key_id() -> str:
    return jwt.encode(some_claims(), a_key(), algorithm="RS256")


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "expired": (lambda: a_token(exp=int(time.time()) - 1), "The token has expired."),
    "of another issuer": (lambda: a_token(iss="http://evil.test"), "of another issuer than http://keycloak.test"),
    "signed with another key": (lambda: a_token(key=a_key("another")), "signature is wrong"),
    "of an unknown key": (lambda: a_token(kid="key-2"), "not signed by the realm nt24-idp"),
    "unsigned": (unsigned, "of a kind that is not accepted"),
    "signed with the public key as a password": (signed_with_the_public_key, "of a kind that is not accepted"),
    "of another algorithm than the key's": (of_another_algorithm, "not a valid access token"),
    "without a key id": (without_key_id, "of a kind that is not accepted"),
    "an ID token": (lambda: a_token(typ="ID"), "a token of another kind"),
    "of another client": (lambda: a_token(azp="erp"), "not issued to an integration client"),
    "of a client that is no text": (lambda: a_token(azp=7), "not issued to an integration client"),
    "not yet valid": (lambda: a_token(nbf=int(time.time()) + 60), "not a valid access token"),
    "garbage": (lambda: "garbage", "not a valid access token"),
    "without exp": (lambda: a_token(without="exp"), "not a valid access token"),
    "without iat": (lambda: a_token(without="iat"), "not a valid access token"),
    "without iss": (lambda: a_token(without="iss"), "not a valid access token"),
    "without azp": (lambda: a_token(without="azp"), "not a valid access token"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_token_is_refused_when_it_is(platform: Platform, kind: str) -> None:
    make_token, reason = REFUSED[kind]

    response = platform.me(make_token())

    assert problem(response) == (401, "unauthorized")
    assert reason in response.json()["detail"]
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="nt24-idp", error="invalid_token", error_des')
