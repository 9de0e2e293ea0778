"""A code host on this machine: it runs the workflows of GitHub as they stand, with bash, and keeps comments and issues.

Of other people's actions it does what they are used for: check out, keep an artifact and bring it back. Everything of
ours is really run. Only the action's installation is skipped: the program exists already.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.e2e import fork_server, gh

ROOT: Final = Path(__file__).parents[2]
ACTION: Final = "novatrade24/nt24-reconciler@"
REPOSITORY: Final = "acme/integrations"
_TOKEN: Final = re.compile(r"\s*('(?:[^']|'')*'|&&|\|\||==|!=|!|[()]|[a-z]+\(\)|[A-Za-z_][\w.-]*)")
_PYTHON: Final = {"&&": "and", "||": "or", "!": "not", "true": "True", "false": "False"}

Look = Callable[[str], Any]


def evaluated(expression: str, look: Look) -> Any:
    """Return the value of an expression of GitHub's, of those kinds that the workflows use."""
    words: list[str] = []
    rest = expression.strip()
    while rest:
        found = _TOKEN.match(rest)
        assert found, f"{rest!r} of {expression!r} is not understood here"
        token, rest = found[1], rest[found.end() :].strip()
        if token.startswith("'"):
            words.append(repr(token[1:-1].replace("''", "'")))
        elif token in _PYTHON or token in {"==", "!=", "(", ")"}:
            words.append(_PYTHON.get(token, token))
        else:
            words.append(f"look({token!r})")
    return eval(" ".join(words), {"look": look})


def filled(text: str, look: Look) -> str:
    """Return a text with its expressions replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _text(evaluated(found[1], look)), text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class Ran:
    """What became of a run of a workflow: how each job ended, and what was shown."""

    results: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""


@dataclass
class Protection:
    """An environment of the host: what only its jobs are given, and whose consent they wait for, if anybody's."""

    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    reviewers: tuple[str, ...] = ()
    """Who may let a job in; where there is nobody, every job is let in, as GitHub does."""


@dataclass
class GitHub:
    """The host of one repository of manifests. No variable and no secret is there for jobs of no environment."""

    repository: Path
    folder: Path
    settings: Mapping[str, str]
    environments: dict[str, Protection]
    consent: set[str] = field(default_factory=set)
    """Which environments a reviewer lets the next jobs into."""
    identity: str = ""
    """The URL that a job which may asks for a token of its own; empty where nobody asks."""
    starts_anew: bool = False
    """Whether jobs start Python each time, or fork what it would run."""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "gh").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{gh.__file__}" "$@"\n', encoding="utf-8")
        (programs / "gh").chmod(0o755)
        self.kept.write_text('{"comments": [], "issues": [], "approvals": []}', encoding="utf-8")

    @property
    def kept(self) -> Path:
        """The file with what the host's interface was told."""
        return self.folder / "kept.json"

    def written(self, kind: str) -> list[dict[str, Any]]:
        """Return the comments, or the issues."""
        found: list[dict[str, Any]] = json.loads(self.kept.read_text(encoding="utf-8"))[kind]
        return found

    def write(self, kind: str, **entry: Any) -> None:
        """Write a comment or an issue, as somebody."""
        everything = json.loads(self.kept.read_text(encoding="utf-8"))
        everything[kind].append({"id": 1, "number": 1, "state": "open", **entry})
        self.kept.write_text(json.dumps(everything), encoding="utf-8")

    def _is_let_in(self, environment: str, protection: Protection) -> bool:
        if environment not in self.consent:
            return False
        reviewer = {"login": protection.reviewers[0]}
        self.write("approvals", state="approved", user=reviewer, environments=[{"name": environment}])
        return True

    def _forget_approvals(self) -> None:
        everything = json.loads(self.kept.read_text(encoding="utf-8"))
        self.kept.write_text(json.dumps(everything | {"approvals": []}), encoding="utf-8")

    def run(self, workflow: str, event: Mapping[str, Any]) -> Ran:
        """Run the jobs of a workflow, one after the other, as far as what they need went well."""
        path = self.repository / ".github" / "workflows" / workflow
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        jobs = content["jobs"]
        self._forget_approvals()
        ran, outputs = Ran(), dict[str, dict[str, str]]()
        artifacts = self.folder / "artifacts"
        shutil.rmtree(artifacts, ignore_errors=True)
        for name, job in jobs.items():
            needs = {each: {"result": ran.results[each], "outputs": outputs.get(each, {})} for each in _listed(job)}
            protection = self.environments.get(job.get("environment", ""), Protection())
            permissions = job.get("permissions", content["permissions"])
            environment = job.get("environment", "")
            machine = Machine(self, self.folder / name, event, artifacts, needs, protection, permissions, environment)
            condition = str(job.get("if", "true"))
            # A condition with such a function is asked even where a needed job did not succeed.
            ready = "cancelled()" in condition or all(each["result"] == "success" for each in needs.values())
            if not ready or not evaluated(condition, machine.look):
                ran.results[name] = "skipped"
                continue
            if protection.reviewers and not self._is_let_in(job["environment"], protection):
                ran.results[name] = "waiting"
                continue
            ran.results[name] = machine.perform(job["steps"], job.get("env", {}))
            outputs[name] = {key: filled(value, machine.look) for key, value in job.get("outputs", {}).items()}
            ran.summary += machine.summary
            ran.log += machine.log
        return ran


def _listed(job: Mapping[str, Any]) -> list[str]:
    needed = job.get("needs", [])
    return [needed] if isinstance(needed, str) else list(needed)


