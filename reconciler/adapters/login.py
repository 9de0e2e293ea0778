"""Who the reconciler is to Keycloak: the closed list of logins, and the token request of each.

A client proves itself by a secret, by a JWT that it signs (``private_key_jwt``), or by a JWT that somebody else
signed for it (Keycloak's federated client authentication). In the last two, no secret is stored in Keycloak; in the
last, none at all. Variables are named as the Terraform provider for Keycloak names them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, assert_never

from reconciler.adapters.assertion import SigningKey, claims_text, looks_like_jwt
from reconciler.adapters.named_file import read_named
from reconciler.model.errors import WrongUsage
from reconciler.ports import Clock

_NAME_IT: Final = " Where Keycloak calls itself otherwise, set KEYCLOAK_JWT_AUDIENCE to its issuer."
_JWT_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class ClientSecretLogin:
    """A client, by its secret."""

    realm: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedJwtLogin:
    """A client, by a JWT that we sign with its private key: ``private_key_jwt``."""

    realm: str
    client_id: str
    key: SigningKey
    audience: str = ""
    """Whom its JWTs are for, where that is not the realm at Keycloak's URL."""


@dataclass(frozen=True, slots=True)
class JwtLogin:
    """A client, by a ready JWT that its own key or another issuer signed; the JWT may name the client by itself."""

    realm: str
    client_id: str | None
    token: str = field(repr=False)
    audience: str = ""
    """Whom the JWT should be for, where that is not the realm at Keycloak's URL."""


@dataclass(frozen=True, slots=True)
class JwtFileLogin:
    """The same, by a JWT in a file that somebody else keeps fresh; it is read at each login."""

    realm: str
    client_id: str | None
    file: Path
    audience: str = ""
    """Whom the JWT should be for, where that is not the realm at Keycloak's URL."""


@dataclass(frozen=True, slots=True)
class PasswordLogin:
    """A user, by a password."""

    realm: str
    client_id: str
    username: str
    password: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AccessTokenLogin:
    """Whoever a ready access token was issued to; it cannot be renewed."""

    token: str = field(repr=False)


Credentials = ClientSecretLogin | SignedJwtLogin | JwtLogin | JwtFileLogin | PasswordLogin
"""The logins that ask for a token, as often as one is needed."""

AdminLogin = Credentials | AccessTokenLogin
"""Every way to log in; closed."""


def token_form(login: Credentials, server: str, clock: Clock) -> dict[str, str]:
    """Return the token request's form; ``server`` is Keycloak's URL.

    Raises:
        WrongUsage: The token's file cannot be read.
    """
    match login:
        case ClientSecretLogin():
            return {**_by_client(login.client_id), "client_secret": login.secret}
        case SignedJwtLogin():
            audience = _audience(login, server)
            return {**_by_client(login.client_id), **_by_jwt(login.key.assertion(login.client_id, audience, clock))}
        case JwtLogin():
            return {**_by_client(login.client_id), **_by_jwt(login.token)}
        case JwtFileLogin():
            return {**_by_client(login.client_id), **_by_jwt(read_token(login.file))}
        case PasswordLogin():
            secret = {"client_secret": login.client_secret} if login.client_secret else {}
            user = {"username": login.username, "password": login.password}
            return {"grant_type": "password", "client_id": login.client_id, **secret, **user}
        case _:
            assert_never(login)


def described(login: AdminLogin) -> str:
    """Return who logs in and by what, for messages: variables are named, and nothing secret is said."""
    match login:
        case ClientSecretLogin():
            return f"{_client(login)}, by KEYCLOAK_CLIENT_SECRET"
        case SignedJwtLogin():
            return f"{_client(login)}, by a JWT signed with KEYCLOAK_JWT_SIGNING_KEY ({login.key.algorithm})"
        case JwtLogin():
            return f"{_client(login)}, by KEYCLOAK_JWT_TOKEN"
        case JwtFileLogin():
            return f"{_client(login)}, by the JWT in {login.file} (KEYCLOAK_JWT_TOKEN_FILE)"
        case PasswordLogin():
            return f"the user '{login.username}' of the realm '{login.realm}', by KEYCLOAK_PASSWORD"
        case AccessTokenLogin():
            return "whoever KEYCLOAK_ACCESS_TOKEN was issued to"
        case _:
            assert_never(login)


