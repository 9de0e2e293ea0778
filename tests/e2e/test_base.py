"""``plan --base`` tells a change request from what differed before, with a real git repository and a real Keycloak."""

import json
from pathlib import Path

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.model.manifest import RateLimitTier
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command
from tests.repository import Repo

pytestmark = pytest.mark.e2e


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path)


@pytest.fixture
def command(repo: Repo, sandbox: Running, no_realm: str) -> Command:
    """A repository whose main branch is applied, and a branch of it that is checked out."""
    found = Command(repo.folder, sandbox)
    repo.write(".gitignore", ".state/\n*.plan\n")
    repo.write("reconciler.yaml", "environments: {here: {manifests: organizations}}\n")
    repo.declare(a_realm(no_realm), an_organization("acme"), an_organization("beta"))
    repo.commit("Begin")
    found.apply()
    repo.git("checkout", "-q", "-b", "work")
    return found


def describe_by_hand(admin: httpx.Client, realm: str, alias: str) -> None:
    organization = ByHand(admin, realm).organization(alias)
    assert organization is not None
    path = f"/{realm}/organizations/{organization['id']}"
    admin.put(path, json={**organization, "description": "by hand"}).raise_for_status()


def origins(command: Command, *arguments: str) -> dict[str, str]:
    """Return the origin of every field by its resource and path."""
    done = command("plan", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return {
        f"{part['address']} {field['path']}": field["origin"]
        for part in json.loads(done.stdout)["resource_changes"]
        for field in part["change"]["field_changes"]
    }


def test_a_change_and_a_change_by_hand_are_told_apart(
    command: Command, repo: Repo, admin: httpx.Client, no_realm: str
) -> None:
    describe_by_hand(admin, no_realm, "beta")
    repo.declare(an_organization("acme", description="ours"))
    repo.commit("Describe Acme")

    assert origins(command, "--base", "main") == {
        "organization/acme description": "this-change",
        "organization/beta description": "drift-before",
    }


def test_a_saved_plan_keeps_where_its_changes_come_from_and_is_applied_as_any_other(
    command: Command, repo: Repo, admin: httpx.Client, no_realm: str
) -> None:
    describe_by_hand(admin, no_realm, "acme")
    repo.declare(an_organization("acme", description="ours"))
    repo.commit("Describe Acme")

    done = command("plan", "--base", "main...", "--out", "acme.plan")
    assert "this change and pre-existing drift (at the base: null)" in done.stdout
    assert "this change: nothing; pre-existing drift: none; both: 1 to change." in done.stdout
    shown = command("show", "acme.plan", "--format", "markdown")
    assert "this change: nothing; pre-existing drift: none; both: 1 to change" in shown.stdout
    assert command("apply", "acme.plan").returncode == 0
    done = command("plan", "--base", "main")
    assert "No changes." in done.stdout
    assert "this change: nothing; pre-existing drift: none." in done.stdout
    assert "Resolved by this change: organization/acme" in done.stdout


def test_an_invalid_base_stops_nothing(command: Command, repo: Repo) -> None:
    acme = (repo.folder / "organizations" / "acme.yaml").read_text(encoding="utf-8")
    repo.write("organizations/acme.yaml", acme.replace("displayName", "displayname"))
    repo.commit("Break it")
    repo.declare(an_organization("acme", description="ours"), an_organization("beta", description="ours"))

    done = command("plan", "--base", "HEAD")

    assert done.returncode == 0
    assert "this change: 1 to change; pre-existing drift: none; unknown: 1 to change." in done.stdout
    assert "HEAD:organizations/acme.yaml:" in done.stdout


def test_a_base_that_is_not_there_is_an_error_before_anything_is_read(command: Command) -> None:
    done = command("plan", "--base", "nowhere", KEYCLOAK_URL="http://127.0.0.1:9")
    assert done.returncode == 64
    assert "git knows no revision 'nowhere' here." in done.stderr
    assert "git fetch origin nowhere" in done.stderr


HERE = "environments: {here: {manifests: organizations}}\n"
RULE = "policies: [{name: no-tier, when: {path: capabilities.rateLimitTier}, then: deny, message: Ask Ada first.}]\n"
RENAMED = "environments: {there: {manifests: organizations}}\n"


LOOSENED = {
    "taken away": (HERE + RULE, HERE),
    "loosened": (HERE + RULE, HERE + RULE.replace("deny", "require-approval")),
    "of another field": (HERE + RULE, HERE + RULE.replace("rateLimitTier", "allowMultiVinOrders")),
    "of another environment": (HERE + RULE.replace("path:", "environment: here, path:"), RENAMED),
}


def test_a_policy_is_loosened_in_a_change_of_its_own(
    command: Command, repo: Repo, admin: httpx.Client, no_realm: str
) -> None:
    describe_by_hand(admin, no_realm, "beta")
    for how, (at_base, now) in LOOSENED.items():
        repo.write("reconciler.yaml", at_base)
        repo.declare(an_organization("acme"))
        repo.commit("Main has a rule")
        repo.write("reconciler.yaml", now)
        # What drifted is not what this change introduces.
        done = command("plan", "--base", "HEAD", "--no-effective")
        assert done.returncode == 0, (how, done.stdout + done.stderr)
        assert "Settings of reconciler.yaml changed here" in done.stdout

        repo.declare(an_organization("acme", tier=RateLimitTier.ENTERPRISE))
        done = command("plan", "--base", "HEAD", "--no-effective", "--out", f"{how}.plan")
        assert done.returncode == ExitCode.REFUSED, (how, done.stdout + done.stderr)
        assert "Denied by policy: no-tier (HEAD:reconciler.yaml:2)" in done.stdout
        assert "organization/acme: capabilities.rateLimitTier" in done.stdout
        assert "loosen or remove it in a separate change" in done.stdout
    # The saved plan carries the rule to where the settings do not have it any more.
    refused = command("apply", "taken away.plan", "--env", "there", "--no-effective")
    assert refused.returncode == ExitCode.REFUSED
    assert "Stopped by policy: no-tier" in refused.stderr


def test_a_moved_server_is_shown_with_its_risk_in_the_comment(command: Command, repo: Repo) -> None:
    url = command.settings.pop("KEYCLOAK_URL")
    repo.write("reconciler.yaml", f"environments: {{here: {{manifests: organizations, keycloak: {{url: '{url}'}}}}}}\n")
    done = command("plan", "--base", "HEAD", "--no-effective", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    assert "### No changes. 1 setting changes." in done.stdout
    assert "**1 high risk**" in done.stdout
    assert f'+ environments.here.keycloak.url: "{url}"' in done.stdout
