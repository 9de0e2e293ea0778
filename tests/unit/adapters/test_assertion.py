"""Keys that sign assertions, and what is read from a JWT."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from reconciler.adapters.assertion import SigningKey, claims_text, signing_key
from reconciler.model.errors import WrongUsage
from tests.builders import NOW

RSA = rsa.generate_private_key(65537, 2048)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey


def pem(key: Key, encryption: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


@pytest.mark.parametrize(
    ("key", "asked", "used"),
    [
        (RSA, None, "RS256"),
        (RSA, "PS512", "PS512"),
        (ec.generate_private_key(ec.SECP256R1()), None, "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384", "ES384"),
        (ed25519.Ed25519PrivateKey.generate(), None, "EdDSA"),
    ],
)
def test_the_usual_algorithm_of_a_key_is_used_unless_another_is_named(key: Key, asked: str | None, used: str) -> None:
    assert signing_key(pem(key), asked).algorithm == used


def test_a_key_on_one_line_is_read() -> None:
    assert signing_key(pem(RSA).replace("\n", "\\n"), None).algorithm == "RS256"


@pytest.mark.parametrize(
    ("text", "algorithm", "words"),
    [
        ("hunter2", None, "is not a private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----", None, "is not a private key in PEM"),
        (pem(RSA, BestAvailableEncryption(b"x")), None, "needs a passphrase"),
        (pem(RSA), "HS256", "'HS256', which Keycloak does not know"),
        (pem(RSA), "ES256", "cannot sign with ES256"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "ES384", "cannot sign with ES384"),
        (pem(ec.generate_private_key(ec.SECP256K1())), None, "cannot sign with any algorithm"),
        (pem(dsa.generate_private_key(1024)), None, "cannot sign with any algorithm"),
    ],
)
def test_a_key_that_cannot_sign_is_wrong_usage_and_is_not_quoted(text: str, algorithm: str | None, words: str) -> None:
    with pytest.raises(WrongUsage) as error:
        signing_key(text, algorithm)
    assert words in error.value.message
    assert error.value.remedy
    assert "hunter2" not in error.value.message + error.value.remedy


def test_a_key_does_not_show_itself() -> None:
    assert repr(SigningKey(RSA, "RS256")) == "SigningKey(algorithm='RS256')"


@pytest.mark.parametrize("token", ["", "hunter2", "a.b.c", "a.W10.c", "a.\x00.c"])
def test_what_is_no_jwt_is_said_to_be_none(token: str) -> None:
    assert claims_text(token, NOW) == "It is not a readable JWT."


def test_a_jwt_that_says_nothing_is_told_as_that() -> None:
    token = jwt.encode({"exp": 1e300}, RSA, algorithm="RS256")
    assert claims_text(token, NOW) == "The token says: issuer none, subject none, audience none, no expiry."
