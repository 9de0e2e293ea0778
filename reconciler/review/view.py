"""A plan as every review shows it: order, risks, counts and verdict, resolved once. Formats only lay it out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.finding import Finding, Severity
from reconciler.model.origin import Origin, SettingChange, joined
from reconciler.model.plan import Coverage, Plan, ReadMode, count
from reconciler.model.risk import NO_RISK, Consequence, Risk, RiskLevel, highest
from reconciler.model.verdict import Verdict, is_alarming, verdict_of
from reconciler.review.change_view import ChangeView, FieldView, change_view
from reconciler.review.labels import NO_VERDICT, WORTHY, counted, grouped, planned_text, visible
from reconciler.review.plan_json import fingerprint_of
from reconciler.review.policy_text import Violation, stopped, violations
from reconciler.review.settings_text import settings_counted, settings_of
from reconciler.review.since_text import origin_text, since_notes, since_text
from reconciler.review.subject import Subject

_BY_WEIGHT: Final = (Action.DELETE, Action.UPDATE, Action.ADOPT, Action.CREATE, Action.NO_OP)
_NOUNS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SHORT: Final = 12
_NOBODY: Final = "none"
ALARMING: Final = frozenset({Severity.ERROR, Severity.WARNING})
"""The severities that a person acts on."""


@dataclass(frozen=True, slots=True)
class FindingView:
    """What a person should know about a resource; all texts are harmless to a terminal."""

    finding: Finding
    detail: str
    remedy: str
    about: str
    """Its code, its status, the field that it is about, and where it comes from."""

    @property
    def address(self) -> Address:
        """Return the resource."""
        return self.finding.address

    @property
    def severity(self) -> Severity:
        """Return how much it matters."""
        return self.finding.severity

    @property
    def word(self) -> str:
        """Return ``Error``, ``Warning`` or ``Note``."""
        return _NOUNS[self.severity].capitalize()


@dataclass(frozen=True, slots=True)
class GroupView:
    """What happens to one organization, or to the realm."""

    home: Address
    """The organization, or the realm."""
    changes: tuple[ChangeView, ...]
    """In the order in which they are made."""
    findings: tuple[FindingView, ...]

    @property
    def risk(self) -> Risk:
        """Return the highest risk of the changes."""
        return highest(change.risk for change in self.changes)

    @property
    def event_risk(self) -> Risk:
        """Return the highest of what happened; none where no drift is reported."""
        return highest(change.event_risk for change in self.changes)

    @property
    def destroys(self) -> bool:
        """Tell whether something is destroyed."""
        return any(change.action is Action.DELETE or change.deletes_accounts for change in self.changes)

    @property
    def origin(self) -> Origin | None:
        """Return whether it is of this change of the manifests; None where no base tells."""
        return joined([each.origin for each in self.changes] or [each.finding.origin for each in self.findings])

    @property
    def sort_key(self) -> tuple[bool, bool, int, int, int, int, tuple[int, tuple[str, ...]]]:
        """Return the key that sorts what destroys first, then by origin, event, risk, findings, action and name."""
        severity = min((list(Severity).index(f.severity) for f in self.findings), default=len(Severity))
        weight = min((_BY_WEIGHT.index(change.action) for change in self.changes), default=len(_BY_WEIGHT))
        is_old = self.origin is Origin.DRIFT_BEFORE
        event, risk = self.event_risk.level.rank, self.risk.level.rank
        return not self.destroys, is_old, -event, -risk, severity, weight, self.home.sort_key


@dataclass(frozen=True, slots=True)
class RiskView:
    """One risk of a plan, and where it comes from."""

    change: ChangeView
    field: FieldView | None
    """The field that it is about; None for the whole resource."""
    risk: Risk
    origin: Origin | None
    consequence: Consequence | None = None
    """What a live system does beyond what it is told; None where the change itself is the risk."""

    @property
    def path(self) -> str:
        """Return the field, to find things by; empty for the whole resource."""
        return self.field.path if self.field else ""

    @property
    def name(self) -> str:
        """Return the field as it is shown; empty for the whole resource."""
        return self.field.name if self.field else ""

    @property
    def why(self) -> str:
        """Return the sentence for people, with the first names of what it happens to."""
        return self.risk.why if self.consequence is None else self.consequence.text


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to a resource, or to one of its fields."""

    change: ChangeView
    field: FieldView | None
    text: str
    risk: Risk

    @property
    def by(self) -> str:
        """Return who did it, where that is known."""
        return self.field.by if self.field else self.change.by


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything that a review shows, resolved; what is only a fact of the plan stays there."""

    plan: Plan
    subject: Subject
    state: Verdict
    conclusion: str
    """The same in a sentence."""
    verdict: str
    """The same in one line; what becomes of settings is part of it."""
    changes: tuple[ChangeView, ...]
    """In the order in which they are made."""
    groups: tuple[GroupView, ...]
    """The realm and every organization that has a change or a finding, what matters most first."""
    findings: tuple[FindingView, ...]
    every_risk: tuple[RiskView, ...]
    """The highest first, and those of this change before others; what has none is there, too."""
    events: tuple[EventView, ...]
    """What happened, the highest risk first; only in a report of drift."""
    settings: tuple[SettingChange, ...]
    violations: tuple[Violation, ...]
    stopped: str
    """What policies mean for the plan as a whole; empty where none stops it."""
    since: str
    """The base, and what is of this change; empty where no base was named."""
    notes: tuple[str, ...]
    """What else is to be said of the base."""
    rests_on: tuple[str, ...]
    """What a report of drift rests on."""

    @property
    def risks(self) -> tuple[RiskView, ...]:
        """Return the risks that a reviewer looks at first."""
        return tuple(item for item in self.every_risk if item.risk.level in WORTHY)

    @property
    def risk_numbers(self) -> Mapping[RiskLevel, int]:
        """Return how many risks of each level a reviewer is told of: of resources, and of settings."""
        counts = self.plan.risk_counts
        return {RiskLevel.HIGH: counts.high, RiskLevel.MEDIUM: counts.medium}

    @property
    def event_numbers(self) -> Mapping[RiskLevel, int]:
        """Return how many events of each level there were that a reviewer is told of."""
        levels = [each.risk.level for each in self.events]
        return {level: levels.count(level) for level in (RiskLevel.HIGH, RiskLevel.MEDIUM)}

    @property
    def fingerprint(self) -> str:
        """Return the beginning of the document's fingerprint, as people quote it."""
        return fingerprint_of(self.plan)[:_SHORT]

    @property
    def leave(self) -> str:
        """Return what apply must be given to carry it out, as a sentence; empty where it destroys nothing."""
        number = self.plan.counts.destroyed if self.subject is Subject.PLAN else 0
        return f"Apply needs --allow-delete: {number} to destroy." if number else ""

    @property
    def blocked(self) -> int:
        """Count what cannot be written now."""
        return sum(bool(change.blocked) for change in self.changes)


