"""A whole apply where something swallows what it needs to know, or what it has to say."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command
from tests.e2e.relay import Relay, serving


def test_a_proxy_that_takes_location_away_hinders_no_apply(sandbox: Running, no_realm: str, tmp_path: Path) -> None:
    class WithoutLocation(Relay):
        target = urlsplit(sandbox.keycloak_url).netloc

        def take(self, body: bytes) -> None:
            status, headers, content = self.forward(body)
            self.answer((status, [each for each in headers if each[0].lower() != "location"], content))

    command = Command(tmp_path, sandbox)
    command.declare(a_realm(no_realm), an_organization("acme"))
    with serving(WithoutLocation) as url:
        done = command.apply(KEYCLOAK_URL=url)

    assert "Verified: Keycloak and /v1/me say what the manifests say" in done.stdout
    assert command.plan_is_empty()


def test_an_apply_whose_output_is_lost_is_made_and_recorded(
    sandbox: Running, admin: httpx.Client, no_realm: str, tmp_path: Path
) -> None:
    command = Command(tmp_path, sandbox)
    command.declare(a_realm(no_realm), an_organization("acme"))
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reconciler", "apply", "--auto-approve"],
            cwd=tmp_path, env=command.settings, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.endswith(
        "Error: Standard output could not be written: no space left on device.\n"
        "  Everything else was done. Redirect the output to a place that can be written, and run it again.\n"
    )
    assert ByHand(admin, no_realm).organization("acme") is not None
    assert command.plan_is_empty()
    run = json.loads(command("history", "--json", "--command", "apply").stdout)
    assert run["exit_code"] == 1
