"""A plan as SARIF: findings, risky changes and drift, on the lines of the manifests that declare them."""

import posixpath
from collections.abc import Iterator
from typing import Final

from reconciler.model.address import Address
from reconciler.model.finding import Finding, Severity
from reconciler.model.origin import Origin
from reconciler.model.place import Place
from reconciler.model.plan import Plan
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.text import visible
from reconciler.review.labels import WORTHY
from reconciler.review.markdown import shortened
from reconciler.review.plan_json import fingerprint_of
from reconciler.review.policy_text import where
from reconciler.review.risk_view import RiskView
from reconciler.review.sarif import Level, Result, Rule, sarif_json
from reconciler.review.settings_text import setting_way
from reconciler.review.since_text import origin_text
from reconciler.review.subject import Subject
from reconciler.review.view import PlanView, plan_view

_SEVERITY: Final = {Severity.ERROR: Level.ERROR, Severity.WARNING: Level.WARNING, Severity.INFO: Level.NOTE}
_RISK: Final = {
    RiskLevel.HIGH: Level.ERROR,
    RiskLevel.MEDIUM: Level.WARNING,
    RiskLevel.LOW: Level.NOTE,
    RiskLevel.NONE: Level.NOTE,
}
_DRIFT: Final = Rule(
    "drift",
    Level.WARNING,
    "Keycloak differs from the last applied state",
    "Somebody changed it, or an apply deleted it. If intended, put it into the manifest; otherwise apply reverts it.",
    ("drift",),
)
_RISKY: Final = (
    "A planned change carries this risk. If it is not intended, change the manifest; if it is, have it approved."
)
_NOWHERE: Final = "."
_LONGEST: Final = 600
"""Characters of what becomes of a field."""


def plan_sarif(plan: Plan, subject: Subject) -> str:
    """Return the log; what could not be read is said by the run, because no line is to blame."""
    view = plan_view(plan, subject)
    results = [*_policies(view), *_settings(view), *_findings(view), *_changes(view)]
    notices = [
        f"Could not read {failure.what}: {failure.reason} {failure.remedy}".strip() for failure in plan.read_failures
    ]
    return sarif_json(
        f"reconciler/{subject}/{plan.realm}",
        results,
        notices,
        **{name.casefold(): value for name, value in plan.target.facts.items()},
        risks=plan.risk_counts.text or "none",
        fingerprint=fingerprint_of(plan),
    )


def _policies(view: PlanView) -> Iterator[Result]:
    for stop in view.violations:
        policy, level = stop.rule.policy, Level.ERROR if stop.rule.is_final else Level.WARNING
        rule = Rule(f"policy/{visible(policy)}", level, f"{stop.verdict}: {policy}", stop.words, ("policy",))
        for hit in stop.hits:
            yield Result(
                rule=rule,
                message=f"{where(hit)} {stop.verdict}: {policy} ({stop.rule.place}): {stop.words}",
                place=_place(view.plan, hit.address, hit.path),
                identity=(str(hit.address), hit.path),
                resource=str(hit.address),
            )


def _settings(view: PlanView) -> Iterator[Result]:
    for each in view.settings:
        if each.risk.level in WORTHY:
            yield Result(
                rule=_risk_rule(each.risk),
                message=f"{each.path}: {setting_way(each)}. {each.risk.level} risk: {each.risk.why}",
                place=each.place or Place(_NOWHERE, 0, 0),
                identity=(each.path,),
            )


def _findings(view: PlanView) -> Iterator[Result]:
    for each in view.findings:
        finding = each.finding
        yield Result(
            rule=_finding_rule(finding),
            message=f"{finding.address}: {each.detail} {each.remedy}".strip() + _from(finding.origin),
            place=_place_of_finding(view.plan, finding),
            identity=(str(finding.address), finding.detail),
            resource=str(finding.address),
            properties=_properties(finding.origin),
        )


def _finding_rule(finding: Finding) -> Rule:
    level = _SEVERITY[finding.severity]
    return Rule(f"finding/{finding.code}", level, _title(finding.code), finding.remedy or finding.detail, ("finding",))


def _changes(view: PlanView) -> Iterator[Result]:
    for item in view.every_risk:
        drifts = item.field.is_drift if item.field else item.change.is_drift
        is_drift = view.subject is Subject.DRIFT and item.consequence is None
        # A report of drift is about nothing else: what is missing was deleted, or never applied.
        if is_drift or (drifts and item.risk.level not in WORTHY and item.consequence is None):
            yield _result(view.plan, item, _DRIFT)
        elif item.risk.level in WORTHY:
            yield _result(view.plan, item, _risk_rule(item.risk))


def _risk_rule(risk: Risk) -> Rule:
    return Rule(f"risk/{risk.code}", _RISK[risk.level], _title(risk.code), _RISKY, ("risk",))


def _result(plan: Plan, item: RiskView, rule: Rule) -> Result:
    address, field = item.change.address, item.field
    what = f"{field.name}: {shortened(field.way, _LONGEST)}." if field else f"{item.change.sentence}."
    why = f" {item.risk.level} risk: {item.why}" if item.risk.why else ""
    happened, risk = (field.event, field.event_risk) if field else (item.change.event, item.change.event_risk)
    event = f" What happened: {shortened(happened, _LONGEST)}; {risk.level} risk: {risk.why}" if happened else ""
    by = field.by if field else item.change.by
    who = f" Changed {by}." if by else ""
    return Result(
        rule=rule,
        message=f"{address} {what}{event}{why}{who}{_from(item.origin)}",
        place=_place(plan, address, item.path),
        identity=(str(address), item.risk.code if item.consequence else item.path),
        resource=str(address),
        properties=_properties(item.origin) | ({"event_risk": risk.level.value} if happened else {}),
        level=_RISK[risk.level] if happened else None,
    )


def _from(origin: Origin | None) -> str:
    return f" ({origin_text(origin)})" if origin else ""


def _properties(origin: Origin | None) -> dict[str, str]:
    return {"origin": origin.value} if origin else {}


def _place_of_finding(plan: Plan, finding: Finding) -> Place:
    """Return the line of the organization's field that it is about, where the manifest has one."""
    declared = plan.places.get(finding.address.home, {}).get(finding.path) if finding.path else None
    return declared or _place(plan, finding.address)


def _place(plan: Plan, address: Address, path: str = "") -> Place:
    """Return where a manifest declares it; for what none declares, the nearest file or folder there is."""
    for nearest in (address, address.home):
        places = plan.places.get(nearest, {})
        if found := places.get(path) or places.get(""):
            return found
    folders = {posixpath.dirname(place.file) for places in plan.places.values() for place in places.values()}
    relative = {folder for folder in folders if not posixpath.isabs(folder)}
    return Place((posixpath.commonpath(relative) if relative else "") or _NOWHERE, 0, 0)


def _title(code: str) -> str:
    words = code.replace("-", " ")
    return f"{words[:1].upper()}{words[1:]}"
