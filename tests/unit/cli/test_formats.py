"""Every format comes from one saved plan, without any server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.cli.reviewing import chosen
from reconciler.cli.show import show
from reconciler.cli.validate import validate
from reconciler.kinds.marks import marked
from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.errors import ExitCode
from reconciler.model.value import Fields
from reconciler.review.formats import Comment, Format, render
from reconciler.review.plan_json import plan_json
from reconciler.review.subject import Subject
from tests.builders import ACME, OWNER, a_change, a_derived_plan, a_finding, a_uuid
from tests.unit.review.showcase import a_review

LIVE: Fields = {"displayName": "Acme", "authorizedPartners": (str(a_uuid("a")), str(a_uuid("b")))}
BEFORE, AFTER = (marked({**LIVE, "displayName": n}, OWNER, ACME, protected=False) for n in ("Acme", "Acme Motors"))
BETA = Address.organization("beta")
A_PLAN = a_derived_plan(
    a_change(before=BEFORE, after=AFTER),
    a_change(BETA, Action.CREATE, after=marked(LIVE, OWNER, BETA, protected=False)),
    findings=(a_finding(),),
)

VALID = """
apiVersion: reconciler/v1
kind: IntegrationOrganization
metadata: {name: acme}
spec:
  displayName: Acme
  organizationUuid: 0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01
"""


@pytest.fixture
def planfile(tmp_path: Path) -> Path:
    path = tmp_path / "acme.plan"
    path.write_text(plan_json(A_PLAN), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", [form for form in Format if form is not Format.TEXT])
def test_a_saved_plan_gives_the_very_review_that_plan_gave(planfile: Path, form: Format) -> None:
    result = CliRunner().invoke(show, [str(planfile), "--format", form.value])
    assert (result.exit_code, result.output) == (ExitCode.DONE, render(A_PLAN, form))


@pytest.mark.parametrize("form", [form for form in Format if form not in {Format.TEXT, Format.JSON}])
def test_a_saved_report_of_drift_gives_every_review_too(tmp_path: Path, form: Format) -> None:
    path = tmp_path / "drift.json"
    path.write_text(plan_json(a_review(), Subject.DRIFT), encoding="utf-8")
    result = CliRunner().invoke(show, [str(path), "--format", form.value])
    assert (result.exit_code, result.output) == (ExitCode.DONE, render(a_review(), form, Subject.DRIFT))


def test_a_comment_is_cut_to_the_size_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "many.plan"
    many = [Address.organization(f"o-{number}") for number in range(300)]
    whole = a_derived_plan(
        *(a_change(each, Action.CREATE, after=marked(LIVE, OWNER, each, protected=False)) for each in many)
    )
    path.write_text(plan_json(whole), encoding="utf-8")
    given = ["--format", "markdown", "--max-size", "5000", "--link", "https://ci.example/1"]
    result = CliRunner().invoke(show, [str(path), *given])
    assert result.output == render(whole, Format.MARKDOWN, comment=Comment(5_000, "https://ci.example/1"))


def test_two_formats_at_once_are_wrong_usage(planfile: Path) -> None:
    result = CliRunner().invoke(show, [str(planfile), "--json", "--format", "html"])
    assert "--json is --format json" in result.output
    assert chosen("json", as_json=True) == Format.JSON


@pytest.mark.parametrize(("form", "said"), [("sarif", '"results": []'), ("junit", 'failures="0"'), ("json", "valid")])
def test_valid_manifests_are_said_to_be_so(tmp_path: Path, form: str, said: str) -> None:
    (tmp_path / "acme.yaml").write_text(VALID, encoding="utf-8")
    result = CliRunner().invoke(validate, ["-f", str(tmp_path), "--format", form])
    assert result.exit_code == ExitCode.DONE
    assert said in result.output


def test_problems_are_on_lines_of_files_as_the_repository_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme.yaml").write_text(VALID.replace("Acme", "[]"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    sarif = CliRunner().invoke(validate, ["-f", str(tmp_path), "--format", "sarif"])
    junit = CliRunner().invoke(validate, ["--format", "junit"])
    place = json.loads(sarif.output)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert (sarif.exit_code, junit.exit_code) == (ExitCode.ERROR, ExitCode.ERROR)
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("acme.yaml", 6)
    assert 'failures="1"' in junit.output
