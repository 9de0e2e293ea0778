"""Drift: the part of a plan that somebody else caused."""

from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.change import Action, Change
from reconciler.model.finding import Code
from reconciler.model.plan import Plan
from reconciler.plan.event_risk import with_event_risks
from reconciler.plan.risk import assessed


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
