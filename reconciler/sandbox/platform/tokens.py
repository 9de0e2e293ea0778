"""Access tokens: whether one is of our realm and of an integration client, and what it says."""

from dataclasses import dataclass
from typing import Any, Final

import jwt

from reconciler.model.layout import CLIENT_PREFIX, ORGANIZATION_CLAIM
from reconciler.sandbox.platform.keys import KeySource
from reconciler.sandbox.platform.problems import Problem, ProblemType

# Signatures that only the holder of a private key can make: never "none", never HMAC with a public key.
_ALGORITHMS: Final = frozenset(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {"EdDSA"}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified token says."""

    client_id: str
    organization_id: str | None
    """The one organization that it is for; None when the claim is absent or names several."""


class TokenVerifier:
    """Check access tokens of one realm (RFC 9068 in spirit, Keycloak's claims in detail)."""

    def __init__(self, keys: KeySource, *, issuer: str, realm: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._realm = realm

    async def verify(self, authorization: str | None) -> AccessToken:
        """Return what the token in an ``Authorization`` header says.

        Raises:
            Problem: 401: there is no token, or it is not a valid access token of an integration client.
            KeycloakUnavailable: The realm's keys cannot be read.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem(
                ProblemType.UNAUTHORIZED,
                "Send an access token: Authorization: Bearer …",
                headers={"WWW-Authenticate": f'Bearer realm="{self._realm}"'},
            )
        claims = await self._claims(token.strip())
        if claims.get("typ") != "Bearer":
            raise self._invalid("This is a token of another kind, not an access token.")
        client_id = claims["azp"]
        if not isinstance(client_id, str) or not client_id.startswith(CLIENT_PREFIX):
            raise self._invalid(f"The token was not issued to an integration client ({CLIENT_PREFIX}…).")
        return AccessToken(client_id=client_id, organization_id=_single_organization(claims.get(ORGANIZATION_CLAIM)))

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            kid, algorithm = header.get("kid"), header.get("alg")
            if algorithm not in _ALGORITHMS or not isinstance(kid, str):
                raise self._invalid("The token's signature is of a kind that is not accepted.")
            key = await self._keys.find(kid)
            if key is None:
                raise self._invalid(f"The token was not signed by the realm {self._realm}.")
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=self._issuer,
                options={"require": ["exp", "iat", "iss", "azp"], "verify_aud": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise self._invalid("The token has expired.") from error
        except jwt.InvalidIssuerError as error:
            raise self._invalid(f"The token is of another issuer than {self._issuer}.") from error
        except jwt.InvalidSignatureError as error:
            raise self._invalid("The token's signature is wrong.") from error
        except jwt.PyJWTError as error:
            raise self._invalid("This is not a valid access token.") from error

    def _invalid(self, detail: str) -> Problem:
        # RFC 6750, section 3. Our details hold no double quote.
        challenge = f'Bearer realm="{self._realm}", error="invalid_token", error_description="{_ascii(detail)}"'
        return Problem(ProblemType.UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})


def _single_organization(claim: object) -> str | None:
    match claim:
        case dict() if len(claim) == 1:
            match next(iter(claim.values())):
                case {"id": str(organization_id)}:
                    return organization_id
    return None


def _ascii(text: str) -> str:
    return text.replace("…", "...").encode("ascii", "replace").decode("ascii")