def remedy_of(login: AdminLogin, server: str, clock: Clock) -> str:
    """Return what to check where Keycloak does not accept the login; it seldom says itself what is wrong."""
    match login:
        case ClientSecretLogin():
            return (
                "Check KEYCLOAK_CLIENT_ID and KEYCLOAK_CLIENT_SECRET, that the client is in the realm of "
                "KEYCLOAK_REALM, is enabled, and has Service account roles enabled."
            )
        case SignedJwtLogin():
            return (
                "Check that the client's authenticator is Signed JWT and holds the public key of "
                f"KEYCLOAK_JWT_SIGNING_KEY, and that the realm's issuer is {_audience(login, server)}: it is the "
                f"JWT's audience, and follows from {'--jwt-audience' if login.audience else 'KEYCLOAK_URL'}.{_NAME_IT}"
            )
        case JwtLogin():
            return _jwt_remedy(login.token, _audience(login, server), clock)
        case JwtFileLogin():
            return _jwt_remedy(read_token(login.file), _audience(login, server), clock)
        case PasswordLogin():
            return "Check KEYCLOAK_USER and KEYCLOAK_PASSWORD, and that the user is in the realm of KEYCLOAK_REALM."
        case AccessTokenLogin():
            return (
                f"Check KEYCLOAK_ACCESS_TOKEN: {claims_text(login.token, clock.now())} "
                "It cannot be renewed; one of the other logins can."
            )
        case _:
            assert_never(login)


def read_token(file: Path) -> str:
    """Return the JWT in a file.

    Raises:
        WrongUsage: The file cannot be read, or holds none.
    """
    where = f"the file of KEYCLOAK_JWT_TOKEN_FILE ({file})"
    try:
        token = read_named(file, 1).decode("ascii").strip()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WrongUsage(
            f"Cannot read {where}: {reason}.",
            remedy="Name the file that your CI or cluster keeps the token in, and let this user read it.",
        ) from error
    except UnicodeDecodeError:
        token = ""
    if not looks_like_jwt(token):
        what = "is empty" if not token else "holds no JWT"
        raise WrongUsage(
            f"{where[0].upper()}{where[1:]} {what}.",
            remedy="It must hold one JWT (three parts with dots in between), and nothing else.",
        )
    return token


def _by_client(client_id: str | None) -> dict[str, str]:
    return {"grant_type": "client_credentials", **({"client_id": client_id} if client_id else {})}


def _by_jwt(assertion: str) -> dict[str, str]:
    return {"client_assertion_type": _JWT_BEARER, "client_assertion": assertion}


def _client(login: ClientSecretLogin | SignedJwtLogin | JwtLogin | JwtFileLogin) -> str:
    name = f"the client '{login.client_id}'" if login.client_id else "the client that the JWT names"
    return f"{name} of the realm '{login.realm}'"


def _audience(login: SignedJwtLogin | JwtLogin | JwtFileLogin, server: str) -> str:
    """Return the realm's issuer: as whoever starts the run names it, or as Keycloak's URL has it."""
    return login.audience or f"{server.rstrip('/')}/realms/{login.realm}"


def _jwt_remedy(token: str, audience: str, clock: Clock) -> str:
    return (
        f"{claims_text(token, clock.now())} Keycloak wants one audience, the realm's issuer "
        f"({audience}); a client with that subject, whose authenticator is Signed JWT - Federated; "
        "and an identity provider of that issuer that allows client assertions, and their reuse."
    )
