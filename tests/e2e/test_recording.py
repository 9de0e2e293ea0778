"""A recording of a run on a real Keycloak: the same output again, without a server, and no secret in the file."""

import os
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_partner, a_realm, an_organization
from tests.e2e import fork_server
from tests.e2e.command import ByHand, Command, Done

pytestmark = pytest.mark.e2e

MAIL_PASSWORD = "a-mail-password-that-must-never-show"
PLANTED_SECRET = "a-client-secret-that-must-never-show"
PROVIDER_SECRET = "a-provider-secret-that-must-never-show"


@pytest.fixture
def command(sandbox: Running, tmp_path: Path, no_realm: str) -> Command:
    """The command in a folder whose realm and organizations are applied, then changed by hand and in the manifests."""
    (tmp_path / "repository").mkdir()
    made = Command(tmp_path / "repository", sandbox)
    made.declare(a_realm(no_realm), an_organization("acme"), an_organization("beta"))
    made.apply()
    made.declare(an_organization("acme", partners=(a_partner(),), description="Changed in the manifest."))
    return made


@pytest.fixture
def realm(admin: httpx.Client, command: Command) -> ByHand:
    """The realm with secrets of every kind, and drift."""
    name = command.realm
    found = ByHand(admin, name)
    client = found.client("api-client-beta")
    assert client is not None
    changed = {**client, "redirectUris": ["https://evil.example"], "secret": PLANTED_SECRET}
    admin.put(f"/{name}/clients/{client['id']}", json=changed).raise_for_status()
    mail = {
        "host": "mail.example",
        "from": "idp@mail.example",
        "user": "idp",
        "password": MAIL_PASSWORD,
        "auth": "true",
    }
    admin.put(f"/{name}", json={"smtpServer": mail}).raise_for_status()
    provider = {"alias": "corp", "providerId": "oidc", "config": {"clientSecret": PROVIDER_SECRET, "clientId": "x"}}
    admin.post(f"/{name}/identity-provider/instances", json=provider).raise_for_status()
    return found


def replayed(command: Command, *arguments: str) -> Done:
    """Replay in another folder, without any setting."""
    elsewhere = command.folder.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    done = fork_server.run(arguments, elsewhere, {"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(elsewhere)})
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_plan_is_made_again_byte_for_byte(form: str, command: Command, realm: ByHand) -> None:
    file = str(command.folder / "run.jsonl")
    made = command("plan", "--format", form, "--record", file, "--detailed-exitcode")
    again = replayed(command, "plan", "--format", form, "--replay", file, "--detailed-exitcode")

    assert made.returncode == again.returncode == 2, made.stderr + again.stderr
    assert "evil.example" in made.stdout
    assert again.stdout == made.stdout


def test_drift_is_reported_again_with_its_actors_and_requests(command: Command, realm: ByHand) -> None:
    file, state = str(command.folder / "run.jsonl"), str(command.folder / "state.json")
    command("drift", "--state", state)
    made = command("drift", "--state", state, "--record", file)
    again = replayed(command, "drift", "--replay", file)

    assert made.returncode == again.returncode == 2, made.stderr + again.stderr
    assert "by admin" in made.stdout
    assert "Incremental read, in " in made.stdout
    assert again.stdout == made.stdout
    assert list((command.folder.parent / "elsewhere").iterdir()) == []


def test_a_recording_holds_no_secret(command: Command, realm: ByHand, sandbox: Running) -> None:
    plan, drift = command.folder / "plan.jsonl", command.folder / "drift.jsonl"
    command("plan", "--record", str(plan))
    command("drift", "--record", str(drift))

    live = [realm.client(f"api-client-{name}") for name in ("acme", "beta")]
    secrets = [client["secret"] for client in live if client]
    assert len(secrets) == 2
    for file in (plan, drift):
        text = file.read_text(encoding="utf-8")
        assert "api-client-acme" in text
        planted = [*secrets, sandbox.admin_password, MAIL_PASSWORD, PROVIDER_SECRET, PLANTED_SECRET, "eyJ"]
        assert [secret for secret in planted if secret in text] == []


def test_a_run_that_fails_is_recorded_too(command: Command) -> None:
    file = command.folder / "run.jsonl"
    made = command("plan", "--record", str(file), "--realm", "nowhere", "-f", "acme.yaml")
    again = replayed(command, "plan", "--replay", str(file))

    assert made.returncode == again.returncode == 1
    assert "no realm 'nowhere'" in again.stderr


def test_the_manifests_can_be_left_out(command: Command, realm: ByHand) -> None:
    file = str(command.folder / "run.jsonl")
    made = command("plan", "--record", file, "--no-manifests")

    assert "Changed in the manifest" not in Path(file).read_text(encoding="utf-8").splitlines()[0]
    refused = replayed(command, "plan", "--replay", file)
    assert (refused.returncode, "-f PATH" in refused.stderr) == (64, True)
    assert replayed(command, "plan", "--replay", file, "-f", str(command.folder)).stdout == made.stdout


def test_a_recording_is_never_applied(command: Command, realm: ByHand) -> None:
    file = str(command.folder / "run.jsonl")
    command("plan", "--record", file)

    for arguments in (("apply",), ("import", "--out", "x"), ("drift", "--fix"), ("plan", "--out", "x.plan")):
        refused = replayed(command, *arguments, "--replay", file)
        assert refused.returncode == 64, refused.stderr
        assert "plan --replay" in refused.stderr or "writes nothing" in refused.stderr
