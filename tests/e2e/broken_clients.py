"""A client with everything that a doctor may find wrong with it, on a real Keycloak, and what the doctor says."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from reconciler.model import layout
from reconciler.sandbox.lifecycle import Running
from tests.e2e.command import ByHand, Command, Done

CLIENT = "api-client-acme"
CACHE_SECONDS = 0.4
"""A little longer than the sandbox's platform keeps what it read."""
_ADMIN = ("KEYCLOAK_USER", "KEYCLOAK_PASSWORD")


class Report:
    """What ``doctor --json`` said."""

    def __init__(self, done: Done) -> None:
        assert done.stdout, done.stderr
        self.code = done.returncode
        self.document: dict[str, Any] = json.loads(done.stdout)
        self._checks = {check["name"]: check for check in self.document["checks"]}

    def status(self, name: str) -> str:
        return str(self._checks[name]["status"])

    def causes(self, name: str) -> list[str]:
        return [cause["code"] for cause in self._checks[name]["causes"]]

    def is_certain(self, name: str) -> bool:
        """Tell whether every cause is shown, and there is one."""
        found = self._checks[name]["causes"]
        return bool(found) and all(cause["certain"] and not cause["tell"] for cause in found)

    def summary(self, name: str) -> str:
        return str(self._checks[name]["summary"])

    def evidence(self, name: str) -> Mapping[str, str]:
        return dict(self._checks[name]["evidence"])

    def failed(self) -> list[str]:
        return [name for name, check in self._checks.items() if check["status"] == "failed"]

    def cause(self, name: str) -> Mapping[str, Any]:
        """Return the only cause."""
        (found,) = self._checks[name]["causes"]
        return dict(found)


