"""The checks of what is in force for the client: rate limit, DPA, partners, capabilities."""

import difflib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from reconciler.diagnose.membership import STALE
from reconciler.diagnose.problems import CAPABILITY_MISSING, DPA_MISSING, DPA_OUTDATED, NO_PARTNER, RATE_LIMITED
from reconciler.diagnose.results import Evidence, certain, failed, ok, said, seen, skipped, sure, warning
from reconciler.diagnose.session import Session
from reconciler.model.diagnosis import Cause, CheckName, CheckResult
from reconciler.model.expectations import DpaRequirement, is_older
from reconciler.model.layout import DPA_ACCEPTED_AT, DPA_VERSION, PARTNERS, RATE_LIMIT_TIER
from reconciler.model.manifest import CAPABILITIES
from reconciler.model.probe import ProbeAnswer

_UNKNOWN: Final = "GET /v1/me does not tell"
_LITTLE: Final = 0.1


async def rate_limit(session: Session) -> CheckResult:
    """Read the budget that ``GET /v1/me`` has left of the organization's."""
    answer = session.me
    if not isinstance(answer, ProbeAnswer):
        return skipped(CheckName.RATE_LIMIT, _UNKNOWN)
    left, most = (_number(answer.headers.get(f"x-ratelimit-{name}")) for name in ("remaining", "limit"))
    evidence = _budget(answer)
    if answer.code == "rate-limited" or answer.status == 429:
        return failed(CheckName.RATE_LIMIT, said(answer), (RATE_LIMITED,), (*evidence, *seen(answer)), shut_out=True)
    if left is None or most is None:
        return skipped(CheckName.RATE_LIMIT, "the answer has no X-RateLimit headers")
    summary = f"{left} of {most} requests a minute are left ({answer.headers.get('x-ratelimit-category', 'read')})"
    if left < most * _LITTLE:
        cause = Cause("rate-limit-near", "The budget is nearly used up; it is the organization's.", RATE_LIMITED.remedy)
        return warning(CheckName.RATE_LIMIT, summary, (sure(cause),), evidence)
    return ok(CheckName.RATE_LIMIT, summary, evidence)


def _budget(answer: ProbeAnswer) -> Evidence:
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Category", "Retry-After")
    pairs = [(name, answer.headers.get(name.lower(), "")) for name in names]
    return tuple((name, _moment(value) if name.endswith("Reset") else value) for name, value in pairs if value)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _moment(text: str) -> str:
    try:
        return f"{text} ({datetime.fromtimestamp(int(text), UTC):%Y-%m-%dT%H:%M:%SZ})"
    except (ValueError, OverflowError, OSError):
        return text


async def dpa(session: Session) -> CheckResult:
    """Say whether the Data Processing Agreement is accepted."""
    answer = session.me
    if isinstance(answer, ProbeAnswer) and answer.code == "dpa-not-accepted":
        return failed(CheckName.DPA, said(answer), _dpa_causes(session), seen(answer))
    if session.effective is None:
        return skipped(CheckName.DPA, _UNKNOWN)
    version, accepted = session.effective.dpa_version, session.effective.dpa_accepted_at
    if version is None:
        return ok(CheckName.DPA, "calls are answered; GET /v1/me does not say which version was accepted")
    summary = f"{version}" + (f", accepted at {accepted:%Y-%m-%d}" if accepted else "")
    required = session.asked.dpa
    if required is not None and is_older(version, required.required):
        return warning(CheckName.DPA, summary, (_due(required, session.clock.now()),))
    return ok(CheckName.DPA, summary)


def _due(dpa: DpaRequirement, now: datetime) -> Cause:
    from_when = f"{dpa.deadline:%Y-%m-%d}"
    what = f"The version {dpa.required} of the DPA is required from {from_when} on: then every call is refused."
    if now >= dpa.deadline:
        what = f"The version {dpa.required} of the DPA is required since {from_when}: calls may be refused any moment."
    return certain("dpa-due", what, f"Let an authorized person accept {dpa.required} with NT24.")


