"""JWTs by which a client proves who it is (RFC 7523): signed by us, or looked into for an error message."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from reconciler.adapters.jwt_claims import claims_of
from reconciler.model.errors import WrongUsage
from reconciler.ports import Clock

if TYPE_CHECKING:
    from jwt.algorithms import AllowedPrivateKeys

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""What Keycloak accepts of a client that signs with a private key."""

_LIFETIME: Final = timedelta(seconds=60)
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the algorithm that it signs with. It never shows in a repr."""

    key: "AllowedPrivateKeys" = field(repr=False)
    algorithm: str

    def assertion(self, client_id: str, audience: str, clock: Clock) -> str:
        """Return a new JWT by which the client proves itself to ``audience``, once and within a minute."""
        import jwt

        now = clock.now()
        claims = {"iss": client_id, "sub": client_id, "aud": audience, "jti": uuid4().hex}
        return jwt.encode({**claims, "iat": now, "exp": now + _LIFETIME}, self.key, algorithm=self.algorithm)


def signing_key(pem: str, algorithm: str | None) -> SigningKey:
    """Return the key of a PEM text; without an algorithm, it signs with the usual one of its kind.

    Raises:
        WrongUsage: The text is no private key, or the algorithm does not go with it.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if algorithm is not None and algorithm not in ALGORITHMS:
        raise WrongUsage(
            f"KEYCLOAK_JWT_SIGNING_ALG is '{algorithm}', which Keycloak does not know for signed JWTs.",
            remedy=f"Use one of {', '.join(ALGORITHMS)}, or unset it.",
        )
    try:
        # A variable of one line often holds the line breaks as \n.
        key: Any = load_pem_private_key(pem.replace("\\n", "\n").strip().encode(), password=None)
    except (ValueError, TypeError) as error:
        is_locked = isinstance(error, TypeError) or "password" in str(error).lower()
        raise WrongUsage(
            "KEYCLOAK_JWT_SIGNING_KEY "
            + ("needs a passphrase." if is_locked else "is not a private key in PEM format."),
            remedy='Set it to the whole text of a key that has no passphrase: "$(cat key.pem)".',
        ) from None
    usual = _usual(key)
    if usual is None or (algorithm is not None and algorithm not in _fitting(key, usual)):
        raise WrongUsage(
            f"KEYCLOAK_JWT_SIGNING_KEY cannot sign with {algorithm or 'any algorithm that Keycloak knows'}.",
            remedy=f"Unset KEYCLOAK_JWT_SIGNING_ALG (default: {usual}), or use another key."
            if usual
            else "Use an RSA, EC (P-256, P-384, P-521) or Ed25519 key.",
        )
    return SigningKey(key, algorithm or usual)


def looks_like_jwt(text: str) -> bool:
    """Tell whether the text has the form of a signed JWT."""
    parts = text.split(".")
    return len(parts) == _PARTS and all(parts) and not any(character.isspace() for character in text)


def claims_text(token: str, now: datetime) -> str:
    """Return what a JWT says of itself, in a sentence for people; nothing is verified, and the signature not shown."""
    claims = claims_of(token)
    if claims is None:
        return "It is not a readable JWT."
    audience = claims.get("aud")
    named = ", ".join(map(str, audience)) if isinstance(audience, list) else audience
    said = [("issuer", claims.get("iss")), ("subject", claims.get("sub")), ("audience", named)]
    words = ", ".join(f"{what} {value or 'none'}" for what, value in said)
    return f"The token says: {words}, {_validity(claims.get('exp'), now)}."


def _validity(expires: object, now: datetime) -> str:
    try:
        # Whatever a claim holds is tried; what is no number is caught below.
        moment = datetime.fromtimestamp(float(expires), UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return "no expiry"
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"expired at {text}" if moment <= now else f"valid until {text}"


def _usual(key: object) -> str | None:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    match key:
        case rsa.RSAPrivateKey():
            return "RS256"
        case ec.EllipticCurvePrivateKey():
            return {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}.get(key.curve.name)
        case ed25519.Ed25519PrivateKey():
            return "EdDSA"
        case _:
            return None


def _fitting(key: object, usual: str) -> tuple[str, ...]:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return (
        tuple(name for name in ALGORITHMS if name[:2] in {"RS", "PS"})
        if isinstance(key, rsa.RSAPrivateKey)
        else (usual,)
    )
