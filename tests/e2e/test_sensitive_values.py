"""Secrets that Keycloak keeps as plain attributes show nowhere; real Keycloak makes such a key for each SAML client."""

from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm
from tests.e2e.command import ByHand, Command
from tests.e2e.secret_scanner import Hoard

pytestmark = pytest.mark.e2e

CLIENT = "api-client-acme"
KEY = "saml.signing.private.key"
PLANTED = "planted-by-hand-4f9d1c77a0"
FORMATS = ("text", "json", "markdown", "html", "sarif", "junit")


@pytest.fixture
def command(tmp_path: Path, sandbox: Running) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(sandbox.realm))
    found.apply("--no-effective")
    return found


def test_the_key_of_a_saml_client_shows_nowhere(
    no_realm: str, command: Command, admin: httpx.Client, sandbox: Running
) -> None:
    realm, scanner = ByHand(admin, no_realm), Hoard()
    home = realm.make_organization("acme")
    realm.make_client(CLIENT, home, attributes={"crm.password": PLANTED})
    assert command("import", "acme", "--out", "live").returncode == 0
    manifest = command.folder / "live" / "acme.yaml"
    drop = "lifecycle: {adopt: {drop: [keycloak.attributes, keycloak.protocol]}}\n"
    manifest.write_text(manifest.read_text(encoding="utf-8") + drop, encoding="utf-8")
    realm.remove_client(CLIENT)
    # As anybody makes one: Keycloak adds the key by itself.
    admin.post(f"/{no_realm}/clients", json={"clientId": CLIENT, "protocol": "saml"}).raise_for_status()
    realm.change_client(CLIENT, attributes={**made(realm), "crm.password": PLANTED})
    scanner.add("the key of a SAML client", made(realm)[KEY])
    scanner.add("a password in an attribute", PLANTED)

    said = ""
    for form in FORMATS:
        planned = command("plan", "--no-effective", "--format", form)
        assert planned.returncode == 0, planned.stderr
        said += planned.stdout
        said += command("drift", "--no-effective", "--format", form).stdout
    assert KEY in said
    assert "(sensitive value)" in said
    for arguments in (
        ("plan", "--no-effective", "--out", "saved.plan"),
        ("plan", "--no-effective", "--record", "run.jsonl"),
        ("plan", "--replay", "run.jsonl"),
        ("show", "saved.plan", "--format", "json"),
        ("drift", "--no-effective", "--state", "memory.json"),
        ("import", "--out", "again"),
        ("apply", "--no-effective", "--auto-approve"),
        ("history", "--json"),
        ("history", "export"),
    ):
        done = command(*arguments)
        assert done.returncode != 64, done.stderr
        said += done.stdout + done.stderr
    realm.change_client(CLIENT, attributes={"crm.password": PLANTED})
    said += command("drift", "--no-effective", "--state", "memory.json").stdout
    assert scanner.found_in(said) == []
    files = [path for path in command.folder.rglob("*") if path.is_file()]
    assert {"saved.plan", "run.jsonl", "memory.json"} <= {path.name for path in files}
    for path in files:
        assert scanner.found_in(path.read_bytes().decode(errors="replace")) == [], path


def made(realm: ByHand) -> dict[str, str]:
    found = realm.client(CLIENT)
    assert found is not None
    attributes: dict[str, str] = found["attributes"]
    return attributes
