"""From ``reconciler init`` to a merged deletion, by nothing but the commands that it prints, on a real Keycloak."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e import forge_settings, fork_server
from tests.e2e.command import ByHand, Command
from tests.e2e.forge import ACTION, GitHub, Protection
from tests.e2e.token_issuer import TokenIssuer, issuing
from tests.repository import Repo

pytestmark = [pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq, which gh brings along")]

EXAMPLE: Final = "organizations/acme-motors.yaml"


class FirstDay:
    """An administrator of Keycloak and of a code host, in a new repository, who does what is printed."""

    def __init__(self, folder: Path, running: Running, realm: str) -> None:
        self.folder, self._running = folder, running
        programs = folder / "bin"
        fork_server.make_program(
            programs / "reconciler", otherwise=(str(Path(sys.executable).with_name("reconciler")),)
        )
        for name in ("gh", "glab"):
            text = f'#!/bin/sh\nexec "{sys.executable}" "{forge_settings.__file__}" {name} "$@"\n'
            (programs / name).write_text(text, encoding="utf-8")
            (programs / name).chmod(0o755)
        self.shell = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(folder),
            "FORGE_SETTINGS": str(folder / "forge.json"),
        }
        self.repository = Repo(folder / "repository")
        self.realm = realm

    @property
    def forge(self) -> dict[str, Any]:
        """What the code host was told."""
        found: dict[str, Any] = json.loads((self.folder / "forge.json").read_text(encoding="utf-8"))
        return found

    def run(self, script: str, **more: str) -> str:
        done = self.tried(script, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def tried(self, script: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], cwd=self.repository.folder, env=self.shell | more,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def init(self, part: str, *arguments: str) -> None:
        """Make the repository, and run what that printed."""
        systems = (
            "--keycloak-url",
            self._running.keycloak_url,
            "--api-url",
            self._running.api_url,
            "--realm",
            self.realm,
        )
        printed = self.run(" ".join(("reconciler init --with", part, *systems, *arguments)))
        (commands,) = re.findall(r"^```sh\n(.*?)^```$", printed, re.DOTALL | re.MULTILINE)
        assert commands in (self.repository.folder / "README.md").read_text(encoding="utf-8")
        login = {"KEYCLOAK_USER": self._running.admin_user, "KEYCLOAK_PASSWORD": self._running.admin_password}
        self.run(commands, **login)
        (hint,) = re.findall(r"^Next: copy (\S+)\.txt", printed, re.MULTILINE)
        shutil.copy(self.repository.folder / f"{hint}.txt", self.repository.folder / EXAMPLE)
        self.repository.declare(an_organization("beta"))

    def retire_beta(self) -> None:
        """Delete a manifest, and let the other be deleted later."""
        self.repository.git("rm", "-q", "organizations/beta.yaml")
        example = (self.repository.folder / EXAMPLE).read_text(encoding="utf-8")
        assert "preventDestroy: true" in example
        self.repository.write(EXAMPLE, example.replace("preventDestroy: true", "preventDestroy: false"))

    def retire_the_last(self, advice: str) -> None:
        """Delete the last manifest, and write what is advised into the settings, where it is said."""
        self.repository.git("rm", "-q", EXAMPLE)
        (setting,) = set(re.findall(r"write (\w+: true) into its environment of reconciler\.yaml", advice))
        settings = (self.repository.folder / "reconciler.yaml").read_text(encoding="utf-8")
        self.repository.write("reconciler.yaml", settings.replace("default: true\n", f"default: true\n    {setting}\n"))

    def merged(self) -> str:
        """Merge what the folder holds, and return the commit."""
        return self.repository.commit()


@pytest.fixture
def day(tmp_path: Path, sandbox: Running, admin: httpx.Client, no_realm: str) -> FirstDay:
    """The realm is there: who runs Keycloak has made it."""
    command = Command(tmp_path / "platform", sandbox)
    command.declare(a_realm(no_realm))
    command.apply("--no-effective")
    return FirstDay(tmp_path / "day", sandbox, no_realm)


@pytest.fixture
def issuer() -> Iterator[TokenIssuer]:
    with issuing() as found:
        yield found


def test_github_s_first_day_ends_with_a_merged_deletion(
    day: FirstDay, issuer: TokenIssuer, admin: httpx.Client
) -> None:
    day.init("github", "--action", f"{ACTION}{'0' * 40}", "--issuer", issuer.url)
    environments = {
        name: Protection(each["variables"], each["secrets"], ("grace",) * bool(each["rules"]["reviewers"]))
        for name, each in day.forge["environments"].items()
    }
    asked = f"{issuer.url}/token"
    host = GitHub(day.repository.folder, day.folder / "host", {}, environments, {"reconciler-apply"}, asked)

    created = host.run("apply.yml", {"sha": day.merged()})
    assert created.results == {"plan": "success", "permit": "skipped", "apply": "success"}, created.log
    assert host.run("drift.yml", {"sha": day.merged()}).results == {"drift": "success"}

    day.retire_beta()
    waits = host.run("apply.yml", {"sha": day.merged()})
    assert waits.results == {"plan": "success", "permit": "waiting", "apply": "skipped"}, waits.log
    assert ByHand(admin, day.realm).organization("beta") is not None

    host.consent.add("reconciler-permit")
    deleted = host.run("apply.yml", {"sha": day.merged()})
    assert deleted.results == {"plan": "success", "permit": "success", "apply": "success"}, deleted.log
    assert ByHand(admin, day.realm).organization("beta") is None
    assert ByHand(admin, day.realm).organization("acme-motors") is not None

    # Manifests that are lost look like the last one that is deleted.
    day.repository.git("rm", "-q", EXAMPLE)
    lost = host.run("apply.yml", {"sha": day.merged()})
    assert lost.results == {"plan": "failure", "permit": "skipped", "apply": "skipped"}, lost.log
    day.repository.git("revert", "--no-edit", "HEAD")
    day.retire_the_last(lost.log)
    retired = host.run("apply.yml", {"sha": day.merged()})
    assert retired.results == {"plan": "success", "permit": "success", "apply": "success"}, retired.log
    assert ByHand(admin, day.realm).organization("acme-motors") is None
    assert host.run("drift.yml", {"sha": day.merged()}).results == {"drift": "success"}


class GitLab:
    """The host: it runs the script of a job with what was set for the job's environment, and nothing else."""

    def __init__(self, day: FirstDay, issuer: TokenIssuer) -> None:
        self.day, self.issuer = day, issuer
        self.pipeline = yaml.safe_load((day.repository.folder / ".gitlab-ci.yml").read_text(encoding="utf-8"))

    def subject(self, name: str) -> str:
        """Return what the project's tokens say of a job in an environment, by the claims that were chosen."""
        rules = self.day.forge["environments"][name]["rules"]
        is_protected = str("deploy_access_levels" in rules).lower()
        claims = {
            "project_path": "acme/integrations",
            "ref_type": "branch",
            "ref_protected": str(name != "reconciler-plan").lower(),
            "environment_protected": is_protected,
            "deployment_tier": rules["tier"],
        }
        return ":".join(
            f"{each}:{claims[each]}" for each in self.day.forge["projects/:id"]["ci_id_token_sub_claim_components"]
        )

    def variables(self, job: str) -> dict[str, str]:
        """Return what a job is given."""
        place = self.pipeline[job]["environment"]
        kept = self.day.forge["environments"][place["name"]]
        assert place["deployment_tier"] == kept["rules"]["tier"]
        tokens = self.pipeline[job].get("id_tokens", {})
        given = {name: self.issuer.token(place["name"], token["aud"]) for name, token in tokens.items()}
        return {**self.pipeline["variables"], **kept["variables"], **kept["secrets"], **given}

    def run(self, job: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return self.day.tried("\n".join(self.pipeline[job]["script"]), **self.variables(job), **more)


@pytest.mark.parametrize("login", ["token", "secret"])
def test_gitlab_s_first_day_ends_with_a_merged_deletion(
    day: FirstDay, issuer: TokenIssuer, admin: httpx.Client, login: str
) -> None:
    day.init("gitlab", "--login", login, "--issuer", issuer.url)
    host = GitLab(day, issuer)
    issuer.subject = host.subject

    day.merged()
    for job in ("plan", "apply", "drift"):
        done = host.run(job)
        assert done.returncode == 0, done.stdout + done.stderr
    day.retire_beta()
    day.merged()
    assert [host.run(job).returncode for job in ("plan", "apply")] == [0, 6]
    assert ByHand(admin, day.realm).organization("beta") is not None

    if login == "token":
        # A merge request whose file names the writer's tier.
        issuer.subject = lambda name: host.subject(name).replace("ref_protected:true", "ref_protected:false")
        stolen = host.run("apply-permitted", GITLAB_USER_LOGIN="mallory")
        assert "Invalid client or Invalid client credentials" in stolen.stderr
        assert ByHand(admin, day.realm).organization("beta") is not None
        issuer.subject = host.subject
    permitted = host.run("apply-permitted", GITLAB_USER_LOGIN="grace")
    assert permitted.returncode == 0, permitted.stdout + permitted.stderr
    assert ByHand(admin, day.realm).organization("beta") is None
    assert ByHand(admin, day.realm).organization("acme-motors") is not None

    day.repository.git("rm", "-q", EXAMPLE)
    lost = host.run("plan")
    assert lost.returncode == 1
    day.repository.git("reset", "-q", "--hard")
    day.retire_the_last(lost.stderr)
    day.merged()
    day.run("\n".join(host.pipeline["validate"]["script"]))
    assert host.run("plan").returncode == 0
    retired = host.run("apply-permitted", GITLAB_USER_LOGIN="grace")
    assert retired.returncode == 0, retired.stdout + retired.stderr
    assert ByHand(admin, day.realm).organization("acme-motors") is None
    assert host.run("drift").returncode == 0
