"""``reconciler show``, ``plan --out`` and ``apply PLANFILE``, as far as they need no server."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click import unstyle
from click.testing import CliRunner

from reconciler._version import __version__
from reconciler.cli.apply import apply
from reconciler.cli.approve import approve
from reconciler.cli.main import cli
from reconciler.cli.plan import plan
from reconciler.cli.show import show
from reconciler.kinds.marks import marked
from reconciler.model.change import Action
from reconciler.model.errors import GuardRefused, WrongUsage
from reconciler.model.observed import ReadFailure
from reconciler.model.plan import Plan
from reconciler.review.plan_json import fingerprint_of, plan_json
from reconciler.review.plan_schema import plan_schema_text
from reconciler.review.plan_text import plan_text
from tests.builders import ACME, OWNER, REALM, a_change, a_derived_plan

URL = "https://keycloak.example"
LIVE, WANTED = (marked({"displayName": n}, OWNER, ACME, protected=False) for n in ("Acme", "Acme Motors"))
PLAN = replace(
    a_derived_plan(
        a_change(ACME, before=LIVE, after=WANTED),
        read_failures=(ReadFailure("members of organization/acme", "403"),),
    ),
    keycloak_url=URL,
)
SHOWN = (
    unstyle(plan_text(PLAN))
    + f"""
Planned 2026-03-01 12:00:00 UTC by reconciler {__version__} for the realm {REALM} at {URL}, as the owner {OWNER}.
Fingerprint: {fingerprint_of(PLAN)}
"""
)


@pytest.fixture
def planfile(tmp_path: Path) -> Path:
    return saved(tmp_path, PLAN)


def saved(folder: Path, made: Plan) -> Path:
    path = folder / "acme.plan"
    path.write_text(plan_json(made), encoding="utf-8")
    return path


def refused(*arguments: str | Path) -> WrongUsage:
    settings = ["--keycloak-url", URL, "--realm", REALM, "--owner", OWNER, "--no-effective"]
    result = CliRunner(env={"KEYCLOAK_URL": None}).invoke(apply, [*map(str, arguments), *settings])
    assert isinstance(result.exception, WrongUsage), result.output
    return result.exception


def test_show_prints_what_plan_printed(planfile: Path) -> None:
    result = CliRunner().invoke(show, [str(planfile)])
    assert (result.exit_code, result.output) == (0, SHOWN)


def test_show_marks_a_plan_that_is_not_complete(planfile: Path) -> None:
    assert "Not complete: could not read members" in CliRunner().invoke(show, [str(planfile)]).output


def test_show_prints_the_document(planfile: Path) -> None:
    assert CliRunner().invoke(show, [str(planfile), "--json"]).output == plan_json(PLAN)


def test_show_needs_no_setting(planfile: Path) -> None:
    command = [sys.executable, "-m", "reconciler", "show", str(planfile)]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, SHOWN)


def test_show_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(show, [str(tmp_path / "gone")])
    assert isinstance(result.exception, WrongUsage)


def test_plan_does_not_start_where_it_could_not_be_saved(tmp_path: Path) -> None:
    (tmp_path / "realm.yaml").write_text("kind: Realm\n", encoding="utf-8")
    result = CliRunner(env={"KEYCLOAK_URL": None}).invoke(plan, ["--out", str(tmp_path / "realm.yaml")])
    assert isinstance(result.exception, WrongUsage)
    assert "not overwritten" in result.exception.message


@pytest.mark.parametrize("option", [("-f", "."), ("--target", "organization/acme")])
def test_a_saved_plan_takes_no_manifests_and_no_targets(planfile: Path, option: tuple[str, str]) -> None:
    assert option[0] in refused(planfile, *option).message


def test_a_saved_plan_is_bound_to_the_realm(planfile: Path) -> None:
    result = CliRunner().invoke(apply, [str(planfile), "--keycloak-url", URL, "--realm", "other", "--owner", OWNER])
    assert isinstance(result.exception, WrongUsage)
    assert f"made for the realm '{REALM}', but 'other' is configured" in result.exception.message


def test_a_slash_at_the_end_of_the_url_makes_no_other_server(tmp_path: Path) -> None:
    settings = ["--keycloak-url", f"{URL}/", "--realm", REALM, "--owner", OWNER]
    result = CliRunner().invoke(apply, [str(saved(tmp_path, replace(PLAN, changes=(), references={}))), *settings])
    assert result.exit_code == 0
    assert result.output.endswith("\nThe plan has no changes: nothing was written.\n")


def test_a_folder_is_no_plan_that_can_be_approved(tmp_path: Path) -> None:
    error = CliRunner().invoke(approve, [str(tmp_path), "--out", str(tmp_path / "approval")]).exception
    assert isinstance(error, WrongUsage)
    assert "is a folder" in error.message
    assert "-f" in error.remedy


def test_guards_hold_for_saved_plans(tmp_path: Path) -> None:
    doomed = a_derived_plan(a_change(ACME, Action.DELETE, before=LIVE))
    path = saved(tmp_path, replace(PLAN, changes=doomed.changes))
    settings = ["--keycloak-url", URL, "--realm", REALM, "--owner", OWNER]
    result = CliRunner().invoke(apply, [str(path), *settings])
    assert isinstance(result.exception, GuardRefused)
    assert "--allow-delete" in result.exception.remedy


def test_schema_prints_the_schema_of_plans() -> None:
    assert CliRunner().invoke(cli, ["schema", "plan"]).output == plan_schema_text()


@pytest.mark.parametrize("command", ["show", "plan", "apply"])
def test_a_command_imports_nothing_heavy_before_it_runs(command: str) -> None:
    code = (
        f"import sys, reconciler.cli.{command};"
        "print([m for m in ('pydantic', 'yaml', 'httpx', 'keycloak') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
