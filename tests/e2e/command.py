"""Run the command in a folder of its own, pointed at the sandbox, and change the realm as others do."""

import os
from pathlib import Path
from typing import Any

import httpx

from reconciler.manifest.write import manifest_text
from reconciler.model import layout
from reconciler.model.manifest import IntegrationOrganization, Realm
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_uuid
from tests.e2e import fork_server

Done = fork_server.Done


class Command:
    """Run ``reconciler`` as the sandbox's administrator; the shell says nothing but where and who."""

    def __init__(self, folder: Path, running: Running) -> None:
        self.folder = folder
        self.realm = running.realm
        self.settings = {
            "PATH": os.environ["PATH"],
            "XDG_STATE_HOME": str(folder / ".state"),
            "KEYCLOAK_URL": running.keycloak_url,
            "KEYCLOAK_USER": running.admin_user,
            "KEYCLOAK_PASSWORD": running.admin_password,
            "NT24_REALM": running.realm,
            "NT24_API_URL": running.api_url,
        }

    def __call__(self, *arguments: str, **settings: str) -> Done:
        done = fork_server.run(arguments, self.folder, self.settings | settings)
        assert "Traceback" not in done.stderr, done.stderr
        assert "Internal error" not in done.stderr, done.stderr
        return done

    def declare(self, *manifests: IntegrationOrganization | Realm, folder: str = ".") -> None:
        """Write each manifest into a file of its own."""
        place = self.folder / folder
        place.mkdir(parents=True, exist_ok=True)
        for manifest in manifests:
            (place / f"{manifest.name}.yaml").write_text(manifest_text(manifest), encoding="utf-8")

    def withdraw(self, name: str) -> None:
        """Delete the manifest."""
        (self.folder / f"{name}.yaml").unlink()

    def apply(self, *arguments: str, **settings: str) -> Done:
        """Apply, with success."""
        done = self("apply", "--auto-approve", *arguments, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def plan_is_empty(self, *arguments: str, **settings: str) -> bool:
        """Tell whether plan finds nothing to do."""
        done = self("plan", "--detailed-exitcode", *arguments, **settings)
        assert done.returncode in {0, 2}, done.stdout + done.stderr
        assert ("No changes." in done.stdout) is (done.returncode == 0)
        return done.returncode == 0


class ByHand:
    """Keycloak's Admin API with plain requests: what a person or another tool does."""

    def __init__(self, admin: httpx.Client, realm: str) -> None:
        self._admin = admin
        self._realm = realm

    def make_realm(self) -> None:
        """Make a realm with organizations, and nothing else that the reconciler wants."""
        self._admin.post(
            "", json={"realm": self._realm, "enabled": True, "organizationsEnabled": True}
        ).raise_for_status()

    def make_organization(self, alias: str, attributes: dict[str, list[str]] | None = None, **fields: Any) -> str:
        """Make an organization, with an organizationUuid unless told otherwise, and return its id."""
        given = {layout.UUID: [str(a_uuid(alias))]} if attributes is None else attributes
        body = {"alias": alias, "name": alias.title(), "enabled": True, "attributes": given, **fields}
        return self._post("/organizations", body)

    def make_client(self, client_id: str, *organizations: str, **fields: Any) -> None:
        """Make a client with Keycloak's own defaults whose service account is a member of the organizations."""
        body = {"clientId": client_id, "publicClient": False, "serviceAccountsEnabled": True, **fields}
        user = self.get(f"/clients/{self._post('/clients', body)}/service-account-user")["id"]
        for organization in organizations:
            path = f"/{self._realm}/organizations/{organization}/members"
            headers = {"Content-Type": "application/json"}
            self._admin.post(path, content=user, headers=headers).raise_for_status()

    def get(self, path: str, **query: str) -> Any:
        """Return what the realm has at the path."""
        answer = self._admin.get(f"/{self._realm}{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    def organization(self, alias: str) -> dict[str, Any] | None:
        """Return the organization of that alias, whole."""
        found = [each for each in self.get("/organizations", briefRepresentation="false") if each["alias"] == alias]
        return found[0] if found else None

    def client(self, client_id: str) -> dict[str, Any] | None:
        """Return the client of that id, whole; Keycloak lists a client's scopes in no particular order."""
        found = self.get("/clients", clientId=client_id)
        if not found:
            return None
        scopes = {key: sorted(found[0][key]) for key in ("defaultClientScopes", "optionalClientScopes")}
        return {**found[0], **scopes}

    def change_client(self, client_id: str, **fields: Any) -> None:
        """Give the client other fields, and leave the rest as it is."""
        found = self.client(client_id)
        assert found is not None
        self._admin.put(f"/{self._realm}/clients/{found['id']}", json={**found, **fields}).raise_for_status()

    def remove_client(self, client_id: str) -> None:
        """Delete the client of that id."""
        found = self.client(client_id)
        assert found is not None
        self._admin.delete(f"/{self._realm}/clients/{found['id']}").raise_for_status()

    def remove_locks(self) -> None:
        """Delete the locks of runs that are over."""
        for lock in self.get("/clients", clientId=layout.LOCK_PREFIX, search="true"):
            self._admin.delete(f"/{self._realm}/clients/{lock['id']}").raise_for_status()

    def forget_rotation(self, client_id: str, mark: str) -> None:
        """Let the client have its current secret only, and no mark of a rotation."""
        found = self.client(client_id)
        assert found is not None
        path = f"/{self._realm}/clients/{found['id']}"
        self._admin.delete(f"{path}/client-secret/rotated").raise_for_status()
        attributes = {key: value for key, value in found["attributes"].items() if ".rotated" not in key} | {mark: None}
        self._admin.put(path, json={**found, "attributes": attributes}).raise_for_status()

    def _post(self, path: str, body: dict[str, Any]) -> str:
        answer = self._admin.post(f"/{self._realm}{path}", json=body)
        answer.raise_for_status()
        return answer.headers["Location"].rsplit("/", 1)[-1]
