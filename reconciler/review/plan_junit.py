"""A plan as test results: each resource is a case, which passes if it is as it shall be."""

import click

from reconciler.model.address import Address, sorted_addresses, sorted_by_address
from reconciler.model.manifest import utc_text
from reconciler.model.observed import ReadFailure
from reconciler.model.origin import SettingChange
from reconciler.model.plan import Plan
from reconciler.model.policy import PolicyHit
from reconciler.model.text import counted
from reconciler.model.verdict import is_alarming
from reconciler.review.change_view import ChangeView
from reconciler.review.group_view import FindingView
from reconciler.review.grouping import grouped
from reconciler.review.junit import Case, CaseResult, Suite, junit_xml
from reconciler.review.plan_text import change_text
from reconciler.review.policy_text import VERDICT
from reconciler.review.settings_text import setting_way
from reconciler.review.since_text import origin_text
from reconciler.review.subject import Subject
from reconciler.review.view import plan_view


def plan_junit(plan: Plan, subject: Subject) -> str:
    """Return a suite per organization; changes and findings are failures, what could not be read is an error."""
    view = plan_view(plan, subject)
    changes = {change.address: change for change in view.changes}
    findings = grouped(view.findings, lambda finding: finding.address)
    hits = grouped(plan.policy_hits, lambda hit: hit.address)
    cases = {
        address: _case(address, changes.get(address), findings.get(address, []), hits.get(address, []))
        for address in sorted_addresses({*changes, *plan.unchanged, *findings})
    }
    homes = sorted_by_address(grouped(cases, lambda address: address.home))
    suites = [Suite(str(home), tuple(cases[address] for address in inside)) for home, inside in homes]
    if view.settings:
        suites.insert(0, Suite("reconciler.yaml", tuple(map(_setting, view.settings))))
    suites.append(Suite("what could not be read", tuple(map(_read_failure, plan.read_failures))))
    if not any(suite.cases for suite in suites):
        # Readers of the format fail where there is no case, and the target is said in a suite.
        suites = [Suite("reconciler", (Case("nothing is managed"),))]
    title = f"reconciler {subject}: {view.verdict} {view.since}".rstrip()
    risks = {"risks": plan.risk_counts.text or "none"}
    return junit_xml(title, suites, utc_text(plan.created_at).removesuffix("Z"), {**plan.target.facts, **risks})


def _case(address: Address, change: ChangeView | None, findings: list[FindingView], hits: list[PolicyHit]) -> Case:
    alarms = [each for each in findings if is_alarming(each.finding)]
    notes = tuple(line for each in findings if each not in alarms for line in _finding_lines(each))
    messages = [_change_message(change)] if change else []
    messages += [f"{VERDICT[hit.effect]}: {hit.policy}" for hit in hits]
    messages += [finding.detail for finding in alarms]
    if not messages:
        return Case(str(address), notes=notes)
    kind = "drift" if change and change.is_drift else str(change.action) if change else alarms[0].finding.code
    lines = [
        *(_change_lines(change) if change else []),
        *map(_hit_line, hits),
        *(line for f in alarms for line in _finding_lines(f)),
    ]
    return Case(str(address), CaseResult.FAILURE, kind, "; ".join(messages), tuple(lines), notes)


def _change_message(change: ChangeView) -> str:
    origin = f" ({origin_text(change.origin)})" if change.origin else ""
    return f"{change.sentence}{origin}: {counted(change.number, 'field')}"


def _change_lines(change: ChangeView) -> list[str]:
    """Return the change as a terminal shows it, and where it is declared."""
    lines = [line.removeprefix("  ") for line in click.unstyle(change_text(change)).splitlines()]
    return [*lines, *([f"declared at {change.place}"] if change.place else [])]


def _hit_line(hit: PolicyHit) -> str:
    field = f" {hit.path}:" if hit.path else ""
    return f"{VERDICT[hit.effect]}: {hit.policy} ({hit.place}):{field} {hit.message}"


def _finding_lines(finding: FindingView) -> tuple[str, str]:
    return f"{finding.word}: {finding.detail} [{finding.about}]", f"  {finding.remedy}"


def _setting(change: SettingChange) -> Case:
    lines = [f"{change.path}: {setting_way(change)}", *([f"declared at {change.place}"] if change.place else [])]
    why = f"{change.risk.level} risk: {change.risk.why}"
    return Case(change.path, CaseResult.FAILURE, change.risk.code, why, tuple(lines))


def _read_failure(failure: ReadFailure) -> Case:
    return Case(
        failure.what,
        CaseResult.ERROR,
        failure.code or "unread",
        failure.reason,
        (failure.remedy,) if failure.remedy else (),
    )