class Clinic:
    """The realm, the client, and the commands of its integrator."""

    def __init__(self, run: Command, running: Running, admin: httpx.Client) -> None:
        self.run = run
        self.running = running
        self.hands = ByHand(admin, running.realm)
        self._admin = admin
        self.secrets: set[str] = {running.admin_password}
        """Whatever must not show."""
        self._secret = ""

    @property
    def realm(self) -> str:
        return self.running.realm

    def client(self) -> dict[str, Any]:
        """Return the client, whole."""
        found = self.hands.client(CLIENT)
        assert found is not None
        # Keycloak shows no secret of a public client, but keeps it.
        self._secret = found.get("secret", self._secret)
        self.secrets |= {self._secret, *filter(None, [found["attributes"].get("client.secret.rotated")])}
        return found

    def secret(self) -> str:
        self.client()
        return self._secret

    def command(self, *arguments: str, admin: bool = False, **settings: str) -> Done:
        """Run the command as the integrator does; ``admin``: with the administrator's login, too."""
        own = {"NT24_CLIENT_ID": CLIENT, "NT24_CLIENT_SECRET": settings.get("NT24_CLIENT_SECRET") or self.secret()}
        without = {} if admin else dict.fromkeys(_ADMIN, "")
        done = self.run(*arguments, **{**own, **without, **settings})
        for secret in self.secrets:
            assert secret not in done.stdout + done.stderr
        return done

    def doctor(self, *arguments: str, admin: bool = False, **settings: str) -> Report:
        return Report(self.command("doctor", "--json", *arguments, admin=admin, **settings))

    def explain(self, answer: httpx.Response) -> Report:
        """Let the doctor explain an answer that a program got."""
        file = self.run.folder / "answer.txt"
        head = f"HTTP/1.1 {answer.status_code}\n" + "".join(
            f"{name}: {value}\n" for name, value in answer.headers.items()
        )
        file.write_text(f"{head}\n{answer.text}", encoding="utf-8")
        return self.doctor("--explain", str(file))

    def ask_token(self, realm: str = "", **form: str) -> httpx.Response:
        """Ask for a token, as a program that may do it wrong; what is empty is left out."""
        url = f"{self.running.keycloak_url}/realms/{realm or self.realm}/protocol/openid-connect/token"
        given = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": self.secret()}
        sent = {name: value for name, value in {**given, **form}.items() if value}
        return httpx.post(url, data=sent, trust_env=False, timeout=60)

    def token(self) -> str:
        value = str(self.ask_token().json()["access_token"])
        self.secrets.add(value)
        return value

    def ask_api(self, path: str, token: str | None, url: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(f"{url or self.running.api_url}{path}", headers=headers, trust_env=False, timeout=60)

    @contextmanager
    def strict_platform(self) -> Iterator[str]:
        """Serve the platform API with one read a minute for the tier ENTERPRISE; yield its URL."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            # Who connects before it serves has to wait, and is not refused.
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "reconciler.sandbox.platform",
                    f"--keycloak-url={self.running.keycloak_url}",
                    f"--realm={self.realm}",
                    f"--admin-user={self.running.admin_user}",
                    f"--admin-password-file={self.running.admin_password_file}",
                    f"--partners={self.running.partners_file}",
                    "--enterprise-limits=1,1,1",
                    f"--listener={listener.fileno()}",
                ],
                pass_fds=(listener.fileno(),),
            )
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                process.terminate()
                process.wait()

    @contextmanager
    def changed_client(self, **fields: Any) -> Iterator[None]:
        """Change the client by hand, and put it back."""
        before = self.client()
        path = f"/{self.realm}/clients/{before['id']}"
        attributes = {**before["attributes"], **fields.pop("attributes", {})}
        with self._changed(path, before, {**before, **fields, "attributes": attributes}):
            yield

    @contextmanager
    def changed_account(self, **fields: Any) -> Iterator[None]:
        """Change the user of the service account, and put it back."""
        before = self.account()
        with self._changed(f"/{self.realm}/users/{before['id']}", before, {**before, **fields}):
            yield

    @contextmanager
    def changed_realm(self, **fields: Any) -> Iterator[None]:
        """Change the realm, and put it back."""
        before = self.hands.get("")
        attributes = {**before["attributes"], **fields.pop("attributes", {})}
        with self._changed(f"/{self.realm}", before, {**before, **fields, "attributes": attributes}):
            yield

    @contextmanager
    def changed_organization(self, attributes: Mapping[str, list[str]] | None = None, **fields: Any) -> Iterator[None]:
        """Change the organization, wait until the platform has seen it, and put it back."""
        before = self.organization()
        after = {**before, **fields, "attributes": {**before["attributes"], **(attributes or {})}}
        with self._changed(f"/{self.realm}/organizations/{before['id']}", before, after):
            time.sleep(CACHE_SECONDS)
            yield
        time.sleep(CACHE_SECONDS)

    @contextmanager
    def _changed(self, path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[None]:
        self._admin.put(path, json=after).raise_for_status()
        try:
            yield
        finally:
            self._admin.put(path, json=before).raise_for_status()

    def account(self) -> dict[str, Any]:
        return dict(self.hands.get(f"/clients/{self.client()['id']}/service-account-user"))

    def organization(self) -> dict[str, Any]:
        found = self.hands.organization("acme")
        assert found is not None
        return found

    @contextmanager
    def member_of(self, *aliases: str) -> Iterator[None]:
        """Let the client be a member of just these organizations; afterwards, of its own."""
        self._join(set(aliases))
        try:
            yield
        finally:
            self._join({"acme"})

    def _join(self, wanted: set[str]) -> None:
        user = self.account()["id"]
        for organization in self.hands.get("/organizations"):
            path = f"/{self.realm}/organizations/{organization['id']}/members"
            is_in = any(each["id"] == user for each in self._admin.get(path).json())
            if is_in and organization["alias"] not in wanted:
                self._admin.delete(f"{path}/{user}").raise_for_status()
            if not is_in and organization["alias"] in wanted:
                headers = {"Content-Type": "application/json"}
                self._admin.post(path, content=user, headers=headers).raise_for_status()

    @contextmanager
    def without_scope(self) -> Iterator[None]:
        """Take the organization scope from the client."""
        (scope,) = [each for each in self.hands.get("/client-scopes") if each["name"] == layout.ORGANIZATION_SCOPE]
        path = f"/{self.realm}/clients/{self.client()['id']}/default-client-scopes/{scope['id']}"
        self._admin.delete(path).raise_for_status()
        try:
            yield
        finally:
            self._admin.put(path).raise_for_status()

    @contextmanager
    def changed_mapper(self, **config: str) -> Iterator[None]:
        """Change the mapper that puts the organization into tokens."""
        (scope,) = [each for each in self.hands.get("/client-scopes") if each["name"] == layout.ORGANIZATION_SCOPE]
        (mapper,) = scope["protocolMappers"]
        path = f"/{self.realm}/client-scopes/{scope['id']}/protocol-mappers/models/{mapper['id']}"
        with self._changed(path, mapper, {**mapper, "config": {**mapper["config"], **config}}):
            yield
