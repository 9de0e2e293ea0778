"""Policies and approvals as commands see them, as far as they need no server: with saved plans."""

import json
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from reconciler.cli.apply import apply
from reconciler.cli.approve import approve
from reconciler.cli.diagnostics import error_text
from reconciler.cli.show import show
from reconciler.kinds.marks import marked
from reconciler.model.change import Action
from reconciler.model.errors import ExitCode, GuardRefused, PolicyRefused, ReconcilerError, WrongUsage
from reconciler.model.layout import OWNER_MARK
from reconciler.model.plan import Plan
from reconciler.review.plan_json import fingerprint_of, plan_json
from tests.builders import ACME, OWNER, REALM, a_change, a_derived_plan

URL = "http://127.0.0.1:9"
DENY = "  - {name: no-removal, when: {path: authorizedPartners, risk: high}, then: deny, message: Never on Fridays.}"
APPROVE = "  - {name: two-people, when: {risk: high}, then: require-approval, message: A second person must agree.}"


def the_plan(partner: str = "b") -> Plan:
    before, after = (marked({"authorizedPartners": p}, OWNER, ACME, protected=False) for p in (("a", partner), ("a",)))
    change = a_change(before=before, after=after)
    return replace(a_derived_plan(change), keycloak_url=URL)


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL", "RECONCILER_OWNER", "RECONCILER_ENV"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("KEYCLOAK_ACCESS_TOKEN", "none")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.plan").write_text(plan_json(the_plan()), encoding="utf-8")
    return tmp_path


def policies(repo: Path, *rules: str) -> None:
    lines = ["environments: {local: {}}", *(["policies:", *rules] if rules else [])]
    (repo / "reconciler.yaml").write_text("\n".join(lines), encoding="utf-8")


def applied(*arguments: str, planfile: str = "a.plan") -> Result:
    given = ["--keycloak-url", URL, "--realm", REALM, "--owner", OWNER, "--no-effective", "--timeout", "0.2"]
    return CliRunner().invoke(apply, [planfile, *given, *arguments])


def approved(*arguments: str, planfile: str = "a.plan") -> Result:
    return CliRunner().invoke(approve, [planfile, "--out", "yes.json", "--by", "Jane", "--auto-approve", *arguments])


def words(result: Result) -> str:
    assert isinstance(result.exception, ReconcilerError), result.output
    return click.unstyle(error_text(result.exception))


def test_a_saved_plan_that_a_policy_denies_is_refused_with_the_rule_s_words_line_and_field(repo: Path) -> None:
    policies(repo, DENY)
    result = applied()
    assert isinstance(result.exception, PolicyRefused)
    assert result.exception.exit_code is ExitCode.REFUSED
    assert words(result) == (
        "Denied by policy: no-removal (reconciler.yaml:3)\n"
        "  organization/acme: authorizedPartners\n"
        "  Never on Fridays.\n\n"
        "Error: Stopped by policy: no-removal. Nothing was written."
    )


def test_a_plan_that_needs_an_approval_says_how_to_make_one(repo: Path) -> None:
    policies(repo, APPROVE)
    said = words(applied())
    assert "Needs approval: two-people (reconciler.yaml:3)" in said
    assert "reconciler approve a.plan --out a.plan.approval" in said
    assert "reconciler apply a.plan --approval a.plan.approval" in said
    # It is saved already.
    assert "reconciler plan --out" not in said
    assert "reconciler plan --out" not in CliRunner().invoke(show, ["a.plan"]).output


def test_an_approved_plan_is_carried_out(repo: Path) -> None:
    policies(repo, APPROVE)
    assert approved("--reason", "Checked with NT24.").exit_code == 0
    result = applied("--approval", "yes.json")
    # No server listens: the policies were passed.
    assert not isinstance(result.exception, PolicyRefused)
    assert "Approved by Jane at " in result.output
    assert "Checked with NT24." in result.output


def test_an_approval_names_its_plan_its_policies_and_who(repo: Path) -> None:
    policies(repo, APPROVE)
    result = approved()
    document = json.loads((repo / "yes.json").read_text(encoding="utf-8"))
    assert document["kind"] == "reconciler-approval"
    assert document["fingerprint"] == fingerprint_of(the_plan())
    assert (document["policies"], document["approved_by"]) == (["two-people"], "Jane")
    assert "authorizedPartners" in result.output
    assert "reconciler apply a.plan --approval yes.json" in result.output


def test_an_approval_does_not_hold_for_another_plan(repo: Path) -> None:
    policies(repo, APPROVE)
    approved()
    (repo / "other.plan").write_text(plan_json(the_plan("c")), encoding="utf-8")
    said = words(applied("--approval", "yes.json", planfile="other.plan"))
    assert "1 given approval for another plan: the fingerprints differ." in said


