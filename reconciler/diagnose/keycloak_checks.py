"""The checks of Keycloak: the credentials' form, the server, the realm, and what the Admin API shows."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from reconciler.diagnose.reaching import reached, trusted
from reconciler.diagnose.results import certain, failed, ok, said, seen, skipped, sure, warning
from reconciler.diagnose.session import Session
from reconciler.diagnose.standing import KEYCLOAK_IS_API, is_platforms
from reconciler.diagnose.stored import SecretMatch
from reconciler.diagnose.token_causes import REALM_MISSING
from reconciler.model.diagnosis import Cause, CheckName, CheckResult
from reconciler.model.errors import LiveSystemError, ReconcilerError
from reconciler.model.layout import CLIENT_PREFIX
from reconciler.model.probe import ProbeAnswer, System

_SHORTEST: Final = 64
"""NT24's secrets have 64 characters and more; Keycloak's own have 32."""
_OWN_SHORTEST: Final = 32


async def credentials(session: Session) -> CheckResult:
    """Look at the form of the id and the secret."""
    causes = []
    if session.credentials.trimmed is not None:
        causes.append(
            certain(
                "blanks-around-credentials",
                "NT24_CLIENT_ID or NT24_CLIENT_SECRET begins or ends with a space, a line break or a quote.",
                "Set it without them: a file that ends with a line break and quotes in an env file are the usual "
                "reasons.",
            )
        )
    if not session.subject.client_id.strip().startswith(CLIENT_PREFIX):
        causes.append(
            certain(
                "not-an-integration-client",
                f"The client's id does not begin with {CLIENT_PREFIX}: the platform takes no other clients.",
                "Compare NT24_CLIENT_ID with what NT24 gave you.",
            )
        )
    if session.credentials.length < _OWN_SHORTEST:
        causes.append(
            certain(
                "secret-too-short",
                f"The length of the secret is {session.credentials.length}; NT24's have {_SHORTEST} characters and "
                "more.",
                "Take the whole secret: a part of it may have been cut off at a $ or a # by a shell or an env file.",
            )
        )
    if causes:
        return warning(CheckName.CREDENTIALS, "The id or the secret looks wrong", tuple(causes))
    return ok(CheckName.CREDENTIALS, "the id and the secret have the usual form")


async def keycloak(session: Session) -> CheckResult:
    """Ask for the discovery document; its content is looked at later."""
    session.discovery = await session.prober.discovery()
    return reached(CheckName.KEYCLOAK, System.KEYCLOAK, session.subject.keycloak_url, session.discovery)


async def keycloak_tls(session: Session) -> CheckResult:
    """Look at the certificate."""
    certificate = await session.prober.certificate(System.KEYCLOAK)
    url, answer = session.subject.keycloak_url, session.discovery
    assert answer is not None  # noqa: S101  (the check before this one asked)
    return trusted(CheckName.KEYCLOAK_TLS, System.KEYCLOAK, url, answer, certificate, session.clock.now())


async def realm(session: Session) -> CheckResult:
    """Read the discovery document: whether the realm is there, and what its tokens will name as their issuer."""
    answer, name = session.discovery, session.subject.realm
    assert isinstance(answer, ProbeAnswer)  # noqa: S101  (or the checks before this one had failed)
    if is_platforms(answer):
        return failed(CheckName.REALM, said(answer), (KEYCLOAK_IS_API,), seen(answer), shut_out=True)
    if answer.status == HTTPStatus.NOT_FOUND:
        cause = sure(REALM_MISSING) if answer.code == "Realm does not exist" else _NOT_KEYCLOAK
        return failed(CheckName.REALM, f"There is no realm {name} here", (cause,), seen(answer), shut_out=True)
    if not session.issuer:
        return failed(CheckName.REALM, said(answer), (_NOT_KEYCLOAK,), seen(answer), shut_out=True)
    expected = f"{session.subject.keycloak_url}/realms/{name}"
    if session.issuer != expected:
        cause = certain(
            "issuer-mismatch",
            f"The realm calls itself {session.issuer}, and not {expected}: its tokens name that issuer.",
            f"Set KEYCLOAK_URL to {_base_of(session.issuer)}, unless you go through an internal address on purpose. A "
            "program that compares the issuer with its own URL refuses the tokens, and so may the API.",
        )
        evidence = (("issuer", session.issuer), ("expected", expected))
        return warning(CheckName.REALM, "The issuer is another one than KEYCLOAK_URL says", (cause,), evidence)
    return ok(CheckName.REALM, f"{name}, issuer {session.issuer}")


_NOT_KEYCLOAK: Final = certain(
    "not-keycloak",
    "What answers is no Keycloak, or Keycloak has another base path.",
    "Check KEYCLOAK_URL. An old or customized Keycloak has its realms below /auth: then add it to the URL.",
)


def _base_of(issuer: str) -> str:
    base, _, _ = issuer.partition("/realms/")
    return base if urlsplit(base).netloc else issuer


async def admin_api(session: Session) -> CheckResult:
    """Read what Keycloak has of the client, where there is a login that may."""
    if session.read_stored is None:
        return skipped(CheckName.ADMIN, "no login to the Admin API (KEYCLOAK_CLIENT_ID …): causes are told by answers")
    try:
        session.stored = await session.read_stored()
    except ReconcilerError as error:
        code = "admin-login-refused" if isinstance(error, LiveSystemError) else "admin-api-failed"
        cause = Cause(code, error.message, error.remedy or "See README, A login with the least privileges.")
        return warning(CheckName.ADMIN, "Keycloak's record of the client cannot be read", (cause,))
    release = session.stored.release
    told = f"Keycloak {release}" if release else "Keycloak's version is not shown to this login"
    if session.stored.client is None:
        return ok(CheckName.ADMIN, f"the realm has no client {session.subject.client_id}; {told}")
    which = _WHICH[session.stored.secret]
    return ok(CheckName.ADMIN, f"the client's record is read; the secret is {which}; {told}")


_WHICH: Final = {
    SecretMatch.CURRENT: "its current one",
    SecretMatch.OLD: "its old one",
    SecretMatch.NEITHER: "none of its",
    SecretMatch.UNKNOWN: "not shown to this login",
}
