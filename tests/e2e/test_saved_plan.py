"""A plan is saved, shown and applied on a real Keycloak, exactly as it was reviewed, or not at all."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.manifest.write import manifest_text
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization
from tests.e2e import fork_server

pytestmark = pytest.mark.e2e


class Shell:
    """Run the command in a folder of its own, pointed at the sandbox."""

    def __init__(self, folder: Path, running: Running) -> None:
        self.folder = folder
        self._settings = {
            "PATH": os.environ["PATH"],
            "XDG_STATE_HOME": str(folder / "state"),
            "KEYCLOAK_URL": running.keycloak_url,
            "KEYCLOAK_USER": running.admin_user,
            "KEYCLOAK_PASSWORD": running.admin_password,
            "NT24_REALM": running.realm,
            "NT24_API_URL": running.api_url,
        }

    def declare(self, description: str = "", *names: str) -> None:
        (self.folder / "realm.yaml").write_text(manifest_text(a_realm(self._settings["NT24_REALM"])), encoding="utf-8")
        for name in names or ("acme", "beta"):
            manifest = an_organization(name, description=description, clients=[a_client(f"api-client-{name}")])
            (self.folder / f"{name}.yaml").write_text(manifest_text(manifest), encoding="utf-8")

    def __call__(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return fork_server.run(arguments, self.folder, self._settings | settings)


class Realm:
    """The realm as an administrator sees and changes it."""

    def __init__(self, admin: httpx.Client, name: str) -> None:
        self._admin = admin
        self._name = name

    def get(self, path: str, **query: str) -> Any:
        answer = self._admin.get(f"/{self._name}{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    def organization(self, alias: str) -> dict[str, Any]:
        found = next(o for o in self.get("/organizations", search=alias, exact="false") if o["alias"] == alias)
        organization: dict[str, Any] = self.get(f"/organizations/{found['id']}")
        return organization

    def change(self, alias: str, **fields: Any) -> None:
        organization = self.organization(alias)
        path = f"/{self._name}/organizations/{organization['id']}"
        self._admin.put(path, json=organization | fields).raise_for_status()

    def secrets(self) -> list[str]:
        return [client["secret"] for client in self.get("/clients") if client.get("secret")]


@pytest.fixture
def shell(tmp_path: Path, sandbox: Running) -> Shell:
    return Shell(tmp_path, sandbox)


@pytest.fixture
def realm(admin: httpx.Client, no_realm: str) -> Realm:
    return Realm(admin, no_realm)


def planned(shell: Shell) -> subprocess.CompletedProcess[str]:
    done = shell("plan", "--out", "a.plan")
    assert done.returncode == 0, done.stderr
    return done


def test_a_plan_is_applied_as_it_was_saved_and_never_twice(shell: Shell, realm: Realm) -> None:
    shell.declare()
    text = planned(shell).stdout
    assert (shell.folder / "a.plan").stat().st_mode & 0o777 == 0o600
    shown = shell("show", "a.plan", KEYCLOAK_URL="", NT24_REALM="somewhere")
    assert shown.returncode == 0
    assert shown.stdout.startswith(text)
    assert "\nFingerprint: " in shown.stdout

    # The manifests are not needed any more.
    for manifest in shell.folder.glob("*.yaml"):
        manifest.unlink()
    applied = shell("apply", "a.plan")
    assert applied.returncode == 0, applied.stderr
    assert applied.stdout.splitlines()[0] == text.splitlines()[0]
    assert text.startswith("Target: Keycloak http://127.0.0.1:")
    assert "Resources: 5 added, 0 changed, 0 destroyed." in applied.stdout
    assert "Verified: Keycloak and /v1/me say what the plan says" in applied.stdout

    again = shell("apply", "a.plan")
    assert again.returncode == 5
    assert "The plan seems to have been applied already" in again.stderr

    shell.declare()
    assert "No changes." in shell("plan").stdout


def test_a_plan_is_refused_whole_where_one_object_moved(shell: Shell, realm: Realm) -> None:
    shell.declare()
    assert shell("apply", "--auto-approve").returncode == 0
    shell.declare("Reviewed")
    planned(shell)
    realm.change("beta", name="Beta by hand")

    before = [realm.organization(alias) for alias in ("acme", "beta")]
    refused = shell("apply", "a.plan")
    assert refused.returncode == 5
    assert "organization/beta was changed:" in refused.stderr
    assert '~ displayName: "Beta" -> "Beta by hand"' in refused.stderr
    assert "Nothing was written." in refused.stderr
    assert "organization/acme" not in refused.stderr
    assert [realm.organization(alias) for alias in ("acme", "beta")] == before

    planned(shell)
    assert shell("apply", "a.plan").returncode == 0
    after = realm.organization("beta")
    assert (after["name"], after["description"]) == ("Beta", "Reviewed")
    assert shell("apply", "a.plan").returncode == 5


def test_a_plan_that_deletes_needs_leave_and_is_proven(shell: Shell, realm: Realm) -> None:
    shell.declare()
    assert shell("apply", "--auto-approve").returncode == 0
    (shell.folder / "beta.yaml").unlink()
    planned(shell)
    refused = shell("apply", "a.plan")
    assert (refused.returncode, "--allow-delete" in refused.stderr) == (6, True)
    assert realm.organization("beta")

    applied = shell("apply", "a.plan", "--allow-delete")
    assert applied.returncode == 0, applied.stderr
    assert "Verified: Keycloak says what the plan says" in applied.stdout
    assert [found["alias"] for found in realm.get("/organizations")] == ["acme"]
    assert "have been applied already" in shell("apply", "a.plan", "--allow-delete").stderr


def test_a_plan_holds_no_secret_and_is_the_document_that_plan_prints(shell: Shell, realm: Realm) -> None:
    shell.declare()
    assert shell("apply", "--auto-approve").returncode == 0
    shell.declare("Reviewed")
    printed = shell("plan", "--json", "--out", "a.plan").stdout
    saved = (shell.folder / "a.plan").read_text(encoding="utf-8")
    assert saved == printed
    secrets = realm.secrets()
    assert len(secrets) >= 2
    assert [secret for secret in secrets if secret in saved] == []

    first, second = json.loads(saved), json.loads(shell("plan", "--json").stdout)
    for document in (first, second):
        del document["timestamp"], document["fingerprint"], document["checksum"]
    assert first == second


def test_a_plan_that_is_not_ours_is_refused_before_keycloak_is_asked(shell: Shell, realm: Realm) -> None:
    shell.declare()
    planned(shell)
    path = shell.folder / "a.plan"
    whole = path.read_text(encoding="utf-8")
    for said, text in {
        "is damaged": whole[: len(whole) // 2],
        "was edited": whole.replace("STANDARD", "ENTERPRISE"),
        "is not a saved plan": "{}",
    }.items():
        path.write_text(text, encoding="utf-8")
        refused = shell("apply", "a.plan", KEYCLOAK_URL="http://127.0.0.1:1")
        assert (refused.returncode, said in refused.stderr) == (64, True), refused.stderr
    path.write_text(whole, encoding="utf-8")
    for settings in ({"NT24_REALM": "other"}, {"RECONCILER_OWNER": "other"}, {"KEYCLOAK_URL": "http://127.0.0.1:1"}):
        refused = shell("apply", "a.plan", **settings)
        assert (refused.returncode, "was made for" in refused.stderr) == (64, True), refused.stderr
    assert shell("apply", "a.plan", "-f", ".").returncode == 64
    assert shell("apply", ".").returncode == 64
    assert shell("apply", "gone.plan").returncode == 64