# docs/decisions.md, 149: why a review is resolved once, and what is left to a format.
def plan_view(plan: Plan, subject: Subject = Subject.PLAN) -> PlanView:
    """Resolve everything that a review of the plan shows."""
    changes = tuple(change_view(change, plan) for change in plan.changes)
    findings = tuple(map(_finding, plan.findings))
    found = [item for change in changes for item in _risks(change)]
    state = verdict_of(plan, is_diff=subject is Subject.DIFF)
    conclusion = _conclusion(plan, subject, state, findings)
    return PlanView(
        plan=plan,
        subject=subject,
        state=state,
        conclusion=conclusion,
        verdict=" ".join(filter(None, (conclusion, settings_counted(plan)))),
        changes=changes,
        groups=_groups(changes, findings),
        findings=findings,
        every_risk=tuple(sorted(found, key=_worst_first)),
        events=tuple(sorted(_events(changes), key=lambda each: -each.risk.level.rank)),
        settings=settings_of(plan),
        violations=violations(plan.policy_hits),
        stopped=stopped(plan),
        since=visible(since_text(plan)),
        notes=tuple(map(visible, since_notes(plan.base))) if plan.base else (),
        rests_on=tuple(_rests_on(plan.coverage)) if plan.coverage else (),
    )


def _finding(finding: Finding) -> FindingView:
    about = (finding.code, str(finding.status), visible(finding.path), origin_text(finding.origin))
    return FindingView(finding, visible(finding.detail), visible(finding.remedy), ", ".join(filter(None, about)))


