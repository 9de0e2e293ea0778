"""The sandbox itself, while it is up."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import jwt
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import rsa

from reconciler.cli.sandbox import sandbox as command
from reconciler.sandbox.lifecycle import Running, Sandbox
from reconciler.sandbox.shell import exports


def run(running: Running, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, [*arguments, "--dir", str(running.folder)], catch_exceptions=False)
    return result.exit_code, result.stdout


def test_a_second_up_finds_it_up_and_changes_nothing(started: Running) -> None:
    again = Sandbox(started.folder).up()

    assert not again.started
    assert (again.keycloak_url, again.api_url) == (started.keycloak_url, started.api_url)


def test_the_command_up_says_that_it_is_up_already(started: Running) -> None:
    code, output = run(started, "up")

    assert code == 0
    assert output.startswith("The sandbox is up already.\n")


def test_status_tells_that_both_servers_answer(started: Running) -> None:
    code, output = run(started, "status", "--json")

    assert code == 0
    assert json.loads(output)["api"] == {
        "up": True,
        "url": started.api_url,
        "pid": Sandbox(started.folder).status().api.pid,
    }


def test_the_exports_let_a_shell_log_in_and_hold_no_secret(started: Running) -> None:
    code, output = run(started, "env")
    assert code == 0
    assert output == exports(started)
    assert started.admin_password not in output

    script = output + 'printf "%s\\n" "$KEYCLOAK_URL" "$KEYCLOAK_REALM" "$KEYCLOAK_USER" "$KEYCLOAK_PASSWORD"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout.splitlines() == [started.keycloak_url, "master", "admin", started.admin_password]


def test_the_password_file_is_for_its_owner_only(started: Running) -> None:
    assert started.admin_password_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
def test_no_command_line_holds_the_password(started: Running) -> None:
    status = Sandbox(started.folder).status()
    for pid in (status.keycloak.pid, status.api.pid):
        assert started.admin_password.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_both_servers_lead_sessions_of_their_own(started: Running) -> None:
    status = Sandbox(started.folder).status()
    for pid in (status.keycloak.pid, status.api.pid):
        assert pid is not None
        assert os.getsid(pid) == pid


def test_keycloak_writes_nothing_into_the_shared_distribution(started: Running) -> None:
    distribution = (started.folder / "keycloak" / "lib").resolve().parent

    assert (started.folder / "keycloak" / "data" / "h2").is_dir()
    assert not (distribution / "data").exists()
    assert not (distribution / "tmp").exists()


def test_while_the_realm_does_not_exist_every_token_is_refused(no_realm: str, sandbox: Running) -> None:
    assert no_realm == sandbox.realm
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode({"azp": "api-client-acme"}, key, algorithm="RS256", headers={"kid": "unknown"})

    response = httpx.get(f"{sandbox.api_url}/v1/me", headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    assert response.status_code == 401
    assert response.json()["detail"] == f"The token was not signed by the realm {no_realm}."
