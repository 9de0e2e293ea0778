"""A plan as test results: each resource is a case, which passes if it is as it shall be."""

import click

from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.finding import Finding
from reconciler.model.manifest import utc_text
from reconciler.model.observed import ReadFailure
from reconciler.model.plan import Plan
from reconciler.model.policy_hit import PolicyHit
from reconciler.model.setting_change import SettingChange
from reconciler.review.asides import asides
from reconciler.review.junit import Case, Suite, Verdict, junit_xml
from reconciler.review.labels import SENTENCE, consequences_text, counted, risk_text
from reconciler.review.overview import ALARMING, headline, shown_fields
from reconciler.review.plan_text import field_lines
from reconciler.review.settings_text import setting_way, settings_of
from reconciler.review.since_text import origin_of_field, origin_text, since_text
from reconciler.review.subject import Subject
from reconciler.review.violations import VERDICT


def plan_junit(plan: Plan, subject: Subject) -> str:
    """Return a suite per organization; changes and findings are failures, what could not be read is an error."""
    changes = {change.address: change for change in plan.changes}
    findings: dict[Address, list[Finding]] = {}
    for finding in plan.findings:
        findings.setdefault(finding.address, []).append(finding)
    cases: dict[Address, list[Case]] = {}
    hits: dict[Address, list[PolicyHit]] = {}
    for hit in plan.policy_hits:
        hits.setdefault(hit.address, []).append(hit)
    for address in sorted({*changes, *plan.unchanged, *findings}, key=lambda each: each.sort_key):
        case = _case(address, changes.get(address), findings.get(address, []), hits.get(address, []), plan)
        cases.setdefault(address.home, []).append(case)
    suites = [
        Suite(str(home), tuple(found)) for home, found in sorted(cases.items(), key=lambda item: item[0].sort_key)
    ]
    if settings := settings_of(plan):
        suites.insert(0, Suite("reconciler.yaml", tuple(map(_setting, settings))))
    unread = Suite("what could not be read", tuple(map(_read_failure, plan.read_failures)))
    title = f"reconciler {subject}: {headline(plan, subject)} {since_text(plan)}".rstrip()
    return junit_xml(title, [*suites, unread], utc_text(plan.created_at).removesuffix("Z"))


def _case(address: Address, change: Change | None, findings: list[Finding], hits: list[PolicyHit], plan: Plan) -> Case:
    alarms = [finding for finding in findings if finding.severity in ALARMING]
    notes = tuple(line for f in findings if f.severity not in ALARMING for line in _finding_lines(f))
    messages = [_change_message(change)] if change else []
    messages += [f"{VERDICT[hit.effect]}: {hit.policy}" for hit in hits]
    messages += [finding.detail for finding in alarms]
    if not messages:
        return Case(str(address), notes=notes)
    kind = "drift" if change and change.is_drift else str(change.action) if change else alarms[0].code
    lines = [
        *(_change_lines(change, plan) if change else []),
        *map(_hit_line, hits),
        *(line for f in alarms for line in _finding_lines(f)),
    ]
    return Case(str(address), Verdict.FAILURE, kind, "; ".join(messages), tuple(lines), notes)


def _change_message(change: Change) -> str:
    origin = f" ({origin_text(change.origin)})" if change.origin else ""
    return f"{SENTENCE[change.action]}{origin}: {counted(len(change.field_changes), 'field')}"


def _change_lines(change: Change, plan: Plan) -> list[str]:
    place = plan.places.get(change.address, {}).get("")
    fields, rules = shown_fields(change)
    lines = [f"{change.address} {SENTENCE[change.action]}", *([f"declared at {place}"] if place else [])]
    if change.blocked:
        lines.append(f"not now: {change.blocked}")
    lines += asides(change)
    if risk := risk_text(change.own_risk if change.consequences else change.risk):
        lines.append(click.unstyle(risk))
    lines += map(click.unstyle, consequences_text(change))
    lines += [
        click.unstyle(line)
        for field in fields
        for line in field_lines(field, plan.names, origin_of_field(field, change))
    ]
    if rules:
        lines.append(f"({counted(rules, 'field')} by the reconciler's own rules)")
    return lines


def _hit_line(hit: PolicyHit) -> str:
    field = f" {hit.path}:" if hit.path else ""
    return f"{VERDICT[hit.effect]}: {hit.policy} ({hit.place}):{field} {hit.message}"


def _finding_lines(finding: Finding) -> tuple[str, str]:
    origin = f", {origin_text(finding.origin)}" if finding.origin else ""
    return f"{finding.severity}: {finding.detail} [{finding.code}, {finding.status}{origin}]", f"  {finding.remedy}"


def _setting(change: SettingChange) -> Case:
    lines = [f"{change.path}: {setting_way(change)}", *([f"declared at {change.place}"] if change.place else [])]
    why = f"{change.risk.level} risk: {change.risk.why}"
    return Case(change.path, Verdict.FAILURE, change.risk.code, why, tuple(lines))


def _read_failure(failure: ReadFailure) -> Case:
    return Case(
        failure.what,
        Verdict.ERROR,
        failure.code or "unread",
        failure.reason,
        (failure.remedy,) if failure.remedy else (),
    )
