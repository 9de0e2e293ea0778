"""What ``reconciler init`` writes for other runners than GitHub's: their scripts are run on a real Keycloak."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from click.testing import CliRunner

from reconciler.adapters.starter import StarterPart
from reconciler.cli.main import cli
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e import fork_server
from tests.e2e.command import ByHand
from tests.repository import Repo

APPROVE = """\
policies:
  - {name: two-people, when: {action: delete}, then: require-approval, message: Ask Ada.}
"""
Done = subprocess.CompletedProcess[str]


class Runner:
    """A runner that has the repository checked out, and ``reconciler`` on its PATH."""

    def __init__(self, repository: Repo, running: Running, state: Path) -> None:
        self.repository = repository
        programs, installed = state / "bin", Path(sys.executable).with_name("reconciler")
        fork_server.make_program(programs / "reconciler", otherwise=(str(installed),))
        self.settings = {
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "XDG_STATE_HOME": str(state),
            "KEYCLOAK_URL": running.keycloak_url,
            "NT24_REALM": running.realm,
            "NT24_API_URL": running.api_url,
            "KEYCLOAK_USER": running.admin_user,
            "KEYCLOAK_PASSWORD": running.admin_password,
        }

    def content(self, path: str) -> Any:
        """Return what a YAML file of the repository holds."""
        return yaml.safe_load((self.repository.folder / path).read_text(encoding="utf-8"))

    def run(self, script: Iterable[str], **variables: str) -> Done:
        """Run lines in one shell that ends with the first failure."""
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(script)],
            cwd=self.repository.folder,
            env=self.settings | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def succeed(self, script: Iterable[str], **variables: str) -> Done:
        """Run lines that end well."""
        done = self.run(script, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done


@pytest.fixture
def by_hand(admin: httpx.Client, no_realm: str) -> ByHand:
    return ByHand(admin, no_realm)


@pytest.fixture
def runner(sandbox: Running, no_realm: str, tmp_path: Path) -> Runner:
    folder = tmp_path / "repository"
    parts = [f"--with={part}" for part in StarterPart]
    where = ("--keycloak-url", sandbox.keycloak_url, "--api-url", sandbox.api_url, "--realm", no_realm)
    done = CliRunner().invoke(cli, ["init", str(folder), *parts, *where])
    assert done.exit_code == 0, done.output
    repository = Repo(folder)
    repository.commit()
    repository.declare(a_realm(no_realm), an_organization("acme"))
    repository.commit()
    return Runner(repository, sandbox, tmp_path / "state")


def test_gitlab_s_pipeline_validates_plans_applies_and_looks_for_drift(runner: Runner) -> None:
    jobs = runner.content(".gitlab-ci.yml")
    folder = runner.repository.folder
    runner.succeed(["reconciler fmt"])
    runner.succeed(jobs["validate"]["script"])
    assert 'failures="0"' in (folder / jobs["validate"]["artifacts"]["reports"]["junit"]).read_text(encoding="utf-8")

    base = runner.repository.git("rev-parse", "HEAD^1")
    planned = runner.succeed(jobs["plan"]["script"], CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert "this change: 3 to add" in planned.stdout
    kept = jobs["plan"]["artifacts"]
    assert all((folder / name).stat().st_size for name in kept["paths"])
    numbers = json.loads((folder / kept["reports"]["terraform"]).read_text(encoding="utf-8"))
    assert numbers == {"create": 3, "update": 0, "delete": 0}

    applied = runner.succeed(jobs["apply"]["script"])
    assert "Resources: 3 added, 0 changed, 0 destroyed." in applied.stdout
    assert "No drift." in runner.succeed(jobs["drift"]["script"]).stdout
    # On the default branch nothing is compared: there is no merge request.
    assert "Since" not in runner.succeed(jobs["plan"]["script"]).stdout


def test_gitlab_s_pipeline_deletes_and_approves_only_in_the_job_of_who_may_permit_it(
    runner: Runner, by_hand: ByHand
) -> None:
    jobs = runner.content(".gitlab-ci.yml")
    runner.succeed(["reconciler apply --auto-approve"])
    runner.repository.git("rm", "-q", "organizations/acme.yaml")
    with (runner.repository.folder / "reconciler.yaml").open("a", encoding="utf-8") as settings:
        settings.write(APPROVE)
    runner.succeed(jobs["plan"]["script"])

    refused = runner.run(jobs["apply"]["script"])
    assert refused.returncode == 6, refused.stderr
    assert by_hand.organization("acme") is not None

    done = runner.succeed(jobs["apply-permitted"]["script"], GITLAB_USER_LOGIN="grace")
    assert "Approved by grace" in done.stderr
    assert by_hand.organization("acme") is None


def test_gitlab_s_jobs_with_a_login_are_each_in_an_environment_and_refuse_to_run_unpinned(runner: Runner) -> None:
    jobs = runner.content(".gitlab-ci.yml")
    environments = {name: job["environment"]["name"] for name, job in jobs.items() if "environment" in job}
    assert environments == {
        "plan": "reconciler-read",
        "plan-merge-request": "reconciler-plan",
        "apply": "reconciler-apply",
        "apply-permitted": "reconciler-permit",
        "drift": "reconciler-read",
    }
    for name in environments:
        done = runner.run(jobs[name]["script"], KEYCLOAK_URL="")
        assert done.returncode != 0
        assert "KEYCLOAK_URL: of the environment is not set" in done.stderr


def test_atlantis_deletes_and_approves_only_for_who_may_permit_it(
    runner: Runner, by_hand: ByHand, tmp_path: Path
) -> None:
    runner.succeed(["reconciler apply --auto-approve"])
    runner.repository.git("rm", "-q", "organizations/acme.yaml")
    with (runner.repository.folder / "reconciler.yaml").open("a", encoding="utf-8") as settings:
        settings.write(APPROVE)
    runner.repository.commit()
    given = {"PLANFILE": str(tmp_path / "p"), "PULL_AUTHOR": "eve", "RECONCILER_PERMITTERS": "eve grace"}
    runner.succeed(atlantis(runner, "plan"), **given, USER_NAME="eve")

    for user in ("mallory", "eve", "race"):
        refused = runner.run(atlantis(runner, "apply"), **given, USER_NAME=user)
        assert refused.returncode == 6, refused.stdout + refused.stderr
        assert by_hand.organization("acme") is not None
    done = runner.succeed(atlantis(runner, "apply"), **given, USER_NAME="grace")
    assert "Approved by grace" in done.stderr
    assert by_hand.organization("acme") is None


def atlantis(runner: Runner, stage: str) -> list[str]:
    """Return the steps of a stage as lines for the shell that Atlantis runs them with; the login is the runner's."""
    steps = runner.content("deploy/atlantis/repos.yaml")["workflows"]["reconciler"][stage]["steps"]
    which = {"plan": "READER", "apply": "WRITER"}[stage]
    logins = [step["env"]["command"] for step in steps if step.get("env", {}).get("name", "").startswith("KEYCLOAK")]
    assert logins == [f"printenv KEYCLOAK_{which}_ID", f"printenv KEYCLOAK_{which}_SECRET"]
    others = [step for step in steps if not step.get("env", {}).get("name", "").startswith("KEYCLOAK")]
    return [
        step["run"] if "run" in step else f"export {step['env']['name']}=$({step['env']['command']})" for step in others
    ]


