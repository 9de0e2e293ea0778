"""The command as people run it, on a real Keycloak: what it prints, what it asks, and how it ends."""

import json
import os
import pty
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from reconciler.adapters import required_roles
from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.e2e import fork_server

pytestmark = pytest.mark.e2e

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
SCAFFOLDING: Final = ("manage-realm",)
ACME: Final = "api-client-acme-motors"
SECRET: Final = "a-secret-that-must-never-show"

Done = subprocess.CompletedProcess[str]


class Cli:
    """Run the command against the sandbox, as its administrator unless told otherwise."""

    def __init__(self, sandbox: Running, folder: Path) -> None:
        self._manifests = shutil.copytree(EXAMPLES, folder / "examples")
        realm = self._manifests / "realm.yaml"
        realm.write_text(realm.read_text(encoding="utf-8").replace("nt24-idp", sandbox.realm), encoding="utf-8")
        # Without an agreement, and not suspended: the platform refuses its client.
        casa = self._manifests / "casa-auto.yaml"
        casa.write_text(casa.read_text(encoding="utf-8").replace("  suspended: true\n", ""), encoding="utf-8")
        self.settings = {
            "PATH": os.environ["PATH"],
            "XDG_STATE_HOME": str(folder),
            "KEYCLOAK_URL": sandbox.keycloak_url,
            "KEYCLOAK_USER": sandbox.admin_user,
            "KEYCLOAK_PASSWORD": sandbox.admin_password,
            "NT24_REALM": sandbox.realm,
            "NT24_API_URL": sandbox.api_url,
        }

    def __call__(self, *arguments: str, **settings: str) -> Done:
        done = fork_server.run(self._given(*arguments), Path.cwd(), self.settings | settings)
        assert "Traceback" not in done.stderr
        assert "Internal error" not in done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done

    def _given(self, *arguments: str) -> list[str]:
        """Return all arguments; the examples, for this realm, are the manifests where some are needed."""
        files = ("-f", str(self._manifests)) if arguments[0] in {"plan", "apply", "drift"} else ()
        return [*arguments, *files]

    def typing(self, answer: str, *arguments: str) -> Done:
        """Run the command with a terminal on which somebody types ``answer``."""
        ours, theirs = pty.openpty()
        try:
            os.write(ours, f"{answer}\n".encode())
            command = [sys.executable, "-m", "reconciler", *self._given(*arguments)]
            return subprocess.run(command, env=self.settings, stdin=theirs, capture_output=True, text=True, check=False)
        finally:
            os.close(ours)
            os.close(theirs)

    def piping(self, answer: str, *arguments: str) -> Done:
        """Run the command with ``answer`` as its standard input."""
        command = [sys.executable, "-m", "reconciler", *self._given(*arguments)]
        return subprocess.run(command, env=self.settings, input=answer, capture_output=True, text=True, check=False)


class Realm:
    """The realm as an administrator sees and changes it."""

    def __init__(self, admin: httpx.Client, name: str) -> None:
        self._admin = admin
        self._name = name

    def get(self, path: str, **query: str) -> Any:
        return self._admin.get(f"/{self._name}{path}", params=query).raise_for_status().json()

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self._admin.request(method, f"/{self._name}{path}", json=body).raise_for_status()

    def client(self, client_id: str) -> Any:
        return self.get("/clients", clientId=client_id)[0]

    def organization(self, alias: str) -> Any:
        return next(o for o in self.get("/organizations", briefRepresentation="false") if o["alias"] == alias)

    def login_with(self, *wanted: str) -> dict[str, str]:
        """Make a client that holds just these roles of ``realm-management``; return the settings that use it."""
        client_id = "robot"
        for old in self.get("/clients", clientId=client_id):
            self.send("DELETE", f"/clients/{old['id']}")
        body = {"clientId": client_id, "secret": SECRET, "serviceAccountsEnabled": True, "standardFlowEnabled": False}
        uuid = self.send("POST", "/clients", body).headers["Location"].rpartition("/")[2]
        user = self.get(f"/clients/{uuid}/service-account-user")["id"]
        management = self.client("realm-management")["id"]
        held = [role for role in self.get(f"/clients/{management}/roles") if role["name"] in wanted]
        assert {role["name"] for role in held} == set(wanted)
        if held:
            self.send("POST", f"/users/{user}/role-mappings/clients/{management}", held)
        return {
            "KEYCLOAK_REALM": self._name,
            "KEYCLOAK_CLIENT_ID": client_id,
            "KEYCLOAK_CLIENT_SECRET": SECRET,
            "KEYCLOAK_USER": "",
            "KEYCLOAK_PASSWORD": "",
        }