class Machine:
    """A fresh machine, on which one job runs."""

    def __init__(
        self,
        host: GitHub,
        folder: Path,
        event: Mapping[str, Any],
        artifacts: Path,
        needs: Mapping[str, Any],
        protection: Protection,
        permissions: Mapping[str, str],
        environment: str,
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._host, self._artifacts, self._event, self._needs = host, artifacts, event, needs
        self._protection, self._permissions = protection, permissions
        self._identity: dict[str, str] = {}
        if host.identity and permissions.get("id-token") == "write":
            asked = f"{host.identity}?environment={environment}"
            self._identity = {"ACTIONS_ID_TOKEN_REQUEST_URL": asked, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-job"}
        self._work, self._temp = folder / "work", folder / "temp"
        program = self._temp / "reconciler" / "bin" / "python"
        if host.starts_anew:
            program.parent.mkdir(parents=True)
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        else:
            fork_server.make_program(program, "-I", "-m", "reconciler", otherwise=(sys.executable,))
        (self._temp / "event.json").write_text(json.dumps(event), encoding="utf-8")
        self._inputs: dict[str, str] = {}
        self._steps: dict[str, dict[str, Any]] = {}
        self._failed = False
        self.log = ""

    @property
    def summary(self) -> str:
        """What the steps wrote for the page of the run."""
        path = self._temp / "summary"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def look(self, name: str) -> Any:
        """Return the value of a name in an expression."""
        if name in {"always()", "cancelled()"}:
            return name == "always()"
        known: dict[str, Any] = {
            "inputs": self._inputs,
            "steps": self._steps,
            "needs": self._needs,
            "secrets": self._protection.secrets,
            "vars": self._protection.variables,
            "github": {"event": self._event, "repository": REPOSITORY, "token": "token-of-the-job", **self._event},
            "runner": {"temp": str(self._temp)},
        }
        value: Any = known
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def perform(self, steps: list[dict[str, Any]], environment: Mapping[str, str]) -> str:
        """Perform the steps, and return how that ended."""
        for step in steps:
            if not self._is_due(step):
                continue
            uses = step.get("uses", "")
            given = {key: filled(str(value), self.look) for key, value in step.get("with", {}).items()}
            environment = dict(environment) | {k: filled(str(v), self.look) for k, v in step.get("env", {}).items()}
            if uses.startswith("actions/checkout@"):
                git = ["git", "clone", "--quiet", str(self._host.repository), str(self._work)]
                subprocess.run(git, check=True)
                subprocess.run(["git", "-C", str(self._work), "checkout", "--quiet", self._event["sha"]], check=True)
            elif uses.startswith("actions/upload-artifact@"):
                self._artifacts.mkdir(exist_ok=True)
                shutil.copy(self._work / given["path"], self._artifacts)
            elif uses.startswith("actions/download-artifact@"):
                shutil.copytree(self._artifacts, self._work, dirs_exist_ok=True)
            elif uses.startswith(ACTION):
                self._act(step, given, environment)
            elif "run" in step:
                self._failed |= self._script({"shell": "bash", **step}, environment)["outcome"] == "failure"
            else:
                raise AssertionError(f"Nobody here knows {uses or step}")
        return "failure" if self._failed else "success"

    def _is_due(self, step: Mapping[str, Any]) -> bool:
        condition = str(step.get("if", ""))
        return bool(evaluated(condition or "true", self.look)) and (not self._failed or "always()" in condition)

    def _act(self, step: Mapping[str, Any], given: Mapping[str, str], environment: Mapping[str, str]) -> None:
        """Run our action, as it stands in this repository."""
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        assert given.keys() <= action["inputs"].keys()
        around = self._steps
        self._steps = {}
        defaults = {name: filled(each.get("default", ""), self.look) for name, each in action["inputs"].items()}
        self._inputs = defaults | dict(given)
        for number, part in enumerate(action["runs"]["steps"]):
            name = part.get("id", str(number))
            self._steps[name] = {"outcome": "skipped", "outputs": {}}
            if "run" not in part or part["name"] == "Install" or not self._is_due(part):
                continue
            self._steps[name] = self._script(part, environment)
            self._failed |= self._steps[name]["outcome"] == "failure"
        outputs = {name: filled(each["value"], self.look) for name, each in action["outputs"].items()}
        self._steps, self._inputs = around, {}
        if "id" in step:
            self._steps[step["id"]] = {"outcome": "", "outputs": outputs}

    def _work_or_empty(self) -> Path:
        self._work.mkdir(exist_ok=True)
        return self._work

    def _script(self, part: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
        assert "${{" not in part["run"], "what others write would be run"
        assert part["shell"] == "bash"
        output = self._temp / "output"
        output.write_text("", encoding="utf-8")
        later = self._temp / "environment"
        later.touch()
        kept = dict(line.split("=", 1) for line in later.read_text(encoding="utf-8").splitlines())
        own = {key: filled(str(value), self.look) for key, value in part.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", part["run"]],
            cwd=self._work_or_empty() / filled(part.get("working-directory", "."), self.look),
            env={
                **self._host.settings,
                "PATH": f"{self._host.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self._temp),
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_ACTOR": "ada",
                "GITHUB_ENV": str(later),
                "GITHUB_EVENT_PATH": str(self._temp / "event.json"),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_REPOSITORY": REPOSITORY,
                "GITHUB_RUN_ID": "4711",
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_STEP_SUMMARY": str(self._temp / "summary"),
                "RUNNER_TEMP": str(self._temp),
                "FORGE": str(self._host.kept),
                "FORGE_PERMISSIONS": json.dumps(self._permissions),
                **self._identity,
                **kept,
                **environment,
                **own,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log += done.stdout
        pairs = (line.partition("=") for line in output.read_text(encoding="utf-8").splitlines())
        return {
            "outcome": "failure" if done.returncode else "success",
            "outputs": {name: value for name, _, value in pairs},
        }
