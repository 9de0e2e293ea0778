"""``drift`` as a cron job runs it: state, metrics, notifications, and putting back what drifted."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command

SETTINGS = """\
environments:
  here:
    notifications: [{kind: webhook, urlFrom: HOOK}]
    dpa: {required: "2026-07", deadline: 2027-01-01}
"""


class Hook:
    """A server that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hook.bodies.append(json.loads(self.rfile.read(length)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/secret-of-the-hook"


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def command(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(no_realm), an_organization("acme"))
    found.apply("--no-effective")
    return found


def test_drift_is_seen_told_once_put_back_and_counted(
    command: Command, admin: httpx.Client, no_realm: str, hook: Hook
) -> None:
    (command.folder / "reconciler.yaml").write_text(SETTINGS, encoding="utf-8")
    by_hand = ByHand(admin, no_realm)
    watch = ("drift", "--state", "state", "--metrics", "drift.prom", "--no-effective")
    settings = {"HOOK": hook.url}

    quiet = command(*watch, **settings)
    assert quiet.returncode == ExitCode.DONE, quiet.stdout + quiet.stderr
    assert hook.bodies == [], "nothing to tell"
    assert (command.folder / "state").stat().st_mode & 0o777 == 0o600

    client = by_hand.client("api-client-acme")
    assert client is not None
    admin.put(f"/{no_realm}/clients/{client['id']}", json={**client, "publicClient": True}).raise_for_status()
    # A change of the manifest that is not applied is no drift, and --fix leaves it.
    command.declare(an_organization("acme", description="Not applied yet"))
    for _ in range(2):
        seen = command(*watch, **settings)
        assert seen.returncode == ExitCode.CHANGES
        assert "keycloak.publicClient: true -> false" in seen.stdout
        assert "by admin (admin-cli) from 127.0.0.1" in seen.stdout
        assert "Incremental read, in " in seen.stdout
        assert hook.url not in seen.stdout + seen.stderr
    assert [(body["state"], body["previous"]) for body in hook.bodies] == [("drift", "in-sync")]
    metrics = (command.folder / "drift.prom").read_text(encoding="utf-8")
    assert f'drift_fields{{realm="{no_realm}",owner="reconciler",organization="acme",class="settings"}} 1' in metrics
    assert "drift_dpa_days_left" in metrics

    lines = [json.loads(line) for line in command(*watch, "--format", "jsonl", **settings).stdout.splitlines()]
    assert (lines[0]["kind"], lines[-1]["kind"]) == ("field", "report")
    assert lines[0]["attribution"]["user"] == "admin"

    fixed = command(*watch, "--fix", **settings)
    assert fixed.returncode == ExitCode.DONE, fixed.stdout + fixed.stderr
    client, organization = by_hand.client("api-client-acme"), by_hand.organization("acme")
    assert client is not None
    assert organization is not None
    assert client["publicClient"] is False
    assert "description" not in organization
    assert [(body["state"], body["previous"]) for body in hook.bodies[1:]] == [("in-sync", "drift")]
    assert not command.plan_is_empty("--no-effective"), "the manifest's own change is still to be applied"


def test_a_deleted_client_is_made_again_and_one_that_was_never_applied_is_not(
    command: Command, admin: httpx.Client, no_realm: str
) -> None:
    by_hand = ByHand(admin, no_realm)
    client = by_hand.client("api-client-acme")
    assert client is not None
    admin.delete(f"/{no_realm}/clients/{client['id']}").raise_for_status()
    command.declare(an_organization("beta"))

    fixed = command("drift", "--fix", "--no-effective")
    assert fixed.returncode == ExitCode.CHANGES, fixed.stdout + fixed.stderr
    assert "# deleted by admin (admin-cli)" in fixed.stdout
    assert by_hand.client("api-client-acme") is not None
    assert by_hand.organization("beta") is None


@pytest.mark.parametrize("effect", ["deny", "require-approval"])
def test_what_a_policy_stops_is_not_put_back(command: Command, admin: httpx.Client, no_realm: str, effect: str) -> None:
    rule = f"{{name: hands-off, when: {{kind: client}}, then: {effect}, message: Ask first.}}"
    settings = f"environments: {{here: {{}}}}\npolicies:\n  - {rule}\n"
    (command.folder / "reconciler.yaml").write_text(settings, encoding="utf-8")
    by_hand = ByHand(admin, no_realm)
    client = by_hand.client("api-client-acme")
    assert client is not None
    admin.put(f"/{no_realm}/clients/{client['id']}", json={**client, "frontchannelLogout": True}).raise_for_status()
    tampered = by_hand.client("api-client-acme")

    refused = command("drift", "--fix", "--no-effective")

    assert refused.returncode == ExitCode.REFUSED, refused.stdout + refused.stderr
    assert "hands-off" in refused.stderr
    assert "Ask first." in refused.stderr
    assert by_hand.client("api-client-acme") == tampered

    (command.folder / "reconciler.yaml").unlink()
    assert command("drift", "--fix", "--no-effective").returncode == ExitCode.DONE


def test_a_failed_run_is_told_and_keeps_the_metrics(command: Command, hook: Hook) -> None:
    (command.folder / "reconciler.yaml").write_text(SETTINGS, encoding="utf-8")
    watch = ("drift", "--state", "state", "--metrics", "drift.prom", "--no-effective")
    assert command(*watch, HOOK=hook.url).returncode == ExitCode.DONE
    failed = command(*watch, HOOK=hook.url, KEYCLOAK_PASSWORD="wrong")
    assert failed.returncode == ExitCode.UNREACHABLE
    assert [body["state"] for body in hook.bodies] == ["unreachable"]
    metrics = (command.folder / "drift.prom").read_text(encoding="utf-8")
    assert "nt24_reconciler_drift_up{" in metrics
    assert "drift_last_success_timestamp_seconds{" in metrics


def test_a_notification_that_fails_is_said_and_changes_nothing_unless_it_is_required(command: Command) -> None:
    (command.folder / "reconciler.yaml").write_text(SETTINGS, encoding="utf-8")
    said = command("drift", "--notify-always", "--no-effective")
    assert said.returncode == ExitCode.DONE
    assert "the notification (webhook) was not delivered: HOOK is not set" in said.stderr
    required = SETTINGS.replace("urlFrom: HOOK", "urlFrom: HOOK, required: true")
    (command.folder / "reconciler.yaml").write_text(required, encoding="utf-8")
    assert command("drift", "--notify-always", "--no-effective").returncode == ExitCode.ERROR


def test_what_was_never_applied_is_nobodys_doing_and_is_left_to_apply(
    command: Command, admin: httpx.Client, no_realm: str
) -> None:
    by_hand = ByHand(admin, no_realm)
    by_hand.make_organization("beta")
    by_hand.make_client("api-client-beta", secret="beta-s-own", description="By hand")
    made, organization = by_hand.client("api-client-beta"), by_hand.organization("beta")
    assert made is not None
    assert organization is not None
    # An ordinary update, as every console sends it.
    admin.put(f"/{no_realm}/clients/{made['id']}", json=made).raise_for_status()
    admin.put(f"/{no_realm}/organizations/{organization['id']}", json=organization).raise_for_status()
    before = by_hand.client("api-client-beta")
    command.declare(an_organization("beta"))

    done = command("drift", "--no-effective", "--fix")
    assert done.returncode == ExitCode.DONE, done.stdout + done.stderr
    assert "ownership mark removed" not in done.stdout
    assert done.stdout.count("was never applied") == 2
    assert by_hand.client("api-client-beta") == before

    command.apply("--no-effective")
    marked = by_hand.client("api-client-beta")
    assert marked is not None
    bare = {**marked, "attributes": {"reconciler/owner": "", "reconciler/applied": ""}}
    admin.put(f"/{no_realm}/clients/{marked['id']}", json=bare).raise_for_status()
    organization = by_hand.organization("beta")
    assert organization is not None
    kept = {key: values for key, values in organization["attributes"].items() if not key.startswith("reconciler/")}
    path = f"/{no_realm}/organizations/{organization['id']}"
    admin.put(path, json={**organization, "attributes": kept}).raise_for_status()
    done = command("drift", "--no-effective")
    assert done.returncode == ExitCode.CHANGES, done.stdout
    assert done.stdout.count("ownership mark removed by") == 2, done.stdout
    # Where the record is gone, it cannot be told.
    admin.delete(f"/{no_realm}/admin-events").raise_for_status()
    done = command("drift", "--no-effective", "--fix")
    assert done.returncode == ExitCode.CHANGES, done.stdout + done.stderr
    assert "No admin event shows whether it was never applied" in done.stdout
    assert "ownership mark removed by" not in done.stdout