@pytest.fixture(scope="module")
def cli(sandbox: Running, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command, pointed at the sandbox."""
    return Cli(sandbox, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def realm(cli: Cli, sandbox: Running, admin: httpx.Client) -> Iterator[Realm]:
    """The realm with the examples applied; every test leaves it so."""
    admin.delete(f"/{sandbox.realm}")
    applied = cli("apply", "--auto-approve")
    assert applied.returncode == ExitCode.DONE, applied.stdout + applied.stderr
    yield Realm(admin, sandbox.realm)
    admin.delete(f"/{sandbox.realm}")


def test_a_missing_realm_is_reported_with_how_to_declare_it(cli: Cli, no_realm: str, tmp_path: Path) -> None:
    text = (EXAMPLES / "acme-motors.yaml").read_text(encoding="utf-8")
    (tmp_path / "acme-motors.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "reconciler", "plan", "-f", str(tmp_path)]

    done = subprocess.run(command, env=cli.settings, capture_output=True, text=True, check=False)

    assert done.returncode == ExitCode.ERROR
    assert f"Keycloak has no realm '{no_realm}'" in done.stderr
    assert "kind: Realm" in done.stderr


def test_apply_asks_and_takes_nothing_but_yes(cli: Cli, no_realm: str, admin: httpx.Client) -> None:
    without_terminal = cli("apply")
    unfinished = cli.piping("yes", "apply")
    forbidden = cli.piping("yes\n", "apply", "-input=false")
    refused = [cli.typing("y", "apply"), cli.piping("y\n", "apply")]

    for done in (without_terminal, unfinished, forbidden):
        assert done.returncode == ExitCode.USAGE
        assert "--auto-approve" in done.stderr
    for done in refused:
        assert done.returncode == ExitCode.ERROR
        assert "Apply cancelled: nothing was changed." in done.stdout
        # At the beginning, and with the question.
        assert done.stdout.count(f"Target: Keycloak {cli.settings['KEYCLOAK_URL']}, realm {no_realm}, API ") == 2
        assert done.stdout.count(f"login {cli.settings['KEYCLOAK_USER']}") == 2
    assert admin.get(f"/{no_realm}").status_code == 404
    assert "10 to add, 0 to change, 0 to destroy; cancelled" in cli("history", "--limit", "1").stdout

    agreed = cli.piping("yes\n", "apply")

    assert agreed.returncode == ExitCode.DONE
    assert "Apply complete! Resources: 10 added, 0 changed, 0 destroyed." in agreed.stdout


@pytest.mark.usefixtures("realm")
def test_a_plan_after_an_apply_is_empty(cli: Cli) -> None:
    done = cli("plan", "--detailed-exitcode")

    assert done.returncode == ExitCode.DONE
    assert "No changes." in done.stdout


@pytest.mark.usefixtures("realm")
@pytest.mark.parametrize("arguments", [("plan",), ("drift",), ("me", ACME)], ids=lambda arguments: arguments[0])
def test_json_is_the_only_thing_on_standard_output(cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments, "--json")

    assert done.returncode == ExitCode.DONE
    assert json.loads(done.stdout)


@pytest.mark.usefixtures("realm")
def test_output_that_is_piped_has_no_colours(cli: Cli) -> None:
    assert "\x1b" not in cli("plan").stdout


@pytest.mark.usefixtures("realm")
def test_wrong_credentials_are_refused_as_such(cli: Cli) -> None:
    password = cli("plan", KEYCLOAK_PASSWORD=SECRET)
    no_user = {"KEYCLOAK_USER": "", "KEYCLOAK_PASSWORD": ""}
    client = cli("plan", KEYCLOAK_CLIENT_ID="nobody", KEYCLOAK_CLIENT_SECRET=SECRET, **no_user)
    token = cli("plan", KEYCLOAK_ACCESS_TOKEN=SECRET, **no_user)

    assert {done.returncode for done in (password, client, token)} == {ExitCode.UNREACHABLE}
    assert "Invalid user credentials" in password.stderr
    assert "Invalid client or Invalid client credentials" in client.stderr
    assert "401 Unauthorized" in token.stderr


@pytest.mark.usefixtures("realm")
def test_a_client_that_does_not_exist_is_named(cli: Cli) -> None:
    done = cli("me", "api-client-nobody")

    assert done.returncode == ExitCode.ERROR
    assert "no client 'api-client-nobody'" in done.stderr


def test_a_refusal_by_the_platform_carries_its_words_and_trace(cli: Cli, realm: Realm) -> None:
    assert realm.client("api-client-casa-auto")["enabled"]

    done = cli("me", "api-client-casa-auto")

    assert done.returncode == ExitCode.ERROR
    assert "dpa-not-accepted" in done.stderr
    assert "(trace " in done.stderr


@pytest.mark.parametrize(
    ("missing", "exit_code"),
    [
        ("view-clients", ExitCode.UNREACHABLE),
        ("view-organizations", ExitCode.UNREACHABLE),
        ("view-realm", ExitCode.UNREACHABLE),
        ("view-users", ExitCode.ERROR),
    ],
)
def test_a_role_that_is_missing_for_reading_is_named(cli: Cli, realm: Realm, missing: str, exit_code: ExitCode) -> None:
    login = realm.login_with(*(role for role in required_roles.READ if role != missing))

    done = cli("plan", **login)

    assert done.returncode == exit_code
    assert missing in done.stdout + done.stderr


def test_the_roles_for_reading_are_enough_to_plan_and_to_look_for_drift(cli: Cli, realm: Realm) -> None:
    login = realm.login_with(*required_roles.READ)

    plan, drift, me = cli("plan", "--detailed-exitcode", **login), cli("drift", **login), cli("me", ACME, **login)

    assert (plan.returncode, drift.returncode, me.returncode) == (ExitCode.DONE, ExitCode.DONE, ExitCode.DONE)


def test_the_roles_for_writing_are_enough_to_put_back_what_somebody_changed(cli: Cli, realm: Realm) -> None:
    login = realm.login_with(*required_roles.READ, *required_roles.WRITE)
    _tamper(realm)

    drift, apply, plan = (
        cli("drift", **login),
        cli("apply", "--auto-approve", **login),
        cli("plan", "--detailed-exitcode", **login),
    )

    assert drift.returncode == ExitCode.CHANGES
    assert "capabilities.allowKycDocumentDownload: true -> false" in drift.stdout
    assert "serviceAccount.organizations" in drift.stdout
    assert (apply.returncode, plan.returncode) == (ExitCode.DONE, ExitCode.DONE)


def test_a_role_that_is_missing_for_writing_is_named_and_the_rest_is_done(cli: Cli, realm: Realm) -> None:
    login = realm.login_with(
        *required_roles.READ, *(role for role in required_roles.WRITE if role != "manage-organizations")
    )
    _tamper(realm)

    done = cli("apply", "--auto-approve", "--verify-timeout", "0", **login)
    mended = cli("apply", "--auto-approve")

    assert done.returncode == ExitCode.PARTIAL
    assert "manage-organizations" in done.stdout
    assert mended.returncode == ExitCode.DONE


def test_the_scaffolding_needs_one_role_more_which_is_named(cli: Cli, realm: Realm) -> None:
    realm.send("PUT", "", realm.get("") | {"accessTokenLifespan": 200})

    without = cli(
        "apply",
        "--auto-approve",
        "--verify-timeout",
        "0",
        **realm.login_with(*required_roles.READ, *required_roles.WRITE),
    )
    with_it = cli(
        "apply", "--auto-approve", **realm.login_with(*required_roles.READ, *required_roles.WRITE, *SCAFFOLDING)
    )

    assert without.returncode == ExitCode.PARTIAL
    assert "manage-realm" in without.stdout
    assert with_it.returncode == ExitCode.DONE


@pytest.mark.usefixtures("realm")
def test_a_busy_gateway_in_front_of_keycloak_is_waited_for(cli: Cli) -> None:
    with gateway(cli.settings["KEYCLOAK_URL"]) as (url, refused):
        done = cli("plan", "--detailed-exitcode", KEYCLOAK_URL=url)

    assert refused == [429, 503, 502]
    assert done.returncode == ExitCode.DONE
    assert "No changes." in done.stdout


def _tamper(realm: Realm) -> None:
    """Change a capability, disable a client, and end a membership, as somebody would by hand."""
    acme = realm.organization("acme-motors")
    acme["attributes"]["allowKycDocumentDownload"] = ["true"]
    realm.send("PUT", f"/organizations/{acme['id']}", acme)
    client = realm.client("api-client-nordwind-crm")
    realm.send("PUT", f"/clients/{client['id']}", client | {"enabled": False})
    user = realm.get(f"/clients/{realm.client('api-client-nordwind-erp')['id']}/service-account-user")
    realm.send("DELETE", f"/organizations/{realm.organization('nordwind-handel')['id']}/members/{user['id']}")


@contextmanager
def gateway(keycloak: str) -> Iterator[tuple[str, list[int]]]:
    """Forward to Keycloak, but refuse the first three reads; yield the URL and the refusals so far."""
    refused: list[int] = []
    refusals = iter((429, 503, 502))
    choose = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with choose:
                status = next(refusals, None)
            if status is None:
                self._forward(http.get)
                return
            refused.append(status)
            self._answer(status, "text/html", b"<html>Busy</html>", ("Retry-After", "1"))

        def do_POST(self) -> None:
            self._forward(http.post)

        def _forward(self, send: Callable[..., httpx.Response]) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = send(self.path, headers=headers, **({"content": body} if body else {}))
            self._answer(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)

        def _answer(self, status: int, content_type: str, body: bytes, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for name, value in (("Content-Type", content_type), ("Content-Length", str(len(body))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with (
        httpx.Client(base_url=keycloak, timeout=60, trust_env=False) as http,
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
    ):
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", refused
        finally:
            server.shutdown()
            thread.join()
