"""The logins that bootstrap-login makes can do what they are for, and no more, on a real Keycloak."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from reconciler.model.user_folders import cache_folder
from reconciler.sandbox.distribution import version
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization
from tests.e2e.command import ByHand, Command

WANTED = an_organization("acme", clients=[a_client()])


@pytest.fixture
def command(tmp_path: Path, sandbox: Running, admin: httpx.Client, no_realm: str) -> Command:
    command = Command(tmp_path, sandbox)
    command.declare(a_realm(no_realm))
    command.apply("--no-effective")
    command.declare(WANTED)
    return command


def login(command: Command, name: str) -> dict[str, str]:
    """Return the variables of one of the clients, by the secret that the sink got."""
    secret = (command.folder / "secrets" / name).read_text().strip()
    return {"KEYCLOAK_REALM": command.realm, "KEYCLOAK_CLIENT_ID": name, "KEYCLOAK_CLIENT_SECRET": secret}


def logged_in(command: Command, name: str) -> Command:
    other = Command.__new__(Command)
    other.folder, other.realm = command.folder, command.realm
    administrators = {"KEYCLOAK_USER", "KEYCLOAK_PASSWORD"}
    other.settings = {k: v for k, v in command.settings.items() if k not in administrators} | login(command, name)
    return other


def test_the_reader_plans_and_the_writer_applies(command: Command) -> None:
    made = command("bootstrap-login", "--sink", "file:secrets/{name}", "--with-realm")
    assert made.returncode == 0, made.stdout + made.stderr
    assert made.stdout.count(": created") == 2
    again = command("bootstrap-login", "--sink", "file:secrets/{name}", "--with-realm")
    assert again.stdout.count(": exists") == 2
    assert "granted" not in again.stdout

    reader, writer = logged_in(command, "reconciler-reader"), logged_in(command, "reconciler-writer")
    assert not reader.plan_is_empty("--no-effective")
    refused = reader("apply", "--auto-approve", "--no-effective")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    writer.apply("--no-effective")
    assert reader.plan_is_empty("--no-effective")
    assert reader("drift", "--no-effective").returncode == 0


def by_kcadm(script: str, command: Command, sandbox: Running) -> "subprocess.CompletedProcess[str]":
    """Run a script as the administrator."""
    kcadm = cache_folder() / f"keycloak-{version()}" / "bin" / "kcadm.sh"
    log_in = (
        f"kcadm.sh config credentials --server {sandbox.keycloak_url} --realm master "
        f'--user {sandbox.admin_user} --password "$KEYCLOAK_PASSWORD"\n'
    )
    settings = {"PATH": f"{kcadm.parent}:{os.environ['PATH']}", "HOME": str(command.folder)}
    settings |= {"KEYCLOAK_PASSWORD": sandbox.admin_password, "KC_OPTS": "-XX:TieredStopAtLevel=1"}
    return subprocess.run(
        ["sh"], input=log_in + script, env=settings, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_script_for_kcadm_does_the_same(command: Command, sandbox: Running, admin: httpx.Client) -> None:
    done = by_kcadm(command("bootstrap-login", "--print", "--with-realm").stdout, command, sandbox)
    assert done.returncode == 0, done.stdout + done.stderr
    found = command("bootstrap-login", "--sink", "file:secrets/{name}", "--with-realm")
    assert found.stdout.count(": exists") == 2, found.stdout + found.stderr
    assert "granted" not in found.stdout
    assert "corrected" not in found.stdout
    assert ByHand(admin, command.realm).get("/clients", clientId="reconciler-writer")


TRUST = ("bootstrap-login", "--trust", "gitlab", "--subject", "project_path:acme/integrations")


def test_an_identity_provider_by_which_people_log_in_stays_theirs(
    command: Command, sandbox: Running, admin: httpx.Client
) -> None:
    by_hand, place = ByHand(admin, command.realm), f"/{command.realm}/identity-provider/instances"
    config = {
        "issuer": "https://gitlab.com", "clientId": "people-login", "clientSecret": "s3cret",
        "authorizationUrl": "https://gitlab.com/oauth/authorize", "tokenUrl": "https://gitlab.com/oauth/token",
    }  # fmt: skip
    made = {"alias": "gitlab", "providerId": "oidc", "displayName": "GitLab", "config": config}
    admin.post(place, json={**made, "config": {**config, "validateSignature": "false"}}).raise_for_status()
    before = by_hand.get("/identity-provider/instances/gitlab")

    refused = command(*TRUST)
    assert refused.returncode == 64, refused.stdout + refused.stderr
    assert "validateSignature=false" in refused.stderr
    script = by_kcadm(command(*TRUST, "--print").stdout, command, sandbox)
    assert script.returncode != 0
    assert by_hand.get("/identity-provider/instances/gitlab") == before
    assert by_hand.client("reconciler-apply") is None

    del before["config"]["validateSignature"]
    admin.put(f"{place}/gitlab", json=before).raise_for_status()
    done = command(*TRUST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "identity provider gitlab: exists, and shared: people may log in by it" in done.stdout
    assert "jwksUrl=https://gitlab.com/oauth/discovery/keys" in done.stdout
    after = by_hand.get("/identity-provider/instances/gitlab")
    added = {key: after["config"].pop(key) for key in after["config"].keys() - before["config"].keys()}
    assert after == before
    assert added.keys() == {
        "supportsClientAssertions", "supportsClientAssertionReuse", "fedClientAssertionMaxExp", "useJwksUrl",
        "jwksUrl", "validateSignature",
    }  # fmt: skip
    assert "settings changed" not in command(*TRUST).stdout


def test_who_goes_back_from_tokens_logs_in_by_a_secret(command: Command, admin: httpx.Client) -> None:
    assert command(*TRUST).returncode == 0
    names = ("--reader", "reconciler-read", "--writer", "reconciler-apply", "--sink", "file:secrets/{name}")
    back = command("bootstrap-login", *names)
    assert back.returncode == 0, back.stdout + back.stderr
    assert back.stdout.count("settings corrected: attributes, clientAuthenticatorType") == 2
    assert "corrected" not in command("bootstrap-login", *names).stdout
    found = ByHand(admin, command.realm).client("reconciler-read")
    assert found is not None
    assert not [key for key in found["attributes"] if key.startswith("jwt.credential.")]
    assert not logged_in(command, "reconciler-read").plan_is_empty("--no-effective")