def test_atlantis_plans_and_applies_that_plan(runner: Runner, tmp_path: Path) -> None:
    plan = str(tmp_path / "a plan")

    planned = runner.succeed(atlantis(runner, "plan"), PLANFILE=plan)
    assert "this change: 3 to add" in planned.stdout
    applied = runner.succeed(atlantis(runner, "apply"), PLANFILE=plan)
    assert "Apply complete! Resources: 3 added, 0 changed, 0 destroyed." in applied.stdout


def test_the_schedules_of_kubernetes_and_systemd_end_with_what_drift_says(runner: Runner) -> None:
    job = runner.content("deploy/kubernetes/drift-cronjob.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = job["containers"]
    unit = (runner.repository.folder / "deploy/systemd/reconciler-drift.service").read_text(encoding="utf-8")
    (start,) = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStart=")]
    commands = [["reconciler", *container["args"]], ["reconciler", *shlex.split(start)[1:]]]
    (first,) = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStartPre=")]
    # The unit's doubled dollar is one of the shell's.
    runner.succeed([first.replace("$$", "$")])
    assert "KEYCLOAK_URL" in runner.run([first.replace("$$", "$")], KEYCLOAK_URL="").stderr

    # What is declared and not there is drift: it may have been deleted.
    assert [runner.run([shlex.join(command)]).returncode for command in commands] == [2, 2]
    runner.succeed(["reconciler apply --auto-approve"])
    assert [runner.run([shlex.join(command)]).returncode for command in commands] == [0, 0]
