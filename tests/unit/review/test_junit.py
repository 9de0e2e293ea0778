"""A plan as test results."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from reconciler.model.change import Reason
from reconciler.model.errors import Problem
from reconciler.model.finding import Severity
from reconciler.model.plan import Plan
from reconciler.review.plan_junit import plan_junit
from reconciler.review.subject import Subject
from reconciler.review.validation import problems_junit, valid_junit
from tests.builders import (
    ACME,
    a_change,
    a_client,
    a_field_change,
    a_finding,
    a_plan,
    a_realm,
    an_organization,
    desired,
)
from tests.unit.review.showcase import HOSTILE, a_review, hostile, many

SHAPE = xmlschema.XMLSchema(str(Path(__file__).with_name("junit.xsd")))
PROBLEM = Problem("a.yaml", 3, 5, "spec.displayName", "It is missing.", "Write it.")


def cases(plan: Plan, subject: Subject = Subject.PLAN) -> dict[str, ET.Element]:
    root = ET.fromstring(plan_junit(plan, subject).encode())
    return {str(case.get("name")): case for case in root.iter("testcase")}


@pytest.mark.parametrize("plan", [a_plan(), a_review(), many(10), *map(hostile, HOSTILE)], ids=range(len(HOSTILE) + 3))
def test_it_has_the_shape_that_readers_of_junit_know(plan: Plan) -> None:
    SHAPE.validate(plan_junit(plan, Subject.PLAN))


def test_the_outcome_of_validation_has_that_shape_too() -> None:
    SHAPE.validate(problems_junit([PROBLEM, Problem("b.yaml", 0, 0, "", "It is \x00.", "")]))
    SHAPE.validate(valid_junit(desired(an_organization(), realm=a_realm())))


def test_every_resource_is_a_case_and_what_is_as_declared_passes() -> None:
    found = cases(a_plan(a_change(field_changes=[a_field_change()]), unchanged=[ACME.client("acme", "x")]))
    assert set(found) == {"organization/acme", "client/acme/x"}
    assert found["organization/acme"].find("failure") is not None
    assert not list(found["client/acme/x"])


def test_a_failure_says_what_would_be_done_where_it_is_declared_and_what_it_risks() -> None:
    failure = cases(a_review())["organization/acme"].find("failure")
    assert failure is not None
    assert failure.get("message") == "will be updated in-place: 4 fields"
    assert "declared at organizations/acme.yaml:4:3" in (failure.text or "")
    assert "high risk: Calls for 1 partner are refused (403)." in (failure.text or "")


def test_drift_is_told_from_changes_of_the_manifest() -> None:
    drifted = a_change(field_changes=[a_field_change(reason=Reason.KEYCLOAK_CHANGED)])
    kinds = [
        found.get("type")
        for change in (drifted, a_change(field_changes=[a_field_change()]))
        if (found := cases(a_plan(change))["organization/acme"].find("failure")) is not None
    ]
    assert kinds == ["drift", "update"]


@pytest.mark.parametrize(("severity", "fails"), [(Severity.ERROR, 1), (Severity.WARNING, 0), (Severity.INFO, 0)])
def test_a_finding_is_a_failure_where_the_verdict_says_so(severity: Severity, fails: int) -> None:
    case = cases(a_plan(findings=[a_finding(severity=severity)]))["organization/acme"]
    assert len(case.findall("failure")) == fails
    assert "Something differs." in ET.tostring(case, encoding="unicode")


def test_what_could_not_be_read_is_an_error_and_not_a_failure() -> None:
    case = cases(a_review())["members of zeta"]
    assert [(each.tag, each.get("type")) for each in case] == [("error", "forbidden")]


def test_the_numbers_add_up() -> None:
    root = ET.fromstring(plan_junit(a_review(), Subject.PLAN).encode())
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        counted = len(list(root.iter(tag)))
        assert int(root.get(name, "-1")) == counted == sum(int(suite.get(name, "-1")) for suite in root)


def test_each_problem_of_a_manifest_is_a_failure_of_its_file() -> None:
    root = ET.fromstring(problems_junit([PROBLEM]).encode())
    suite = root[0]
    assert (suite.get("name"), suite[0].get("name")) == ("a.yaml", "3:5 spec.displayName")
    assert suite[0][0].text == "a.yaml:3:5: It is missing.\nWrite it."


def test_valid_manifests_are_cases_that_pass() -> None:
    clients = (a_client("api-client-a"), a_client("api-client-b"))
    root = ET.fromstring(valid_junit(desired(an_organization(clients=clients), realm=a_realm())).encode())
    assert (root.get("tests"), root.get("failures")) == ("4", "0")
