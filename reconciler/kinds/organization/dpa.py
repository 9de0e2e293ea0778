"""Findings about the Data Processing Agreement: missing, outdated or about to be, and personal data without it.

Nobody but a person accepts an agreement; so the remedy is never a write.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reconciler.kinds.organization.representation import desired_fields
from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import day, days
from reconciler.model.address import Address
from reconciler.model.expectations import DpaRequirement, Expectations, is_older
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import CAPABILITIES, IntegrationOrganization
from reconciler.model.observed import Effective, ReadFailure, Snapshot
from reconciler.model.request import ask_nt24

_FLAGS: Final = tuple(name for name, each in CAPABILITIES.items() if each.is_personal_data)
"""The capabilities that give personal data."""
_VERSION: Final = "dpa.version"


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known of an organization's agreement at the moment ``now``.

    ``version`` is what is accepted, None for nothing. ``answered`` says that the platform admitted one of the clients
    just now, ``refused`` that it told one of them that the agreement is not accepted.
    """

    manifest: IntegrationOrganization
    version: str | None
    answered: bool
    refused: bool
    now: datetime

    @property
    def address(self) -> Address:
        return Address.organization(self.manifest.name)

    def finding(
        self, code: Code, severity: Severity, detail: str, remedy: str, path: str = "", *, seen: bool = True
    ) -> Finding:
        status = FieldStatus.IN_SYNC if seen else FieldStatus.UNKNOWN
        return Finding(self.address, code, severity, status, detail, remedy, path=path or "dpa")


def dpa_findings(situation: Situation, pending: Collection[Address]) -> Iterator[Finding]:
    """Yield what is wrong with agreements; of an organization that calls nothing, nothing is."""
    snapshot, expected = situation.snapshot, situation.expected
    for manifest in situation.desired.organizations:
        if manifest.spec.suspended or not any(client.enabled for client in manifest.spec.clients):
            continue
        standing = _standing(manifest, snapshot, expected, pending)
        if standing is None:
            continue
        yield from _missing(standing, expected.dpa)
        if expected.dpa is not None:
            yield from _older(standing, expected.dpa)
        yield from _personal_data(standing, snapshot, expected)


def _standing(
    manifest: IntegrationOrganization, snapshot: Snapshot, expected: Expectations, pending: Collection[Address]
) -> _Standing | None:
    """Return what is known, None where nobody can tell: what the manifest leaves to the platform, and could not see."""
    seen = [snapshot.effective.get(client.client_id) for client in manifest.spec.clients]
    answers = [answer for answer in seen if isinstance(answer, Effective)]
    refused = any(isinstance(answer, ReadFailure) and answer.code == Code.DPA_NOT_ACCEPTED for answer in seen)
    declared = manifest.spec.dpa.version if manifest.spec.dpa else None
    in_force = min((answer.dpa_version for answer in answers if answer.dpa_version), default=None)
    if expected.is_platforms(_VERSION):
        if declared is None and not answers and not refused:
            return None
    elif Address.organization(manifest.name) in pending:
        in_force = None
    return _Standing(manifest, in_force or declared, bool(answers), refused, snapshot.taken_at)


def _missing(standing: _Standing, required: DpaRequirement | None) -> Iterator[Finding]:
    if standing.version is not None or standing.refused:
        # The refusal itself is a finding of each client.
        return
    detail = "No accepted Data Processing Agreement is declared: the platform refuses every call without one."
    if standing.answered:
        detail = (
            "Neither the manifest nor GET /v1/me names an accepted Data Processing Agreement. The platform "
            "still answers, but may stop at any time."
        )
    which = f"agreement {required.required}" if required else "current agreement"
    remedy = f"A person accepts the {which} with NT24; then record its version and acceptedAt in the manifest."
    yield standing.finding(Code.DPA_MISSING, Severity.WARNING, detail, remedy, seen=standing.answered)


def _older(standing: _Standing, dpa: DpaRequirement) -> Iterator[Finding]:
    version, now = standing.version, standing.now
    if version is None or not is_older(version, dpa.required):
        return
    left, when = dpa.deadline - now, day(dpa.deadline)
    if now < dpa.deadline:
        is_soon = left.total_seconds() <= dpa.notice
        code, severity = Code.DPA_DUE, Severity.WARNING if is_soon else Severity.INFO
        what = f"The agreement {dpa.required} is required from {when} on, and {version} is accepted: "
        what += f"all calls fail in {days(left)}."
    else:
        code, severity = Code.DPA_OUTDATED, Severity.ERROR
        what = f"The agreement {dpa.required} is required since {when}, and {version} is accepted"
        if standing.answered:
            what += ". The platform still answers, but may refuse every call at any time."
        else:
            what += f": all calls fail since {when} ({days(-left)})."
    yield standing.finding(code, severity, what, _remedy(standing, dpa), _VERSION)


def _remedy(standing: _Standing, dpa: DpaRequirement) -> str:
    declared = standing.manifest.spec.dpa
    if declared is not None and not is_older(declared.version, dpa.required):
        name = standing.manifest.name
        return f"The manifest says that {declared.version} is accepted, but NT24 does not know it: {ask_nt24(name)}"
    return (
        f"A person accepts the agreement {dpa.required} with NT24; then record its version and acceptedAt in the "
        "manifest."
    )


def _personal_data(standing: _Standing, snapshot: Snapshot, expected: Expectations) -> Iterator[Finding]:
    lack = _lack(standing, expected)
    if not lack:
        return
    wanted = desired_fields(standing.manifest, "")
    answers = [snapshot.effective.get(client.client_id) for client in standing.manifest.spec.clients]
    for flag in _FLAGS:
        path = f"capabilities.{flag}"
        in_force = any(isinstance(a, Effective) and a.capabilities.get(flag) is True for a in answers)
        if not in_force and wanted.get(path) is not True:
            continue
        detail = f"{flag} gives personal data, but {lack}."
        remedy = "Leave it false until a person has accepted the current agreement with NT24."
        if in_force:
            detail += " GET /v1/me says that it is in force."
        if expected.is_platforms(path):
            remedy = f"Set it to false until the current agreement is accepted; then {ask_nt24(standing.manifest.name)}"
        yield standing.finding(
            Code.PERSONAL_DATA_WITHOUT_DPA, Severity.ERROR if in_force else Severity.WARNING, detail, remedy, path
        )


def _lack(standing: _Standing, expected: Expectations) -> str:
    """Return what the agreement lacks; empty where it is current, as far as anybody can tell."""
    if standing.version is None:
        return "no Data Processing Agreement is accepted"
    if expected.dpa is not None and expected.is_outdated(standing.version, standing.now):
        return f"the agreement {standing.version} is outdated since {day(expected.dpa.deadline)}"
    return f"the platform does not take the agreement {standing.version}" if standing.refused else ""
