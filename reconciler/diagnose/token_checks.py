"""The checks of the token: whether there is one, whether clocks agree, and what it says."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from reconciler.diagnose.membership import membership_causes
from reconciler.diagnose.reaching import reached
from reconciler.diagnose.results import certain, failed, ok, said, seen, skipped, traces, warning
from reconciler.diagnose.session import Session
from reconciler.diagnose.stored import SecretMatch
from reconciler.diagnose.token_causes import BLANKS, possible_causes, stored_causes
from reconciler.model.diagnosis import Cause, CheckName, CheckResult
from reconciler.model.duration import about
from reconciler.model.layout import ORGANIZATION_CLAIM
from reconciler.model.probe import NoAnswer, ProbeAnswer, System

_ENDS_SOON: Final = timedelta(days=7)
_SKEW: Final = 30.0
"""Seconds by which clocks may differ unmentioned: programs refresh their tokens a minute early."""
_SHORT: Final = 120.0
"""Seconds; a token that is replaced a minute early should live longer."""
_UNEXPLAINED: Final = Cause(
    "unexplained",
    "This answer is not among those that are known.",
    "Give NT24's support the answer, the time and the X-Request-Id.",
)


async def token(session: Session) -> CheckResult:
    """Ask for a token as the program does."""
    own = session.credentials
    answer, session.token = await session.prober.ask_token(session.subject.client_id, own.secret)
    result = reached(CheckName.TOKEN, System.KEYCLOAK, session.subject.keycloak_url, answer)
    if isinstance(answer, NoAnswer) or result.causes:
        return result
    if session.token is not None:
        session.token_received = answer.received
        return _given(session, answer)
    causes = await _without_blanks(session) or _causes(session, answer)
    return failed(CheckName.TOKEN, f"No token: {said(answer)}", causes, seen(answer), shut_out=True)


async def _without_blanks(session: Session) -> tuple[Cause, ...]:
    if session.credentials.trimmed is None:
        return ()
    _, found = await session.prober.ask_token(*session.credentials.trimmed)
    return (BLANKS,) if found is not None else ()


def _causes(session: Session, answer: ProbeAnswer) -> tuple[Cause, ...]:
    shown = stored_causes(session.stored, session.clock.now()) if session.stored else ()
    return shown or possible_causes(answer) or (_UNEXPLAINED,)


def _given(session: Session, answer: ProbeAnswer) -> CheckResult:
    lifetime = answer.fields.get("expires_in")
    summary = f"given for {lifetime} s" if lifetime is not None else "given"
    evidence = traces(answer)
    causes = tuple(_will_not_last(session))
    if isinstance(lifetime, int | float) and lifetime < _SHORT:
        what = f"The token lives for {lifetime} s only: a program that replaces it a minute early asks all the time."
        remedy = "Have accessTokenLifespan of the client set to 300, or replace tokens at half of their life."
        causes = (*causes, certain("token-short", what, remedy))
    if causes:
        return warning(CheckName.TOKEN, summary, causes, evidence)
    return ok(CheckName.TOKEN, summary, evidence)


def _will_not_last(session: Session) -> list[Cause]:
    if session.stored is None:
        return []
    times, now, causes = session.stored.times, session.clock.now(), []
    if session.stored.secret is SecretMatch.OLD:
        left = f"for another {about(times.old_expires - now)}" if times.old_expires else "for a while"
        causes.append(
            certain(
                "old-secret-used",
                f"The secret was replaced; this old one is accepted {left}.",
                "Give the program the new secret now; reconciler rotate deliver brings it.",
            )
        )
    if times.expires is not None and times.expires - now < _ENDS_SOON:
        what = f"The client's secret expires in {about(times.expires - now)}."
        remedy = "Have it rotated: reconciler rotate start makes a new one and delivers it."
        causes.append(certain("secret-ends-soon", what, remedy))
    return causes


async def clock(session: Session) -> CheckResult:
    """Compare this machine's clock with Keycloak's, which sends no ``Date``: the token says when it was made."""
    issued, received = session.claims.get("iat"), session.token_received
    if not isinstance(issued, int | float) or received is None:
        return skipped(CheckName.CLOCK, "the token does not say when it was made")
    ahead = received.timestamp() - issued
    if abs(ahead) <= _SKEW:
        return ok(CheckName.CLOCK, f"within {_SKEW:.0f} s of Keycloak's")
    way = "ahead of" if ahead > 0 else "behind"
    cause = certain(
        "clock-skew",
        f"This machine's clock is {about(timedelta(seconds=abs(ahead)))} {way} Keycloak's: programs that go by it take "
        + ("good tokens for expired." if ahead > 0 else "expired tokens for good, and the API answers 401."),
        "Synchronize it (NTP). If this machine is right, tell whoever runs Keycloak.",
    )
    times = (("here", _moment(received.timestamp())), ("Keycloak", _moment(issued)))
    return warning(CheckName.CLOCK, f"{about(timedelta(seconds=abs(ahead)))} {way} Keycloak's", (cause,), times)


async def claims(session: Session) -> CheckResult:
    """Look at what the API will look at: the issuer, the client, the organization."""
    said_by = session.claims
    if not said_by:
        return skipped(CheckName.CLAIMS, "the token is no JWT that can be read")
    evidence = tuple((name, str(said_by.get(name, "-"))) for name in ("iss", "azp"))
    if said_by.get("iss") != session.issuer:
        cause = certain(
            "issuer-differs",
            f"The token names the issuer {said_by.get('iss')}, the realm itself says {session.issuer}.",
            "Whoever runs Keycloak must look at its hostname settings: the API takes one issuer only.",
        )
        return warning(CheckName.CLAIMS, "The token's issuer is another one than the realm's", (cause,), evidence)
    claim = said_by.get(ORGANIZATION_CLAIM)
    match claim:
        case Mapping() if (
            len(claim) == 1 and isinstance(named := next(iter(claim.values())), Mapping) and "id" in named
        ):
            alias = next(iter(claim))
            return ok(CheckName.CLAIMS, f"the token is for the organization {alias}", evidence)
    what = "names no organization" if claim is None else "names its organization in another form than the API reads"
    causes = membership_causes(session.stored, claim)
    return failed(CheckName.CLAIMS, f"The token {what}", causes, (*evidence, (ORGANIZATION_CLAIM, _brief(claim))))


def _brief(claim: object) -> str:
    return "absent" if claim is None else str(claim)[:200]


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
