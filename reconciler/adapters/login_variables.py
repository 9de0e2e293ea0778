"""Which login the variables of the shell mean."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.adapters.jwt_claims import claims_of
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.adapters.login import AdminLogin

_DEFAULT_REALM: Final = "master"
_DEFAULT_CLIENT: Final = "admin-cli"
"""For users alone, as the other tools of Keycloak have it; it is no client that could log in by itself."""

_PROOFS: Final = (
    "KEYCLOAK_ACCESS_TOKEN",
    "KEYCLOAK_JWT_TOKEN_FILE",
    "KEYCLOAK_JWT_TOKEN",
    "KEYCLOAK_JWT_SIGNING_KEY",
    "KEYCLOAK_USER",
    "KEYCLOAK_CLIENT_SECRET",
)
"""What each kind of login is told by. A user may come with the secret of the client that it uses."""

_WITH: Final = {"KEYCLOAK_PASSWORD": "KEYCLOAK_USER", "KEYCLOAK_JWT_SIGNING_ALG": "KEYCLOAK_JWT_SIGNING_KEY"}
"""What means nothing without another variable."""

_WAYS: Final = (
    "Set KEYCLOAK_CLIENT_ID with KEYCLOAK_CLIENT_SECRET, KEYCLOAK_JWT_SIGNING_KEY or KEYCLOAK_JWT_TOKEN_FILE; or "
    "KEYCLOAK_USER and KEYCLOAK_PASSWORD; or KEYCLOAK_ACCESS_TOKEN."
)


def login_name(shell: Mapping[str, str]) -> str:
    """Return the user name or client id of the login that the variables mean; empty where nothing says it."""
    given = {name: value.strip() for name, value in shell.items()}
    if token := given.get("KEYCLOAK_ACCESS_TOKEN"):
        claims = claims_of(token) or {}
        named = (claims.get(claim) for claim in ("client_id", "preferred_username", "azp"))
        return next((name for name in named if name and isinstance(name, str)), "")
    return given.get("KEYCLOAK_USER") or given.get("KEYCLOAK_CLIENT_ID") or ""


# docs/decisions.md, 174: why no file, and no server, says whom a JWT is for.
def login_from(shell: Mapping[str, str], audience: str = "") -> "AdminLogin":
    """Return who we are; an empty variable counts as none.

    JWTs are for the ``audience``; without one, for the realm at Keycloak's URL.

    Raises:
        WrongUsage: The variables mean no login, half of one, or several.
    """
    from reconciler.adapters import login as logins
    from reconciler.adapters.assertion import looks_like_jwt, signing_key

    given = {name: value.strip() for name, value in shell.items() if value.strip()}
    proof = _the_proof(given)
    realm, client_id = given.get("KEYCLOAK_REALM", _DEFAULT_REALM), given.get("KEYCLOAK_CLIENT_ID")
    match proof:
        case "KEYCLOAK_ACCESS_TOKEN":
            return logins.AccessTokenLogin(given[proof])
        case "KEYCLOAK_JWT_TOKEN_FILE":
            return logins.JwtFileLogin(realm, client_id, Path(given[proof]), audience)
        case "KEYCLOAK_JWT_TOKEN":
            if not looks_like_jwt(given[proof]):
                raise WrongUsage(
                    "KEYCLOAK_JWT_TOKEN is not a JWT.",
                    remedy="Set it to the token itself; KEYCLOAK_JWT_TOKEN_FILE is for the name of a file.",
                )
            return logins.JwtLogin(realm, client_id, given[proof], audience)
        case "KEYCLOAK_JWT_SIGNING_KEY":
            key = signing_key(given[proof], given.get("KEYCLOAK_JWT_SIGNING_ALG"))
            return logins.SignedJwtLogin(realm, _needed(client_id, proof), key, audience)
        case "KEYCLOAK_USER":
            if "KEYCLOAK_PASSWORD" not in given:
                raise _half(proof, "KEYCLOAK_PASSWORD")
            return logins.PasswordLogin(
                realm,
                client_id or _DEFAULT_CLIENT,
                given[proof],
                shell["KEYCLOAK_PASSWORD"],
                given.get("KEYCLOAK_CLIENT_SECRET"),
            )
        case _:
            return logins.ClientSecretLogin(realm, _needed(client_id, proof), given[proof])


def has_login(shell: Mapping[str, str]) -> bool:
    """Tell whether the variables mean any login; it may still be half of one, or several."""
    return any(shell.get(name, "").strip() for name in _PROOFS)


def _the_proof(given: Mapping[str, str]) -> str:
    for name, needed in _WITH.items():
        if name in given and needed not in given:
            raise _half(name, needed)
    found = [name for name in _PROOFS if name in given]
    if not found:
        raise WrongUsage("There are no credentials for Keycloak.", remedy=_WAYS)
    if len(found) > 1 and found != ["KEYCLOAK_USER", "KEYCLOAK_CLIENT_SECRET"]:
        raise WrongUsage(
            f"{' and '.join(found)} are set: they are alternative logins.",
            remedy="Set only one of them.",
        )
    return found[0]


def _needed(client_id: str | None, proof: str) -> str:
    if client_id is None:
        raise _half(proof, "KEYCLOAK_CLIENT_ID")
    return client_id


def _half(given: str, missing: str) -> WrongUsage:
    return WrongUsage(
        f"{given} is set, but {missing} is not.",
        remedy=f"Set {missing}, or unset {given} and log in otherwise. {_WAYS}",
    )
