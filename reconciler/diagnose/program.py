"""The checks of the program itself: a token that it uses, and how its logins went lately."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from reconciler.diagnose.problems import NOT_INTEGRATION, OTHER_ISSUER, PROBLEMS, TOKEN_EXPIRED
from reconciler.diagnose.reaching import reached
from reconciler.diagnose.results import Evidence, certain, failed, ok, said, seen, skipped, sure, traces, warning
from reconciler.diagnose.session import Session
from reconciler.diagnose.token_causes import (
    ACCOUNT_DISABLED,
    CLIENT_DISABLED,
    SERVICE_ACCOUNTS_OFF,
    UNKNOWN_CLIENT,
    WRONG_SECRET,
)
from reconciler.model.diagnosis import Cause, CheckName, CheckResult
from reconciler.model.duration import about
from reconciler.model.layout import ORGANIZATION_CLAIM
from reconciler.model.observed import ReadFailure
from reconciler.model.probe import NoAnswer, ProbeAnswer, System
from reconciler.model.text import counted
from reconciler.model.value import Representation

_BY_ERROR: Final[Mapping[str, Cause]] = {
    "client_not_found": UNKNOWN_CLIENT,
    "client_disabled": CLIENT_DISABLED,
    "invalid_client_credentials": WRONG_SECRET,
    "invalid_client": SERVICE_ACCOUNTS_OFF,
    "user_disabled": ACCOUNT_DISABLED,
}
"""What Keycloak's event says of a login that failed: plainer than its answer (26.7.5, measured)."""
_RECENT: Final = timedelta(days=1)
_NO_JWT: Final = certain(
    "token-unreadable",
    "NT24_ACCESS_TOKEN holds no JWT.",
    "Set it to the value of access_token alone: without Bearer, quotes or line breaks.",
)


async def program_token(session: Session) -> CheckResult:
    """Look at the token that somebody brought along (NT24_ACCESS_TOKEN), and ask the API with it."""
    token = session.credentials.token
    if token is None:
        return skipped(CheckName.PROGRAM_TOKEN, "NT24_ACCESS_TOKEN is not set")
    if token.claims is None:
        return failed(CheckName.PROGRAM_TOKEN, "it cannot be read", (_NO_JWT,))
    claims = token.claims
    evidence = tuple((name, str(claims.get(name, "-"))) for name in ("iss", "azp", "typ", "exp"))
    if causes := tuple(_wrong_with(session, claims)):
        return failed(CheckName.PROGRAM_TOKEN, "the API refuses it", causes, evidence)
    if session.subject.api_url is None or session.is_mock:
        return ok(CheckName.PROGRAM_TOKEN, "it looks good", evidence)
    answer = await session.prober.me(token)
    result = reached(CheckName.PROGRAM_TOKEN, System.API, session.subject.api_url, answer)
    if isinstance(answer, NoAnswer) or result.causes:
        return result
    if answer.is_success:
        return ok(CheckName.PROGRAM_TOKEN, "GET /v1/me takes it", (*evidence, *traces(answer)))
    return failed(CheckName.PROGRAM_TOKEN, said(answer), _of(answer), (*evidence, *seen(answer)))


def _of(answer: ProbeAnswer) -> tuple[Cause, ...]:
    return PROBLEMS.get(answer.code, ())


def _wrong_with(session: Session, claims: Mapping[str, Any]) -> list[Cause]:
    causes = []
    expires, now = claims.get("exp"), session.clock.now()
    if isinstance(expires, int | float) and expires <= now.timestamp():
        ago = about(timedelta(seconds=now.timestamp() - expires))
        causes.append(sure(TOKEN_EXPIRED, f"It expired {ago} ago."))
    issuer, azp = claims.get("iss"), claims.get("azp")
    if session.issuer and issuer != session.issuer:
        what = f"It is of the issuer {issuer}, and not of {session.issuer}."
        causes.append(sure(OTHER_ISSUER, what))
    if azp != session.subject.client_id:
        what = f"It was issued to {azp or 'nobody'}, and not to {session.subject.client_id}."
        causes.append(certain("token-of-another-client", what, NOT_INTEGRATION.remedy))
    if claims.get("typ") not in {None, "Bearer"}:
        what = f"It is a token of another kind ({claims.get('typ')}), and no access token."
        causes.append(certain("token-of-another-kind", what, "Send access_token, and no other token."))
    if not causes and ORGANIZATION_CLAIM not in claims:
        what = "It names no organization."
        remedy = "Ask for a new token; if that names none either, the check claims says why."
        causes.append(certain("token-without-organization", what, remedy))
    return causes


async def program_logins(session: Session) -> CheckResult:
    """Look at what Keycloak recorded of the client's logins: its events name the very error."""
    if session.stored is None:
        return skipped(CheckName.PROGRAM_LOGINS, "Keycloak's record of the client was not read")
    logins = session.stored.logins
    if isinstance(logins, ReadFailure):
        return skipped(CheckName.PROGRAM_LOGINS, "this login may not read events (view-events)")
    if not logins and not _records(session.stored.realm):
        return skipped(CheckName.PROGRAM_LOGINS, "the realm records no logins (Realm settings, Events: Save events)")
    since = (session.clock.now() - _RECENT).timestamp() * 1000
    recent = [each for each in logins if int(each.get("time") or 0) >= since]
    errors = [each for each in recent if each.get("error")]
    good = len(recent) - len(errors)
    summary = f"{good} succeeded and {len(errors)} failed within a day"
    if not errors:
        return ok(CheckName.PROGRAM_LOGINS, summary if recent else "none within a day")
    return warning(CheckName.PROGRAM_LOGINS, summary, _causes_of(errors), _failures(errors))


def _records(realm: Representation | ReadFailure | None) -> bool:
    return isinstance(realm, Mapping) and bool(realm.get("eventsEnabled"))


def _causes_of(errors: list[Representation]) -> tuple[Cause, ...]:
    found = Counter(str(each["error"]) for each in errors)
    return tuple(_cause_of(error, number) for error, number in found.items())


def _cause_of(error: str, number: int) -> Cause:
    logins = f"{counted(number, 'login')} failed"
    if (known := _BY_ERROR.get(error)) is not None:
        return sure(known, f"{logins}: {known.what}")
    return certain("login-failed", f"{logins}: {error}.", "Look at the event in Keycloak's console.")


def _failures(errors: list[Representation]) -> Evidence:
    # The newest comes first.
    found: dict[tuple[str, str], list[datetime]] = {}
    for each in errors:
        at = datetime.fromtimestamp(int(each.get("time") or 0) / 1000, UTC)
        found.setdefault((str(each["error"]), str(each.get("ipAddress") or "?")), []).append(at)
    return tuple(
        (error, f"{len(times)} from {ip}, the last at {times[0]:%Y-%m-%dT%H:%M:%SZ}")
        for (error, ip), times in sorted(found.items())
    )
