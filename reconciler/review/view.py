"""A plan as every review shows it: order, risks, counts and verdict, resolved once. Formats only lay it out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.change import Action
from reconciler.model.finding import Finding, Severity
from reconciler.model.origin import SettingChange
from reconciler.model.plan import Coverage, Plan, ReadMode, count
from reconciler.model.risk import RiskLevel
from reconciler.model.text import counted, visible
from reconciler.model.verdict import Verdict, is_alarming, verdict_of
from reconciler.review.alike import alike
from reconciler.review.change_view import ChangeView, change_view
from reconciler.review.group_view import BlockView, FindingView, GroupView, blocks_of, groups_of, parts_of
from reconciler.review.labels import NO_VERDICT, WORTHY, planned_text
from reconciler.review.plan_json import fingerprint_of
from reconciler.review.policy_text import Violation, stopped, violations
from reconciler.review.risk_view import EventView, RiskView, RowView, events_of, risks_of, rows_of
from reconciler.review.settings_text import settings_counted, settings_of
from reconciler.review.since_text import origin_text, since_notes, since_text
from reconciler.review.subject import Subject
from reconciler.review.summary import FEW, SummaryView, severities, summary_of

_SHORT: Final = 12
_NOBODY: Final = "none"
ALARMING: Final = frozenset({Severity.ERROR, Severity.WARNING})
"""The severities that a person acts on."""


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
    blocks: tuple[BlockView, ...]
    """The same, with what is the same in many organizations once."""
    groups: tuple[GroupView, ...]
    """The realm and every organization that has a change or a finding, what matters most first."""
    parts: tuple[GroupView, ...]
    """The same without what is the same in many organizations, which is a group of its own."""
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
    def risk_rows(self) -> tuple[RowView[RiskView], ...]:
        """Return the same for a table: what is equal is one row."""
        return rows_of(self.risks)

    @property
    def event_rows(self) -> tuple[RowView[EventView], ...]:
        """Return what happened for a table: what is equal is one row."""
        return rows_of(self.events)

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
    def summary(self) -> SummaryView:
        """Return what happens to whom, on one screen."""
        return summary_of(self.plan, self.groups, self.events)

    @property
    def is_long(self) -> bool:
        """Tell whether a summary stands before the changes."""
        return len(self.changes) > FEW

    @property
    def fingerprint(self) -> str:
        """Return the beginning of the document's fingerprint, as people quote it."""
        return fingerprint_of(self.plan)[:_SHORT]

    @property
    def limits(self) -> tuple[str, ...]:
        """Return what the plan is restricted to, a sentence each."""
        plan, most = self.plan, 20
        only, but = (
            ", ".join(map(str, each[:most])) + (f" and {len(each) - most} more" if len(each) > most else "")
            for each in (plan.targets, plan.excluded)
        )
        waiting = f" ({counted(len(plan.left_out), 'change')}, with what needs it)" if plan.left_out else ""
        return (
            *(["Planned as if no manifest declared it (--destroy)."] if plan.destroys else ()),
            *([f"Only the resources of --target were {self._looked_at}: {only}."] if only else ()),
            *([f"Not the whole: --exclude leaves out {but}{waiting}."] if but else ()),
        )

    @property
    def _looked_at(self) -> str:
        return "compared" if self.subject is Subject.DIFF else "planned"

    @property
    def leave(self) -> str:
        """Return what apply must be given to carry it out, as a sentence; empty where it destroys nothing."""
        number = self.plan.counts.destroyed if self.subject is Subject.PLAN else 0
        return f"Apply needs --allow-delete: {number} to destroy." if number else ""

    @property
    def blocked(self) -> int:
        """Count what is blocked."""
        return sum(bool(change.blocked) for change in self.changes)


# docs/decisions.md, 149: why a review is resolved once, and what is left to a format.
def plan_view(plan: Plan, subject: Subject = Subject.PLAN) -> PlanView:
    """Resolve everything that a review of the plan shows."""
    changes = tuple(change_view(change, plan) for change in plan.changes)
    findings = tuple(map(_finding, plan.findings))
    blocks, groups = blocks_of(changes, alike(plan)), groups_of(changes, findings)
    state = verdict_of(plan, is_diff=subject is Subject.DIFF)
    conclusion = _conclusion(plan, subject, state, findings)
    return PlanView(
        plan=plan,
        subject=subject,
        state=state,
        conclusion=conclusion,
        verdict=" ".join(filter(None, (conclusion, settings_counted(plan)))),
        changes=changes,
        blocks=blocks,
        groups=groups,
        parts=parts_of(groups, blocks),
        findings=findings,
        every_risk=risks_of(changes),
        events=events_of(changes),
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


def _conclusion(plan: Plan, subject: Subject, verdict: Verdict, findings: Iterable[FindingView]) -> str:
    but = ", but not everything could be read" if verdict is Verdict.INCOMPLETE else ""
    if plan.changes:
        match subject:
            case Subject.DRIFT:
                there = [change for change in plan.changes if change.action is not Action.CREATE]
                fields, missing = sum(len(change.field_changes) for change in there), len(plan.changes) - len(there)
                differing = f"{counted(fields, 'field')} of {counted(len(there), 'resource')}" if there else ""
                absent = f"{counted(missing, 'resource')} missing" if missing else ""
                return f"Drift: {', '.join(filter(None, (differing, absent)))}{but}."
            case Subject.DIFF:
                return f"Diff: {planned_text(count(plan.changes))}."
            case _:
                return f"Plan: {planned_text(plan.counts)}{but}."
    if verdict is Verdict.INCOMPLETE:
        return NO_VERDICT
    none, some = ("No drift", "Drift: nothing to revert") if subject is Subject.DRIFT else ("No changes", "No changes")
    outside = " outside of what --exclude leaves out" if plan.excluded else ""
    if plan.expired:
        return "No grant has ended that is still live. Nothing else was compared (--expired)."
    if verdict is Verdict.NOT_IN_SYNC:
        return f"{some}{outside}, but {severities(each for each in findings if is_alarming(each.finding))}."
    gone = " Nothing is left to destroy." if plan.destroys and not outside else ""
    return f"{none}{outside}.{gone}"


def _rests_on(coverage: Coverage) -> Iterator[str]:
    """Yield what the report rests on."""
    requests = counted(coverage.requests, "request")
    if coverage.reading is ReadMode.FULL:
        yield f"Full read, in {requests}: {visible(coverage.why)}."
    else:
        yield (
            f"Incremental read, in {requests}: {counted(coverage.events, 'admin event')} since the last run, "
            f"{counted(coverage.read_again, 'object')} read again; everything was last read "
            f"{coverage.last_full:%Y-%m-%d %H:%M} UTC."
        )
    yield (
        "/v1/me was not called."
        if coverage.effective == _NOBODY
        else f"/v1/me was called for {coverage.asked} of {counted(coverage.clients, 'client')} ({coverage.effective})."
    )
    if coverage.unattributed:
        yield f"Author unknown: {visible(coverage.unattributed)}."


def short_revision(plan: Plan) -> str:
    """Return the commit as people quote it, and whether files differ from it; empty where it is not known."""
    commit, space, rest = plan.revision.partition(" ")
    return f"{commit[:_SHORT]}{space}{rest}"
