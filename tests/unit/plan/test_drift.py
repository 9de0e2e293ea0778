"""Drift is the part of a plan that somebody else caused."""

import pytest

from reconciler.model.change import Action, Reason
from reconciler.model.finding import FieldStatus, Severity
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.drift import drift_of, with_event_risks
from tests.builders import ACME_CLIENT, a_change, a_field_change, a_finding, a_plan


def test_only_fields_that_somebody_changed_are_drift() -> None:
    fields = [a_field_change(reason.value, reason=reason) for reason in Reason]
    (change,) = drift_of(a_plan(a_change(field_changes=fields))).changes
    assert [field.path for field in change.field_changes] == ["keycloak-changed", "platform-changed", "both-changed"]


def test_a_change_of_the_manifest_alone_is_no_drift() -> None:
    plan = drift_of(a_plan(a_change(field_changes=[a_field_change()])))
    assert plan.changes == ()
    assert verdict_of(plan) is Verdict.IN_SYNC


def test_what_is_declared_but_missing_is_drift() -> None:
    creation = a_change(ACME_CLIENT, Action.CREATE)
    assert drift_of(a_plan(creation)).changes == (with_event_risks(creation),)


def test_an_object_without_our_mark_is_drift_as_a_whole() -> None:
    adoption = a_change(action=Action.ADOPT, field_changes=[a_field_change(reason=Reason.NEVER_APPLIED)])
    assert drift_of(a_plan(adoption)).changes == (with_event_risks(adoption),)


@pytest.mark.parametrize(
    ("severity", "status", "drifted"),
    [
        (Severity.ERROR, FieldStatus.LAGGING, True),
        (Severity.ERROR, FieldStatus.DRIFTED, True),
        (Severity.ERROR, FieldStatus.UNKNOWN, True),
        (Severity.ERROR, FieldStatus.IN_SYNC, False),
        (Severity.WARNING, FieldStatus.DRIFTED, False),
    ],
)
def test_an_error_in_the_effect_is_drift(severity: Severity, status: FieldStatus, drifted: bool) -> None:
    plan = a_plan(findings=[a_finding(severity=severity, status=status)])
    assert verdict_of(plan) is (Verdict.NOT_IN_SYNC if drifted else Verdict.IN_SYNC)
