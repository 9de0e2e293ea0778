"""Tell what this change of the manifests does from what differed before it.

Two plans of one observation are laid side by side: of the manifests as they are, and of the base's. A difference that
both plans put right in the same way was there before; one that only the first has is of this change.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from reconciler.model.address import Address
from reconciler.model.change import Change, FieldChange
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Finding
from reconciler.model.manifest import DesiredState
from reconciler.model.origin import Base, Origin, Resolved, SettingChange, joined
from reconciler.model.plan import Plan
from reconciler.model.policy import PlacedPolicy
from reconciler.plan.settings_changes import changed_ends, ignored_changes


@dataclass(frozen=True, slots=True)
class Before:
    """What the manifests of the base declare. Where ``absent_is_known`` is False, more may stand in what is invalid.

    ``policies`` are those of its ``reconciler.yaml``, and ``environment`` is the one that is meant there; None where
    the base does not have it. ``expected`` is what its settings say of how plans are made; without it, they say what
    they say now. ``owner`` is the name that its settings give the reconciler; empty where it is the same, as where an
    option or a variable gives it.
    """

    desired: DesiredState
    base: Base
    absent_is_known: bool = True
    policies: tuple[PlacedPolicy, ...] = ()
    environment: str | None = None
    expected: Expectations | None = None
    owner: str = ""


def since(plan: Plan, desired: DesiredState, before: Plan, known: Before) -> Plan:
    """Return the plan with an origin on each of its changes, fields and findings.

    ``desired`` is what it is made for, ``before`` what would be planned for the manifests of the base. What is invalid
    there gets no origin.
    """
    base = known.base
    former = {change.address: change for change in before.changes}
    seen = {change.address for change in before.changes} | set(before.unchanged)

    def is_known(address: Address) -> bool:
        return address.home not in base.unknown and (known.absent_is_known or address.home in seen)

    changes = tuple(_change(change, former.get(change.address), is_known) for change in plan.changes)
    return replace(
        plan,
        changes=changes,
        findings=tuple(_finding(finding, before, is_known) for finding in plan.findings),
        base=replace(base, resolved=tuple(_resolved(plan, before, is_known)), settings=_settings(desired, known)),
    )


def _settings(desired: DesiredState, known: Before) -> tuple[SettingChange, ...]:
    found = (
        *known.base.settings,
        *ignored_changes(known.desired, desired, known.base.unknown),
        *changed_ends(known.desired, desired, known.base.unknown),
    )
    return tuple(sorted(found, key=lambda each: -each.risk.level.rank))


def _change(change: Change, former: Change | None, is_known: Callable[[Address], bool]) -> Change:
    if not is_known(change.address):
        return change
    fields = tuple(_field(field, former) for field in change.field_changes)
    is_new = former is None or (fields and former.action is not change.action)
    origin = joined([*(field.origin for field in fields), *([Origin.THIS_CHANGE] if is_new else [])])
    return replace(change, field_changes=fields, origin=origin or Origin.DRIFT_BEFORE)


def _field(field: FieldChange, former: Change | None) -> FieldChange:
    known = [each for each in former.field_changes if _overlap(each.path, field.path)] if former else []
    if not known:
        return replace(field, origin=Origin.THIS_CHANGE)
    if any((each.path, each.before, each.after) == (field.path, field.before, field.after) for each in known):
        return replace(field, origin=Origin.DRIFT_BEFORE)
    same = next((each for each in known if each.path == field.path), None)
    return replace(field, origin=Origin.BOTH, at_base=same.after if same else None)


def _overlap(one: str, other: str) -> bool:
    """Tell whether one field is the other, or within it: an object that is there on one side only is one value."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _finding(finding: Finding, before: Plan, is_known: Callable[[Address], bool]) -> Finding:
    if not is_known(finding.address):
        return finding
    return replace(finding, origin=Origin.DRIFT_BEFORE if finding in before.findings else Origin.THIS_CHANGE)


def _resolved(plan: Plan, before: Plan, is_known: Callable[[Address], bool]) -> Iterator[Resolved]:
    """Yield what would differ for the base's manifests, and does not for these."""
    changes = {change.address: change for change in plan.changes}
    unchanged = set(plan.unchanged)
    for former in before.changes:
        if not is_known(former.address):
            continue
        change = changes.get(former.address)
        if change is not None:
            yield from (
                Resolved(former.address, field.path)
                for field in former.field_changes
                if not any(_overlap(each.path, field.path) for each in change.field_changes)
            )
        elif former.address in unchanged:
            yield Resolved(former.address)
