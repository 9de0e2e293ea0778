"""A plan as reviewers read it: by organization, what matters most first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.kinds.marks import is_mark, is_rule
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.consequence import Consequence
from reconciler.model.finding import Finding, Severity
from reconciler.model.origin import Origin, joined
from reconciler.model.plan import Plan, count
from reconciler.model.risk import NO_RISK, Risk, RiskLevel, highest
from reconciler.model.value import Value
from reconciler.review.labels import NO_DRIFT_SEEN, NOTHING_SEEN, counted, planned_text
from reconciler.review.settings_text import settings_counted, settings_of
from reconciler.review.subject import Subject

_BY_WEIGHT: Final = (Action.DELETE, Action.UPDATE, Action.ADOPT, Action.CREATE, Action.NO_OP)
_NOUNS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
ALARMING: Final = frozenset({Severity.ERROR, Severity.WARNING})
"""The severities that a person acts on."""
WORTHY: Final = frozenset({RiskLevel.HIGH, RiskLevel.MEDIUM})
"""The levels of risk that a reviewer is told before anything else."""


@dataclass(frozen=True, slots=True)
class Group:
    """What happens to one organization, or to the realm."""

    home: Address
    """The organization, or the realm."""
    changes: tuple[Change, ...]
    """In the order in which they are made."""
    findings: tuple[Finding, ...]

    @property
    def risk(self) -> Risk:
        """Return the highest risk of the changes."""
        return highest(change.risk for change in self.changes)

    @property
    def origin(self) -> Origin | None:
        """Return whether it is of this change of the manifests; None where no base tells."""
        return joined(each.origin for each in self.changes or self.findings)

    @property
    def sort_key(self) -> tuple[bool, int, int, int, tuple[int, tuple[str, ...]]]:
        """Return the key that sorts what was there before last, then by risk, findings, what is done, and name."""
        severity = min((list(Severity).index(f.severity) for f in self.findings), default=len(Severity))
        weight = min((_BY_WEIGHT.index(change.action) for change in self.changes), default=len(_BY_WEIGHT))
        is_old = self.origin is Origin.DRIFT_BEFORE
        return is_old, -self.risk.level.rank, severity, weight, self.home.sort_key


@dataclass(frozen=True, slots=True)
class RiskItem:
    """One risk of a plan, and where it comes from; ``path`` is empty where the whole resource is meant."""

    change: Change
    path: str
    risk: Risk
    origin: Origin | None = None
    consequence: Consequence | None = None
    """What a live system does beyond what it is told; None where the change itself is the risk."""

    @property
    def why(self) -> str:
        """Return the sentence for people, with the first names of what it happens to."""
        return self.risk.why if self.consequence is None else self.consequence.text


def groups(plan: Plan) -> tuple[Group, ...]:
    """Return the realm and every organization that has a change or a finding, what matters most first."""
    changes: dict[Address, list[Change]] = {}
    findings: dict[Address, list[Finding]] = {}
    for change in plan.changes:
        changes.setdefault(change.address.home, []).append(change)
    for finding in plan.findings:
        findings.setdefault(finding.address.home, []).append(finding)
    homes = changes.keys() | findings.keys()
    found = (Group(home, tuple(changes.get(home, ())), tuple(findings.get(home, ()))) for home in homes)
    return tuple(sorted(found, key=lambda group: group.sort_key))


def risk_items(plan: Plan, levels: frozenset[RiskLevel] = WORTHY) -> tuple[RiskItem, ...]:
    """Return the risks of these levels, the highest first, and those of this change before others."""
    found = [item for change in plan.changes for item in _risk_items(change) if item.risk.level in levels]
    return tuple(sorted(found, key=lambda item: (-item.risk.level.rank, item.origin is Origin.DRIFT_BEFORE)))


def risk_numbers(plan: Plan) -> Mapping[RiskLevel, int]:
    """Return how many risks of each level a reviewer is told of: of resources, and of settings."""
    levels = [*(each.risk.level for each in risk_items(plan)), *(each.risk.level for each in settings_of(plan))]
    return {level: levels.count(level) for level in RiskLevel}


def _risk_items(change: Change) -> Iterator[RiskItem]:
    if change.own_risk != NO_RISK or not (change.field_changes or change.consequences):
        yield RiskItem(change, "", change.own_risk, change.origin)
    for each in change.consequences:
        yield RiskItem(change, "", each.risk, change.origin, each)
    for field in change.field_changes:
        yield RiskItem(change, field.path, field.risk, field.origin)


def headline(plan: Plan, subject: Subject) -> str:
    """Return the verdict in one line, as a terminal shows it; what becomes of settings is part of it."""
    return " ".join(filter(None, (_verdict(plan, subject), settings_counted(plan))))


def _verdict(plan: Plan, subject: Subject) -> str:
    match subject:
        case Subject.DRIFT if plan.changes:
            fields = sum(len(change.field_changes) for change in plan.changes)
            return f"Drift: {counted(fields, 'field')} of {counted(len(plan.changes), 'resource')}."
        case Subject.DRIFT:
            return "No drift." if plan.complete else NO_DRIFT_SEEN
        case Subject.DIFF if plan.changes:
            counts = count(plan.changes)
            return f"Diff: {planned_text(counts)}."
        case _ if plan.is_empty:
            return "No changes." if plan.complete else NOTHING_SEEN
        case _:
            counts = plan.counts
            return f"Plan: {planned_text(counts)}."


def shown_fields(change: Change) -> tuple[tuple[FieldChange, ...], int]:
    """Return the fields that a reviewer wants to see, and how many the reconciler's own rules add.

    What is created or deleted has many fields that nobody wrote; where they are put back, each is worth a line.
    """
    if change.action not in {Action.CREATE, Action.DELETE}:
        return change.field_changes, 0
    shown = tuple(field for field in change.field_changes if not (is_rule(field.path) or is_mark(field.path)))
    return shown, len(change.field_changes) - len(shown)


def set_difference(before: Value, after: Value) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Return what a set loses, and what it gains."""
    old, new = _items(before), _items(after)
    kept = set(map(str, old)) & set(map(str, new))
    return tuple(i for i in old if str(i) not in kept), tuple(i for i in new if str(i) not in kept)


def _items(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def severities(findings: Iterable[Finding]) -> str:
    """Return ``1 error, 2 warnings``; empty where there is nothing."""
    numbers = dict.fromkeys(_NOUNS, 0)
    for finding in findings:
        numbers[finding.severity] += 1
    return ", ".join(counted(number, _NOUNS[severity]) for severity, number in numbers.items() if number)


def short_revision(plan: Plan) -> str:
    """Return the commit as people quote it, and whether files differ from it; empty where it is not known."""
    commit, space, rest = plan.revision.partition(" ")
    return f"{commit[:12]}{space}{rest}"