def test_an_approval_does_not_hold_for_a_policy_that_came_later(repo: Path) -> None:
    policies(repo, APPROVE)
    approved()
    policies(repo, APPROVE, APPROVE.replace("two-people", "three-people"))
    assert "three-people" in words(applied("--approval", "yes.json"))


def test_a_denied_plan_cannot_be_approved(repo: Path) -> None:
    policies(repo, APPROVE, DENY)
    assert isinstance(approved().exception, PolicyRefused)
    assert not (repo / "yes.json").exists()


def test_a_plan_that_needs_no_approval_gets_none(repo: Path) -> None:
    policies(repo)
    assert isinstance(approved().exception, WrongUsage)


def test_an_approval_is_not_written_over_another(repo: Path) -> None:
    policies(repo, APPROVE)
    approved()
    assert isinstance(approved().exception, GuardRefused)


def test_without_a_terminal_nobody_approves_by_chance(repo: Path) -> None:
    policies(repo, APPROVE)
    for given in ("", "yes", "y\n", " yes\n", "no\nyes\n"):
        result = CliRunner().invoke(approve, ["a.plan", "--out", "yes.json"], input=given)
        if given.endswith("\n"):
            assert isinstance(result.exception, click.Abort | SystemExit), result.output
        else:
            assert "Nobody answered: the input ended." in words(result)
        assert "Do you approve exactly this plan?" in result.output
        assert not (repo / "yes.json").exists()


@pytest.mark.parametrize("given", ["yes\n", "yes \r\n", "yes\nno\n"])
def test_an_answer_that_is_piped_in_is_taken_as_terraform_takes_it(repo: Path, given: str) -> None:
    policies(repo, APPROVE)
    result = CliRunner().invoke(approve, ["a.plan", "--out", "yes.json"], input=given)

    assert (result.exit_code, (repo / "yes.json").exists()) == (ExitCode.DONE, True), result.output


def test_with_input_false_nobody_is_asked(repo: Path) -> None:
    policies(repo, APPROVE)
    arguments = ["a.plan", "--out", "yes.json", "-input=false"]
    result = CliRunner().invoke(approve, arguments, input="yes\n")

    assert "nobody may be asked (--input=false)" in words(result)
    assert "Do you approve" not in result.output
    assert CliRunner().invoke(approve, [*arguments, "-auto-approve"]).exit_code == ExitCode.DONE


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"kind": "reconciler-plan"}'])
def test_what_is_no_approval_is_refused(repo: Path, text: str) -> None:
    policies(repo, APPROVE)
    (repo / "yes.json").write_text(text, encoding="utf-8")
    assert "yes.json is not an approval" in words(applied("--approval", "yes.json"))


def test_an_approval_that_is_missing_is_told(repo: Path) -> None:
    policies(repo, APPROVE)
    assert "The approval yes.json cannot be read" in words(applied("--approval", "yes.json"))


def test_what_stopped_a_plan_when_it_was_saved_is_shown_and_still_stops_it_without_settings(repo: Path) -> None:
    policies(repo, DENY)
    from reconciler.adapters.environment import said_by
    from reconciler.plan.policy import evaluated

    said = said_by(None, None)
    (repo / "a.plan").write_text(plan_json(evaluated(the_plan(), said.policies, "local")), encoding="utf-8")
    (repo / "reconciler.yaml").unlink()
    assert "Denied by policy: no-removal" in CliRunner().invoke(show, ["a.plan"]).output
    assert isinstance(applied().exception, PolicyRefused)


def test_what_a_plan_takes_beside_itself_is_printed_for_scripts(repo: Path) -> None:
    from reconciler.adapters.environment import said_by
    from reconciler.plan.policy import evaluated

    assert CliRunner().invoke(show, ["a.plan", "--needs"]).output == ""

    policies(repo, APPROVE)
    gone = a_change(action=Action.DELETE, before={"displayName": "Acme", OWNER_MARK: OWNER})
    plan = evaluated(replace(a_derived_plan(gone), keycloak_url=URL), said_by(None, None).policies, "local")
    (repo / "a.plan").write_text(plan_json(plan), encoding="utf-8")

    assert CliRunner().invoke(show, ["a.plan", "--needs"]).output == "--allow-delete\n--approval\n"


def test_what_approve_prints_names_what_the_plan_is_bound_to_where_the_shell_does_not(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies(repo, APPROVE)
    printed = approved().output
    assert f"apply a.plan --approval yes.json --keycloak-url {URL}" in printed
    (repo / "yes.json").unlink()
    monkeypatch.setenv("KEYCLOAK_URL", f"{URL}/")
    assert "--keycloak-url" not in approved().output
