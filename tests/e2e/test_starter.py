"""What ``reconciler init`` writes for other runners than GitHub's: their scripts are run on a real Keycloak."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from reconciler.adapters.starter import Part
from reconciler.cli.main import cli
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.repository import Repo

Done = subprocess.CompletedProcess[str]


class Runner:
    """A runner that has the repository checked out, and ``reconciler`` on its PATH."""

    def __init__(self, repository: Repo, running: Running, state: Path) -> None:
        self.repository = repository
        self._settings = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "XDG_STATE_HOME": str(state),
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
            env=self._settings | variables,
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
def runner(sandbox: Running, no_realm: str, tmp_path: Path) -> Runner:
    folder = tmp_path / "repository"
    parts = [f"--with={part}" for part in Part]
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
    assert "this change 3 to add" in planned.stdout
    kept = jobs["plan"]["artifacts"]
    assert all((folder / name).stat().st_size for name in kept["paths"])
    numbers = json.loads((folder / kept["reports"]["terraform"]).read_text(encoding="utf-8"))
    assert numbers == {"create": 3, "update": 0, "delete": 0}

    applied = runner.succeed(jobs["apply"]["script"])
    assert "Resources: 3 added, 0 changed, 0 destroyed." in applied.stdout
    assert "No drift." in runner.succeed(jobs["drift"]["script"]).stdout
    # On the default branch nothing is compared: there is no merge request.
    assert "Since" not in runner.succeed(jobs["plan"]["script"]).stdout


def test_atlantis_plans_and_applies_that_plan(runner: Runner, tmp_path: Path) -> None:
    stages = runner.content("deploy/atlantis/repos.yaml")["workflows"]["reconciler"]
    plan = str(tmp_path / "a plan")

    planned = runner.succeed([step["run"] for step in stages["plan"]["steps"]], PLANFILE=plan)
    assert "this change 3 to add" in planned.stdout
    applied = runner.succeed([step["run"] for step in stages["apply"]["steps"]], PLANFILE=plan)
    assert "Apply complete! Resources: 3 added, 0 changed, 0 destroyed." in applied.stdout


def test_the_schedules_of_kubernetes_and_systemd_end_with_what_drift_says(runner: Runner) -> None:
    job = runner.content("deploy/kubernetes/drift-cronjob.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = job["containers"]
    unit = (runner.repository.folder / "deploy/systemd/reconciler-drift.service").read_text(encoding="utf-8")
    (start,) = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStart=")]
    commands = [["reconciler", *container["args"]], ["reconciler", *shlex.split(start)[1:]]]

    # What is declared and not there is drift: it may have been deleted.
    assert [runner.run([shlex.join(command)]).returncode for command in commands] == [2, 2]
    runner.succeed(["reconciler apply --auto-approve"])
    assert [runner.run([shlex.join(command)]).returncode for command in commands] == [0, 0]
