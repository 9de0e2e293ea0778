"""Drift: the part of a plan that somebody else caused, and what it means that they did.

That risk is of the way from what was last applied to what is live, for people who read a report. Policies and guards go
on asking for the risk of what is written.
"""

from dataclasses import replace
from typing import Final

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.registry import kind_of
from reconciler.kinds.risk_rules import BY_HAND, high, medium
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.finding import Code
from reconciler.model.plan import Plan
from reconciler.model.risk import Risk, highest
from reconciler.model.value import switch_of
from reconciler.plan.risk import assessed

_GONE: Final = high("resource-deleted", "It was deleted, with everything that it had.")
_UNMARKED: Final = medium("mark-removed", "Without the ownership mark, the resource is no longer managed.")


def drift_of(plan: Plan) -> Plan:
    """Return the plan with only those changes that put back what somebody changed in Keycloak.

    What ``--exclude`` names is not looked at: of its changes, nobody says which would be drift.
    """
    changes = tuple(_drifted(change) for change in plan.changes if _is_drifted(change))
    return replace(plan, changes=changes, left_out=())


def agreements_left_behind(plan: Plan) -> tuple[Address, ...]:
    """Return the organizations whose agreement is older than the required one."""
    return tuple(f.address for f in plan.findings if f.code in {Code.DPA_DUE, Code.DPA_OUTDATED})


def _is_drifted(change: Change) -> bool:
    # What is declared but missing was deleted, or never applied; what has lost its owner's mark was never ours, or
    # somebody took it away. Nothing in Keycloak tells which, and both are worth an alarm.
    return change.is_drift or change.action in {Action.CREATE, Action.ADOPT}


def _drifted(change: Change) -> Change:
    if change.action in {Action.CREATE, Action.ADOPT}:
        return with_event_risks(change)
    drifted = replace(change, field_changes=tuple(field for field in change.field_changes if field.is_drift))
    return with_event_risks(assessed(drifted))


def with_event_risks(change: Change) -> Change:
    """Return a change that drifted, with what it means that somebody made it, and each of its fields, what is live."""
    kind = kind_of(change.address)
    if change.action is Action.CREATE:
        return replace(change, event_risk=kind.action_risks.get(Action.DELETE, _GONE))
    if change.action is Action.ADOPT:
        return replace(change, event_risk=_UNMARKED)
    fields = tuple(replace(each, event_risk=event_risk(kind, each)) for each in change.field_changes)
    return replace(change, field_changes=fields, event_risk=highest(each.event_risk or BY_HAND for each in fields))


def event_risk(kind: ResourceKind, field: FieldChange) -> Risk:
    """Return what the event of one field means: that what the manifest says became what is live. It is never none."""
    rule = kind.fields.event(field.path) or kind.fields.risk(field.path)
    found = BY_HAND if rule is None else rule(switch_of(field.after), switch_of(field.before))
    return found if found.code else BY_HAND
