"""The checks of the platform: the API, and whether ``GET /v1/me`` knows the client."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

from reconciler.diagnose.membership import link_causes
from reconciler.diagnose.problems import NOT_INTEGRATION, OTHER_ISSUER, PROBLEMS, TOKEN_EXPIRED
from reconciler.diagnose.reaching import reached, trusted
from reconciler.diagnose.results import certain, failed, ok, said, seen, skipped, sure, traces
from reconciler.diagnose.session import Session
from reconciler.diagnose.standing import MOCK, stand_in
from reconciler.model.diagnosis import Cause, CheckName, CheckResult
from reconciler.model.duration import about
from reconciler.model.layout import CLIENT_PREFIX, ORGANIZATION_CLAIM
from reconciler.model.observed import Effective
from reconciler.model.probe import NoAnswer, ProbeAnswer, System

_SPECIFIC: Final = {"dpa-not-accepted": CheckName.DPA, "rate-limited": CheckName.RATE_LIMIT}
"""Refusals that a check of their own explains."""
_TRACE: Final = Cause(
    "unexplained",
    "This answer is not among those that are known.",
    "Give NT24's support the answer, the time, the traceId and the X-Request-Id.",
)


async def api(session: Session) -> CheckResult:
    """Ask ``GET /v1/me`` with a token that is none: the platform refuses it, and a mock answers."""
    url = session.subject.api_url
    if url is None:
        return skipped(CheckName.API, "NT24_API_URL is not set")
    answer = session.without_token = await session.prober.me(session.nonsense)
    result = reached(CheckName.API, System.API, url, answer)
    if isinstance(answer, NoAnswer) or result.causes:
        return result
    cause = stand_in(answer)
    if cause is None:
        return result
    session.is_mock = cause is MOCK
    summary = "it is a mock: its answers prove nothing" if session.is_mock else said(answer)
    return failed(CheckName.API, summary, (cause,), seen(answer), shut_out=not session.is_mock)


async def api_tls(session: Session) -> CheckResult:
    """Look at the API's certificate."""
    certificate, answer = await session.prober.certificate(System.API), session.without_token
    assert answer is not None  # noqa: S101  (the check before this one asked)
    url = session.subject.api_url or ""
    return trusted(CheckName.API_TLS, System.API, url, answer, certificate, session.clock.now())


async def me(session: Session) -> CheckResult:
    """Ask ``GET /v1/me`` with the token."""
    assert session.token is not None  # noqa: S101  (or the check of the token had failed)
    answer = session.me = await session.prober.me(session.token)
    result = reached(CheckName.ME, System.API, session.subject.api_url or "", answer)
    if isinstance(answer, NoAnswer) or result.causes:
        return result
    if not answer.is_success:
        return _refused(session, answer)
    session.effective, wrong = _read(answer.document)
    if session.effective is None:
        cause = certain(
            "answer-of-another-form",
            f"The answer has another form than documented (see {wrong}).",
            "Check that NT24_API_URL is the Integration API; if it is, report it with the X-Request-Id.",
        )
        return failed(CheckName.ME, "GET /v1/me answers something else than documented", (cause,), seen(answer))
    organization = f"{session.effective.name} ({session.effective.organization_uuid})"
    return ok(CheckName.ME, f"the platform knows the client as {organization}", traces(answer))


def _read(document: Any) -> tuple[Effective | None, str]:
    from pydantic import ValidationError

    try:
        return Effective.model_validate(document), ""
    except ValidationError as error:
        return None, ", ".join(".".join(map(str, problem["loc"])) or "the whole" for problem in error.errors())


def _refused(session: Session, answer: ProbeAnswer) -> CheckResult:
    if (elsewhere := _SPECIFIC.get(answer.code)) is not None:
        return failed(CheckName.ME, f"{said(answer)} (see {elsewhere})", (), seen(answer))
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return failed(CheckName.ME, said(answer), unauthorized_causes(session, answer), seen(answer), shut_out=True)
    if answer.status == HTTPStatus.FORBIDDEN and answer.code in {"forbidden", ""}:
        if not session.claims.get(ORGANIZATION_CLAIM):
            return failed(CheckName.ME, f"{said(answer)} (see claims)", (), seen(answer))
        return failed(CheckName.ME, said(answer), link_causes(session.stored), seen(answer))
    causes = PROBLEMS.get(answer.code, (_TRACE,))
    shut_out = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return failed(CheckName.ME, said(answer), causes, seen(answer), shut_out=shut_out)


def unauthorized_causes(session: Session, answer: ProbeAnswer) -> tuple[Cause, ...]:
    """Return why the API does not take a token that Keycloak has just given."""
    azp = str(session.claims.get("azp") or "")
    if azp and not azp.startswith(CLIENT_PREFIX):
        return (sure(NOT_INTEGRATION),)
    if (behind := _clocks_apart(session, answer)) is not None:
        return (behind,)
    issuer = f"The API trusts another realm or issuer than {session.claims.get('iss')}."
    return (
        Cause(
            OTHER_ISSUER.code, issuer, OTHER_ISSUER.remedy, certain="issuer" in answer.words or "realm" in answer.words
        ),
    )


def _clocks_apart(session: Session, answer: ProbeAnswer) -> Cause | None:
    """Compare the API's clock with Keycloak's: a good token is expired, or not yet valid, for a clock that is off."""
    issued, expires = session.claims.get("iat"), session.claims.get("exp")
    try:
        here = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return None
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        return None
    if issued - 60 <= here < expires:
        return None
    apart, way = timedelta(seconds=abs(here - issued)), "ahead of" if here > issued else "behind"
    return certain(
        "api-clock-skew",
        f"The API's clock is {about(apart)} {way} Keycloak's: a new token is "
        + (f"expired for it ({TOKEN_EXPIRED.code})." if here > issued else "not valid yet for it."),
        "Nothing helps on your side; give NT24's support the traceId.",
    )
