"""What runs on a real Keycloak say on standard error: in JSON, with every request, and never a secret."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command
from tests.terminal import on_terminal

pytestmark = pytest.mark.e2e

ACME = an_organization("acme")


@pytest.fixture
def command(sandbox: Running, tmp_path: Path, no_realm: str) -> Command:
    """The command in a folder with a realm and one organization, nothing of which is applied."""
    made = Command(tmp_path, sandbox)
    made.declare(a_realm(no_realm), ACME)
    return made


def told(stderr: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stderr.splitlines()]


def test_an_apply_tells_everything_as_json_and_no_secret(
    command: Command, sandbox: Running, admin: httpx.Client
) -> None:
    done = command.apply("-vv", "--log-format", "json")

    lines = told(done.stderr)
    events = Counter(line["event"] for line in lines)
    assert events["change"] == 3
    assert {"login", "request", "change", "stage"} <= events.keys()
    requests = [line for line in lines if line["event"] == "request"]
    assert {line["system"] for line in requests} == {"Keycloak", "The NT24 Integration API"}
    assert any(line["path"].endswith("/protocol/openid-connect/token") for line in requests)
    ids = [line["request_id"] for line in requests]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    found = ByHand(admin, sandbox.realm).client("api-client-acme")
    assert found is not None
    for secret in (found["secret"], sandbox.admin_password, "eyJ"):
        assert secret not in done.stderr + done.stdout


def test_the_platform_gets_the_id_that_is_told(command: Command) -> None:
    command.apply()
    done = command("me", "api-client-gone", "-v", "--log-format", "json")

    lines = told(done.stderr)
    assert [line["event"] for line in lines][-1] == "error"
    assert lines[-1]["exit_code"] == done.returncode == 1


def test_a_refused_login_quotes_the_id_of_the_token_request(command: Command) -> None:
    done = command("plan", "-v", "--log-format", "json", KEYCLOAK_PASSWORD="wrong")

    *_, request, error = told(done.stderr)
    assert (done.returncode, error["exit_code"]) == (3, 3)
    assert request["path"] == "/realms/master/protocol/openid-connect/token"
    assert f"(request {request['request_id']})" in error["message"]


def test_a_plan_shows_its_reads_on_a_terminal_and_nothing_of_them_in_a_pipe(command: Command) -> None:
    command.apply()
    program = [sys.executable, "-m", "reconciler", "plan"]
    shown = on_terminal(program, command.settings, folder=command.folder)

    assert "No changes." in shown.output
    assert any(row.startswith("Reading Keycloak") for row in shown.rows)
    # Two requests: the client's, and the one that would give away a mock.
    assert any(row.startswith("Asking /v1/me") and "2/2" in row for row in shown.rows), shown.rows
    assert command("plan").stderr == ""


def test_an_apply_counts_its_changes_on_a_terminal(command: Command) -> None:
    program = [sys.executable, "-m", "reconciler", "apply", "--auto-approve"]
    shown = on_terminal(program, command.settings, folder=command.folder, columns=50)

    assert shown.code == 0, shown.raw + shown.output
    assert any(row.startswith("3/3 Applying") for row in shown.rows)
    # What was done stays on the screen, above the bar.
    assert sum("Creation complete" in row for row in shown.rows) == 3, shown.rows
