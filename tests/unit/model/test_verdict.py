"""One value says what a plan comes to; texts, documents and exit codes follow from it."""

import json
from dataclasses import replace

import click
import pytest

from reconciler.model.address import Address
from reconciler.model.drift_report import DriftState
from reconciler.model.errors import ExitCode
from reconciler.model.finding import Code, FieldStatus, Severity
from reconciler.model.observed import ReadFailure
from reconciler.model.plan import Plan
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text
from reconciler.review.subject import Subject
from reconciler.review.view import plan_view
from tests.builders import a_change, a_field_change, a_finding, a_plan

FAILURE = ReadFailure("its members", "403 Forbidden.")
CHANGE = a_change(field_changes=[a_field_change()])

EXCLUDED = (Address.organization("acme"),)

CASES = [
    (a_plan(), Verdict.IN_SYNC, 0, "No changes.", "No drift."),
    (a_plan(CHANGE), Verdict.CHANGES, 2, "Plan: 0 to add, 1 to change, 0 to destroy.", "Drift: 1 field of 1 resource."),
    (
        a_plan(findings=[a_finding()]),
        Verdict.NOT_IN_SYNC, 2, "No changes, but 1 error.", "Drift: nothing to revert, but 1 error.",
    ),
    (
        a_plan(findings=[a_finding(code=Code.UNMANAGED_MEMBER, severity=Severity.WARNING, status=FieldStatus.DRIFTED)]),
        Verdict.NOT_IN_SYNC, 2, "No changes, but 1 warning.", "Drift: nothing to revert, but 1 warning.",
    ),
    (
        a_plan(findings=[a_finding(severity=Severity.WARNING, status=FieldStatus.UNKNOWN)]),
        Verdict.IN_SYNC, 0, "No changes.", "No drift.",
    ),
    (
        replace(a_plan(), excluded=EXCLUDED), Verdict.IN_SYNC, 0,
        "No changes outside of what --exclude leaves out.", "No drift outside of what --exclude leaves out.",
    ),
    (
        replace(a_plan(), excluded=EXCLUDED, left_out=EXCLUDED), Verdict.CHANGES, 2,
        "No changes outside of what --exclude leaves out.", "No drift outside of what --exclude leaves out.",
    ),
    (
        replace(a_plan(findings=[a_finding()]), excluded=EXCLUDED), Verdict.NOT_IN_SYNC, 2,
        "No changes outside of what --exclude leaves out, but 1 error.",
        "Drift: nothing to revert outside of what --exclude leaves out, but 1 error.",
    ),
    (
        replace(a_plan(), destroys=True), Verdict.IN_SYNC, 0,
        "No changes. Nothing is left to destroy.", "No drift. Nothing is left to destroy.",
    ),
    (
        replace(a_plan(), excluded=EXCLUDED, destroys=True), Verdict.IN_SYNC, 0,
        "No changes outside of what --exclude leaves out.", "No drift outside of what --exclude leaves out.",
    ),
    (
        a_plan(read_failures=[FAILURE]),
        Verdict.INCOMPLETE, 1, "No verdict: not everything could be read.", "No verdict: not everything could be read.",
    ),
    (
        a_plan(CHANGE, read_failures=[FAILURE]),
        Verdict.INCOMPLETE, 1,
        "Plan: 0 to add, 1 to change, 0 to destroy, but not everything could be read.",
        "Drift: 1 field of 1 resource, but not everything could be read.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "verdict", "code", "said", "of_drift"), CASES)
def test_text_document_and_exit_code_follow_from_one_value(
    plan: Plan, verdict: Verdict, code: int, said: str, of_drift: str
) -> None:
    assert verdict_of(plan) is verdict
    assert verdict.exit_code(ExitCode.CHANGES) == code
    for subject, sentence in ((Subject.PLAN, said), (Subject.DRIFT, of_drift)):
        assert plan_view(plan, subject).conclusion == sentence
        assert sentence in click.unstyle(plan_text(plan, subject))
    assert json.loads(plan_json(plan))["verdict"] == verdict.value
    assert (DriftState.of(verdict) is DriftState.IN_SYNC) == (code == 0)


@pytest.mark.parametrize(("plan", "verdict", "code", "said", "of_drift"), CASES)
def test_no_text_says_that_all_is_well_where_the_exit_code_says_otherwise(
    plan: Plan, verdict: Verdict, code: int, said: str, of_drift: str
) -> None:
    text = click.unstyle(plan_text(plan))
    is_of_all_declared = not (plan.excluded or plan.destroys)
    assert ("match" in text) == (code == 0 and is_of_all_declared)


def test_without_detailed_exit_codes_a_difference_is_no_failure() -> None:
    assert [each.exit_code(ExitCode.DONE) for each in Verdict] == [1, 6, 0, 0, 0]


def test_what_a_diff_cannot_compare_is_no_reason_to_fail() -> None:
    assert verdict_of(a_plan(read_failures=[FAILURE]), is_diff=True) is Verdict.IN_SYNC
