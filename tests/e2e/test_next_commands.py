"""What plan and approve print to be run next is typed into a shell as it stands, on a real Keycloak."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization
from tests.e2e import fork_server
from tests.e2e.command import ByHand, Command, Done

APPROVE = """\
policies:
  - {name: two-people, when: {action: delete}, then: require-approval, message: Ask Ada.}
"""


@pytest.fixture
def run(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    """Nothing but the login is in the shell: where the systems are is said on the command line."""
    command = Command(tmp_path, sandbox)
    programs, installed = tmp_path / "bin", Path(sys.executable).with_name("reconciler")
    fork_server.make_program(programs / "reconciler", otherwise=(str(installed),))
    command.settings |= {"PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
    many = [a_client(f"api-client-acme-{n}") for n in range(7)]
    few = [a_client(f"api-client-beta-{n}") for n in range(4)]
    command.declare(a_realm(no_realm), an_organization("acme", clients=many), an_organization("beta", clients=few))
    command.apply("--no-effective")
    return command


@pytest.fixture
def by_hand(admin: httpx.Client, no_realm: str) -> ByHand:
    return ByHand(admin, no_realm)


def typed(run: Command, said: Done, what: str = "[Tt]o perform exactly these actions", more: str = "") -> Done:
    """Type what was printed into a shell."""
    assert said.returncode == 0, said.stdout + said.stderr
    found = re.search(f"{what}: (.*)", said.stderr)
    assert found, said.stderr
    return subprocess.run(
        ["bash", "-eu", "-c", f"{found[1]}{more}"],
        cwd=run.folder, env=run.settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_plan_that_deletes_is_carried_out_by_what_was_printed_wherever_it_was_planned_for(
    run: Command, by_hand: ByHand
) -> None:
    where = {name: run.settings.pop(name) for name in ("KEYCLOAK_URL", "NT24_REALM")}
    del run.settings["NT24_API_URL"]
    options = ("--keycloak-url", where["KEYCLOAK_URL"], "--realm", where["NT24_REALM"], "--no-effective")
    run.declare(an_organization("acme", clients=[a_client(f"api-client-acme-{n}") for n in range(6)]))

    done = typed(run, run("plan", *options, "--out", "it's a $(plan)"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert by_hand.client("api-client-acme-6") is None
    assert by_hand.organization("beta") is not None


def test_a_plan_that_needs_an_approval_and_deletes_more_than_the_guard_lets_through_is_carried_out_too(
    run: Command, by_hand: ByHand
) -> None:
    run.withdraw("beta")
    settings = {"keycloak": {"url": run.settings.pop("KEYCLOAK_URL"), "realm": run.settings.pop("NT24_REALM")}}
    text = f"environments:\n  a: {{keycloak: {{url: {settings['keycloak']['url']}, "
    text += f"realm: {settings['keycloak']['realm']}}}}}\n  b: {{default: true}}\n{APPROVE}"
    (run.folder / "settings.yaml").write_text(text, encoding="utf-8")

    planned = run("plan", "--config", "settings.yaml", "--env", "a", "--no-effective", "--out", "-d.plan")
    assert "--auto-approve" not in planned.stderr
    # Nobody can be asked here.
    approved = typed(run, planned, "To approve it", " --auto-approve")
    assert approved.returncode == 0, approved.stdout + approved.stderr
    done = typed(run, planned)

    assert done.returncode == 0, done.stdout + done.stderr
    assert by_hand.organization("beta") is None
    assert "--allow-delete --force --approval ./-d.plan.approval" in planned.stderr


def test_what_approve_prints_carries_the_plan_out(run: Command, by_hand: ByHand) -> None:
    run.withdraw("beta")
    del run.settings["NT24_API_URL"]
    (run.folder / "reconciler.yaml").write_text(f"environments: {{a: {{}}}}\n{APPROVE}", encoding="utf-8")
    assert run("plan", "--no-effective", "--out", "d.plan").returncode == 0

    approved = run("approve", "d.plan", "--out", "an approval", "--by", "Ada", "--auto-approve")
    assert "--allow-delete --force --approval 'an approval'" in approved.stderr
    done = typed(run, approved)

    assert done.returncode == 0, done.stdout + done.stderr
    assert by_hand.organization("beta") is None


def test_a_plan_that_a_policy_denies_prints_no_command(run: Command) -> None:
    run.withdraw("beta")
    text = f"environments: {{a: {{}}}}\n{APPROVE.replace('require-approval', 'deny')}"
    (run.folder / "reconciler.yaml").write_text(text, encoding="utf-8")

    planned = run("plan", "--no-effective", "--out", "d.plan")

    assert planned.returncode == 6
    assert "A denied plan cannot be applied." in planned.stderr
    assert "reconciler apply" not in planned.stderr