def _dpa_causes(session: Session) -> tuple[Cause, ...]:
    organization = session.stored.organization if session.stored else None
    if organization is None:
        return DPA_MISSING, DPA_OUTDATED
    stored = organization.get("attributes") or {}
    if not stored.get(DPA_VERSION) or not stored.get(DPA_ACCEPTED_AT):
        return (sure(DPA_MISSING),)
    what = f"The version {stored[DPA_VERSION][0]} of the DPA was accepted, and the platform asks for another one."
    return (sure(DPA_OUTDATED, what),)


async def partners(session: Session) -> CheckResult:
    """Say for whom the organization may act, and whether the partner that was asked for is one of them."""
    if session.effective is None:
        return skipped(CheckName.PARTNERS, _UNKNOWN)
    named = {str(each.uuid): each.name or "" for each in session.effective.authorized_partners}
    wanted = session.asked.partner
    if wanted is None:
        if named:
            return ok(CheckName.PARTNERS, f"the organization may act for {len(named)}")
        what = "The organization may act for no partner: every path /partners/{sellerId}/… is answered with 403."
        return warning(CheckName.PARTNERS, "none", (certain("no-partners", what, NO_PARTNER.remedy),))
    if wanted in named:
        return ok(CheckName.PARTNERS, f"the organization may act for {named[wanted] or 'the partner'} ({wanted})")
    summary = f"GET /v1/me does not list {wanted} among {len(named)}"
    return failed(CheckName.PARTNERS, summary, (_not_listed(session, wanted),))


def _not_listed(session: Session, wanted: str) -> Cause:
    stored = _attribute(session, PARTNERS)
    if stored is not None and wanted in stored:
        what = "Keycloak has the partner, but it is not in force on the platform (yet)."
        return sure(STALE, what)
    return sure(NO_PARTNER, f"{NO_PARTNER.what} Calls for it are answered with 403.")


async def capabilities(session: Session) -> CheckResult:
    """Say what the organization may do, and whether it has the capability that was asked for."""
    if session.effective is None:
        return skipped(CheckName.CAPABILITIES, _UNKNOWN)
    found = session.effective.capabilities
    wanted = session.asked.capability
    if wanted is None:
        tier = found.get(RATE_LIMIT_TIER, "no tier")
        on = sorted(name for name, value in found.items() if value is True)
        return ok(CheckName.CAPABILITIES, f"{tier}; {', '.join(on) or 'no flag is on'}")
    if wanted not in found:
        return failed(CheckName.CAPABILITIES, f"there is no capability {wanted}", (_unknown(wanted, found),))
    if value := found[wanted]:
        return ok(CheckName.CAPABILITIES, f"{wanted} is {'on' if value is True else value}")
    stored = _attribute(session, wanted)
    if stored == ("true",):
        what = f"Keycloak has {wanted}, but it is not in force on the platform (yet)."
        cause = sure(STALE, what)
    else:
        opens = f" ({CAPABILITIES[wanted].opens})" if wanted in CAPABILITIES else ""
        what = f"The organization does not have {wanted}{opens}: calls that need it are answered with 403."
        cause = certain(CAPABILITY_MISSING.code, what, "Ask NT24 for it (spec.capabilities).")
    return failed(CheckName.CAPABILITIES, f"{wanted} is off", (cause,))


def _unknown(wanted: str, found: Mapping[str, bool | str]) -> Cause:
    known = sorted({*found, *CAPABILITIES, RATE_LIMIT_TIER})
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]}? " if close else ""
    return certain(
        "capability-unknown",
        f"Neither the platform nor this program knows a capability {wanted}.",
        f"{hint}Known: {', '.join(known)}.",
    )


def _attribute(session: Session, name: str) -> tuple[str, ...] | None:
    organization = session.stored.organization if session.stored else None
    return None if organization is None else tuple((organization.get("attributes") or {}).get(name) or ())
