"""The example for OPA names what a plan's JSON has, and decides as it says; the latter where ``opa`` is installed."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.change import Change
from reconciler.model.observed import ReadFailure
from reconciler.model.plan import Plan
from reconciler.plan.risk import assessed
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_schema import plan_schema
from tests.builders import a_change, a_field_change, a_plan

POLICIES = Path(__file__).parents[2] / "examples" / "policy"
OPA = shutil.which("opa")

needs_opa = pytest.mark.skipif(OPA is None, reason="opa is not installed")


def a_removal(number: int) -> Change:
    before = tuple(f"p{index}" for index in range(5))
    return assessed(a_change(field_changes=[a_field_change("authorizedPartners", before, before[number:])]))


def personal_data(labels: dict[str, str]) -> Change:
    field = a_field_change("capabilities.allowContactPersonalData", False, True)
    return replace(assessed(a_change(field_changes=[field])), labels=labels)


def keys_of(schema: dict[str, Any]) -> set[str]:
    parts = [schema, *schema["$defs"].values()]
    return {key for part in parts for key in part.get("properties", {})}


def test_it_names_only_what_a_plan_has() -> None:
    text = (POLICIES / "partners.rego").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:input|resource|field|change|risk)\.([a-z_]+)", text))
    assert named
    assert named <= keys_of(plan_schema())


@needs_opa
@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (a_plan(), []),
        (a_plan(a_removal(2)), []),
        (a_plan(a_removal(3)), ["organization/acme: 3 partners are removed at once."]),
        (a_plan(a_removal(5)), ["organization/acme: 5 partners are removed at once."]),
        (a_plan(personal_data({"personal-data": "approved"})), []),
        (
            a_plan(personal_data({})),
            ["organization/acme: Its clients may read contacts' personal data. The label personal-data is missing."],
        ),
        (a_plan(read_failures=[ReadFailure("members of organization/acme", "403")]), ["The plan is not complete."]),
    ],
)
def test_it_denies_what_it_says(plan: Plan, expected: list[str]) -> None:
    command = [str(OPA), "eval", "--stdin-input", "--data", str(POLICIES), "--format", "json", "data.main.deny"]
    answer = subprocess.run(command, input=plan_json(plan), capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout)["result"][0]["expressions"][0]["value"] == expected
