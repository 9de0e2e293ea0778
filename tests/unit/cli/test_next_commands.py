"""What plan and approve print to be run next, as it is printed."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from click import unstyle
from click.testing import CliRunner

from reconciler.adapters import lock_holding
from reconciler.app import workflow
from reconciler.app.gated_write import Ending, WriteResult
from reconciler.cli.main import cli
from reconciler.cli.writing import ended
from reconciler.kinds.marks import marked
from reconciler.manifest.write import manifest_text
from reconciler.model.errors import ExitCode, LockHeld, WrongUsage
from reconciler.model.observed import ReadFailure
from reconciler.model.outcome import Verification
from reconciler.model.plan import Plan
from reconciler.review.plan_json import plan_json
from tests.builders import ACME, OWNER, a_change, a_derived_plan, an_organization

URL = "http://127.0.0.1:9"
APPROVE = """\
environments: {local: {}}
policies:
  - {name: two-people, when: {risk: high}, then: require-approval, message: A second person must agree.}
"""
EXACTLY = "To perform exactly these actions: "


def a_plan(*, blocked: str = "") -> Plan:
    before, after = (marked({"authorizedPartners": p}, OWNER, ACME, protected=False) for p in (("a", "b"), ("a",)))
    change = replace(a_change(before=before, after=after), blocked=blocked)
    return replace(a_derived_plan(change), keycloak_url=URL, asked_effective=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL", "RECONCILER_OWNER", "RECONCILER_ENV"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("KEYCLOAK_ACCESS_TOKEN", "none")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    def unreachable(*_: object) -> None:
        raise LockHeld("The lock is asked for once the live systems are opened.")

    monkeypatch.setattr(lock_holding, "locked", unreachable)
    return tmp_path


def saved(found: Plan, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what ``plan --out`` says when it makes this plan."""

    async def planned(*_: object) -> Plan:
        return found

    monkeypatch.setattr(workflow, "plan", planned)
    Path("acme.yaml").write_text(manifest_text(an_organization("acme")), encoding="utf-8")
    return CliRunner().invoke(cli, ["plan", "--keycloak-url", URL, "--no-effective", "--out", "a.plan"]).output


def test_what_a_plan_prints_carries_it_out_without_a_platform_that_it_did_not_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = saved(a_plan(), monkeypatch).partition(EXACTLY)[2]
    assert "--no-effective" in command
    assert "NT24_API_URL" not in said_by(command)


def test_what_approve_prints_carries_the_plan_out_without_a_platform_that_it_did_not_ask(folder: Path) -> None:
    (folder / "reconciler.yaml").write_text(APPROVE, encoding="utf-8")
    (folder / "a.plan").write_text(plan_json(a_plan()), encoding="utf-8")
    approved = CliRunner().invoke(cli, ["approve", "a.plan", "--out", "yes", "--by", "Jane", "--auto-approve"])
    assert approved.exit_code == 0
    command = approved.output.partition(EXACTLY)[2]
    assert "NT24_API_URL" not in said_by(command)


def said_by(command: str) -> str:
    """Run the printed line up to its first request, and return what it says."""
    program, *arguments = shlex.split(command)
    assert program == "reconciler"
    result = CliRunner().invoke(cli, arguments)
    assert isinstance(result.exception, LockHeld), result.output
    return result.output


def test_an_approval_is_a_command_of_its_own_and_asks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "reconciler.yaml").write_text(APPROVE, encoding="utf-8")
    said = saved(a_plan(), monkeypatch)
    assert "--auto-approve" not in said
    approve, apply = (line for line in said.splitlines() if "reconciler a" in line and "a.plan" in line)
    assert approve.endswith("To approve it: reconciler approve a.plan --out a.plan.approval")
    assert apply.startswith("Then, to perform exactly these actions: reconciler apply a.plan ")
    assert "reconciler plan --out FILE" not in said


def test_a_plan_that_can_do_nothing_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said = saved(a_plan(blocked="it belongs to another"), monkeypatch)
    assert "It can change nothing: everything in it is blocked" in said
    assert EXACTLY not in said


@pytest.mark.parametrize("command", [("me", "api-client-acme"), ("request",)])
def test_no_command_offers_an_option_that_it_lacks(command: tuple[str, ...], folder: Path) -> None:
    (folder / "acme.yaml").write_text(manifest_text(an_organization("acme")), encoding="utf-8")
    result = CliRunner().invoke(cli, [*command, "--keycloak-url", URL])
    assert isinstance(result.exception, WrongUsage)
    assert result.exception.remedy == "Set it to the NT24 Integration API's URL."


def test_an_apply_of_a_plan_with_gaps_says_why_it_is_not_complete(capsys: pytest.CaptureFixture[str]) -> None:
    gap = ReadFailure("members of organization/acme", "HTTP 403", "Give the login the role view-users.")
    found = replace(a_plan(), changes=(), read_failures=(gap,))
    result = WriteResult(found, Ending.VERIFIED, verification=Verification((), (), 0.0))
    assert ended(result) is ExitCode.PARTIAL
    assert "Not complete: could not read members of organization/acme: HTTP 403" in unstyle(capsys.readouterr().out)