def _groups(changes: Iterable[ChangeView], findings: Iterable[FindingView]) -> tuple[GroupView, ...]:
    changed = grouped(changes, lambda change: change.address.home)
    found = grouped(findings, lambda finding: finding.address.home)
    homes = dict.fromkeys((*changed, *found))
    groups = (GroupView(home, tuple(changed.get(home, ())), tuple(found.get(home, ()))) for home in homes)
    return tuple(sorted(groups, key=lambda group: group.sort_key))


def _risks(change: ChangeView) -> Iterator[RiskView]:
    if change.own_risk != NO_RISK or not (change.fields or change.consequences):
        yield RiskView(change, None, change.own_risk, change.origin)
    for each in change.consequences:
        yield RiskView(change, None, each.risk, change.origin, each)
    for field in change.fields:
        yield RiskView(change, field, field.risk, field.origin)


def _worst_first(item: RiskView) -> tuple[object, ...]:
    """Return the key that sorts by severity, what is of this change first, then destroys; what is equal is together."""
    is_destroy = item.change.action is Action.DELETE
    return -item.risk.level.rank, item.origin is Origin.DRIFT_BEFORE, not is_destroy, item.risk.code, item.why


def _events(changes: Iterable[ChangeView]) -> Iterator[EventView]:
    for change in changes:
        if change.event:
            yield EventView(change, None, change.event, change.event_risk)
        else:
            yield from (EventView(change, each, each.event, each.event_risk) for each in change.fields if each.event)


def _conclusion(plan: Plan, subject: Subject, verdict: Verdict, findings: Iterable[FindingView]) -> str:
    but = ", but not everything could be read" if verdict is Verdict.INCOMPLETE else ""
    if plan.changes:
        match subject:
            case Subject.DRIFT:
                fields = sum(len(change.field_changes) for change in plan.changes)
                return f"Drift: {counted(fields, 'field')} of {counted(len(plan.changes), 'resource')}{but}."
            case Subject.DIFF:
                return f"Diff: {planned_text(count(plan.changes))}."
            case _:
                return f"Plan: {planned_text(plan.counts)}{but}."
    if verdict is Verdict.INCOMPLETE:
        return NO_VERDICT
    none, some = ("No drift", "Drift: nothing to revert") if subject is Subject.DRIFT else ("No changes", "No changes")
    if verdict is Verdict.NOT_IN_SYNC:
        return f"{some}, but {severities(each for each in findings if is_alarming(each.finding))}."
    return f"{none}."


def _rests_on(coverage: Coverage) -> Iterator[str]:
    """Yield what the report rests on."""
    requests = counted(coverage.requests, "request")
    if coverage.reading is ReadMode.FULL:
        yield f"Read everything, in {requests}: {visible(coverage.why)}."
    else:
        yield (
            f"Read what may have changed, in {requests}: {counted(coverage.events, 'admin event')} since the last run, "
            f"{counted(coverage.read_again, 'object')} read again; everything was last read "
            f"{coverage.last_full:%Y-%m-%d %H:%M} UTC."
        )
    yield (
        "/v1/me was not asked."
        if coverage.effective == _NOBODY
        else f"/v1/me was asked for {coverage.asked} of {counted(coverage.clients, 'client')} ({coverage.effective})."
    )
    if coverage.unattributed:
        yield f"Who changed it is not known: {visible(coverage.unattributed)}."


def severities(findings: Iterable[FindingView]) -> str:
    """Return ``1 error, 2 warnings``; empty where there is nothing."""
    found = [each.severity for each in findings]
    numbers = {noun: found.count(severity) for severity, noun in _NOUNS.items()}
    return ", ".join(counted(number, noun) for noun, number in numbers.items() if number)


def short_revision(plan: Plan) -> str:
    """Return the commit as people quote it, and whether files differ from it; empty where it is not known."""
    commit, space, rest = plan.revision.partition(" ")
    return f"{commit[:_SHORT]}{space}{rest}"
