"""The history of real runs."""

import json
from pathlib import Path

import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization
from tests.e2e.command import Command


@pytest.fixture
def command(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    command = Command(tmp_path, sandbox)
    command.declare(a_realm(no_realm), an_organization("acme", clients=(a_client("api-client-acme"),)))
    return command


def test_an_apply_is_in_the_history_and_a_broken_history_is_in_nobody_s_way(command: Command, tmp_path: Path) -> None:
    assert command("plan", "--detailed-exitcode", "--out", "a.plan").returncode == 2
    command.apply("a.plan", GITHUB_ACTOR="eve")

    runs = [json.loads(line) for line in command("history", "--json").stdout.splitlines()]
    assert [(run["command"], run["exit_code"]) for run in runs] == [("apply", 0), ("plan", 2)]
    applied = json.loads(command("history", "show", runs[0]["id"], "--json").stdout)
    assert applied["who"].startswith("eve, as ")
    assert applied["outcome"].endswith("verified")
    assert {change["address"]: change["status"] for change in applied["changes"]} == {
        f"realm/{command.realm}": "done",
        "organization/acme": "done",
        "client/acme/api-client-acme": "done",
    }
    assert applied["plan_fingerprint"] == runs[1]["plan_fingerprint"]
    assert set(applied["durations"]) == {"plan", "apply", "verify"}

    unusable = {"RECONCILER_HISTORY": f"sqlite:///{tmp_path}/acme.yaml/x"}
    done = command("apply", "--auto-approve", **unusable)
    assert done.returncode == 0
    assert "Warning: this run is not in the history." in done.stderr
