"""Each block of commands in the documents runs as it stands there, on a real Keycloak; only placeholders are filled.

A page's blocks run in the page's order, in the folder and realm that its scene prepares. A block ends well, or as
``ENDS`` says. ``TOLD_ELSEWHERE`` names the test that runs what is not run here.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.contract.conftest import auto_pause
from tests.documents import ROOT, Block, blocks
from tests.e2e import fork_server
from tests.e2e.command import ByHand
from tests.repository import ALONE, Repo

pytestmark = pytest.mark.e2e

TOLD_ELSEWHERE: Final = {
    "README.md: reconciler drift -f examples": "tests/e2e/test_demo.py",
    "README.md: cat > partners.json <<'END'": "tests/e2e/test_sandbox_up.py",
    "README.md: reconciler --help": "tests/unit/test_readme.py",
    "docs/story.md": "tests/e2e/test_story.py",
}
"""By page, or by page and first line: the test that runs it."""

ENDS: Final = {
    "README.md: mkdir manifests": 1,
    "README.md: sed -i.bak": 1,
    "docs/doctor.md: export KEYCLOAK_URL": 3,
    "docs/webhooks.md: reconciler drift": 2,
}
"""The exit code of the blocks whose last command fails, by page and beginning."""

_PLACEHOLDERS: Final = re.compile(r"^export .*\n", re.MULTILINE)
"""Where the systems are, and who logs in: of the sandbox instead."""


class Scene:
    """A repository with the manifests of ``examples/``, at a realm of its own."""

    def __init__(self, folder: Path, running: Running, by_hand: ByHand) -> None:
        self.running, self.by_hand = running, by_hand
        self.repository = Repo(folder / "repository")
        self.folder = self.repository.folder
        programs = folder / "bin"
        fork_server.make_program(
            programs / "reconciler", otherwise=(str(Path(sys.executable).with_name("reconciler")),)
        )
        self.variables = ALONE | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "XDG_STATE_HOME": str(folder / "state"),
            "KEYCLOAK_URL": running.keycloak_url,
            "KEYCLOAK_USER": running.admin_user,
            "KEYCLOAK_PASSWORD": running.admin_password,
            "NT24_REALM": running.realm,
            "NT24_API_URL": running.api_url,
            "REPORT_URL": "https://ci.example/report",
        }
        self.instead: dict[str, str] = {}
        """What a block says, and what is run instead of it."""
        place = f"keycloak: {{url: {running.keycloak_url}, realm: {running.realm}}}, api: {{url: {running.api_url}}}"
        self.repository.write(
            "reconciler.yaml", f"environments:\n  production: {{{place}, default: true, manifests: [organizations]}}\n"
        )

    def declare_examples(self, folder: str = "organizations") -> None:
        """Write the examples' manifests, for this realm."""
        for example in sorted((ROOT / "examples").glob("*.yaml")):
            text = example.read_text(encoding="utf-8").replace("nt24-idp", self.running.realm)
            self.repository.write(f"{folder}/{example.name}", text)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script in one shell that ends with the first failure."""
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def done(self, script: str) -> str:
        """Run a script that ends well, and return what it prints."""
        done = self.run(script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def an_empty_folder(scene: Scene) -> None:
    (scene.folder / "reconciler.yaml").unlink()
    scene.instead = {
        "kind: Realm": f"kind: Realm\\nmetadata: {{name: {scene.running.realm}}}",
        "reconciler apply ": "reconciler apply --auto-approve ",
    }


def declared_in_a_realm_that_is_there(scene: Scene) -> None:
    scene.by_hand.make_realm()
    scene.declare_examples()


def planned(scene: Scene) -> None:
    scene.declare_examples()
    scene.done("reconciler plan --out acme.plan")


def applied(scene: Scene) -> None:
    scene.declare_examples()
    scene.done("reconciler apply --auto-approve --sink 'file:secrets/{name}'")


def one_that_may_go(scene: Scene) -> None:
    scene.declare_examples()
    manifest = scene.folder / "organizations" / "acme-motors.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("preventDestroy: true", "preventDestroy: false"), encoding="utf-8")
    scene.done("reconciler apply --auto-approve")


def made_by_others(scene: Scene) -> None:
    scene.by_hand.make_realm()
    scene.by_hand.make_client("api-client-acme-motors", scene.by_hand.make_organization("acme-motors"))
    scene.by_hand.make_organization("beta")


def a_client_that_nobody_knows(scene: Scene) -> None:
    scene.by_hand.make_realm()
    scene.variables |= {
        "NT24_CLIENT_ID": "api-client-acme-motors",
        "NT24_CLIENT_SECRET": "of-another-environment",
        "KEYCLOAK_REALM": scene.running.realm,
    }
    for name in ("KEYCLOAK_USER", "KEYCLOAK_PASSWORD"):
        del scene.variables[name]
    answer = {"type": "capability-required", "title": "Forbidden", "status": 403}
    (scene.folder / "answer").write_text(json.dumps(answer), encoding="utf-8")
    scene.instead = {"curl -i …": "cat answer"}


def a_cron_job(scene: Scene) -> None:
    applied(scene)
    var = scene.folder / "var" / "lib"
    for name in ("reconciler", "node_exporter/textfile"):
        (var / name).mkdir(parents=True)
    scene.instead = {"/var/lib/": f"{var}/"}


def not_in_force(scene: Scene) -> None:
    applied(scene)
    settings = scene.folder / "reconciler.yaml"
    platform = "authority: {capabilities: platform}, default: true"
    settings.write_text(settings.read_text(encoding="utf-8").replace("default: true", platform), encoding="utf-8")
    scene.instead = {"velo-city": "nordwind-handel"}
    changed = (scene.folder / "organizations" / "nordwind-handel.yaml").read_text(encoding="utf-8")
    scene.repository.write("organizations/nordwind-handel.yaml", changed.replace("HIGH_VOLUME", "ENTERPRISE"))


def two_runs(scene: Scene) -> None:
    applied(scene)
    scene.done("reconciler plan")
    run = scene.done("reconciler history --limit 1").split()[0]
    scene.instead = {"20261124T120501": run.partition("-")[0]}


def a_policy_that_asks(scene: Scene) -> None:
    scene.declare_examples()
    with (scene.folder / "reconciler.yaml").open("a", encoding="utf-8") as settings:
        settings.write(
            "policies: [{name: two-people, when: {action: create}, then: require-approval, message: Ask.}]\n"
        )
    scene.instead = {
        "reconciler approve ": "reconciler approve --auto-approve ",
        # These programs read the example in tests/programs/test_example_policy.py.
        "conftest test ": "true ",
        "opa eval ": "true ",
    }


def a_branch(scene: Scene) -> None:
    git = scene.repository.git
    scene.repository.commit()
    for tag in ("v1.4", "v1.5"):
        scene.repository.write(f"organizations/{tag}.md", tag)
        scene.repository.commit()
        git("tag", tag)
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("switch", "-q", "-c", "feature")
    scene.declare_examples()
    scene.repository.commit()


def a_changed_branch(scene: Scene) -> None:
    scene.repository.commit()
    scene.repository.git("switch", "-q", "-c", "feature")
    scene.declare_examples()
    scene.repository.commit()


def a_rotation(scene: Scene) -> None:
    applied(scene)
    # The system that uses the client has switched to the new secret, and goes on logging in.
    login = (
        "import httpx, pathlib, time\n"
        "while True:\n"
        f"    httpx.post('{scene.running.keycloak_url}/realms/{scene.running.realm}/protocol/openid-connect/token', "
        "data={'grant_type': 'client_credentials', 'client_id': 'api-client-acme-motors', "
        "'client_secret': pathlib.Path('secrets/api-client-acme-motors').read_text().strip()})\n"
        "    time.sleep(0.5)\n"
    )
    system = f"{shlex.join([sys.executable, '-c', login])} & trap 'kill $!' EXIT\n"
    confirm = "reconciler rotate confirm "
    scene.instead = {confirm: f"{system}{confirm}--auto-approve --watch 10s "}


def a_webhook(scene: Scene) -> None:
    scene.declare_examples()
    scene.declare_examples("manifests")
    scene.instead = {"reconciler apply ": "reconciler apply --auto-approve "}


SCENES: Final[Mapping[str, Callable[[Scene], None]]] = {
    "README.md": an_empty_folder,
    "docs/adoption.md": made_by_others,
    "docs/ci-login.md": declared_in_a_realm_that_is_there,
    "docs/diagnostics.md": planned,
    "docs/doctor.md": a_client_that_nobody_knows,
    "docs/drift.md": a_cron_job,
    "docs/findings.md": not_in_force,
    "docs/grants.md": applied,
    "docs/history.md": two_runs,
    "docs/policies.md": a_policy_that_asks,
    "docs/retiring.md": one_that_may_go,
    "docs/review.md": a_branch,
    "docs/secrets.md": a_rotation,
    "docs/shared-facts.md": a_changed_branch,
    "docs/webhooks.md": a_webhook,
}


def key_of(block: Block) -> str:
    return f"{block.page}: {block.script.splitlines()[0]}"


def with_commands() -> dict[str, list[Block]]:
    """Return the blocks that run the reconciler and are run here, by page."""
    found: dict[str, list[Block]] = {}
    for block in blocks():
        if block.commands and block.page not in TOLD_ELSEWHERE and key_of(block) not in TOLD_ELSEWHERE:
            found.setdefault(block.page, []).append(block)
    return found


@pytest.fixture
def scene(
    tmp_path: Path, sandbox: Running, admin: httpx.Client, no_realm: str, partners_of_the_examples: None
) -> Scene:
    return Scene(tmp_path, sandbox, ByHand(admin, no_realm))


def test_each_test_that_is_named_is_there() -> None:
    assert [name for name in TOLD_ELSEWHERE.values() if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", with_commands())
def test_the_commands_of_a_page_run_as_they_stand(page: str, scene: Scene, sandbox: Running) -> None:
    SCENES[page](scene)
    for block in with_commands()[page]:
        script = _PLACEHOLDERS.sub("", block.script)
        for said, instead in scene.instead.items():
            script = script.replace(said, instead)
        if key_of(block) == "docs/webhooks.md: reconciler drift":
            auto_pause(sandbox, "https://erp.nordwind-handel.example/nt24/compliance", "20 deliveries failed")

        done = scene.run(script)

        told = f"{block.place}:\n{script}\n{done.stdout}{done.stderr}"
        assert done.returncode == next((code for key, code in ENDS.items() if key_of(block).startswith(key)), 0), told
        if page == "README.md":
            assert block.printed.replace("nt24-idp", sandbox.realm) in done.stdout + done.stderr, told
        assert "Traceback" not in done.stderr, told
