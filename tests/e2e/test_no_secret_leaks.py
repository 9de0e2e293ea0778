"""No secret shows anywhere: secrets are planted, and every output, file and error is searched for them.

A new command, format or option goes into ``SAID``; a new way to log in into ``LOGINS``.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reconciler.model.manifest import LoginEvents, SecretRotation
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, a_webhook, an_organization
from tests.e2e import fork_server
from tests.e2e.command import ByHand, Command, Done
from tests.e2e.echo_server import Traitor, Treason, betraying
from tests.e2e.secret_scanner import Hoard

CLIENT: Final = "api-client-acme"
SINK: Final = ("--sink", "file:secrets/{name}")
ROTATION: Final = SecretRotation(expiration=90 * 86_400, overlap=2 * 86_400)
SETTINGS: Final = """\
environments:
  here:
    default: true
    manifests: manifests
    notifications: [{kind: webhook, urlFrom: HOOK}, {kind: slack, urlFrom: HOOK}, {kind: webhook, urlFrom: DEAD_HOOK}]
"""
MANIFESTS: Final = "manifests"
FORMATS: Final = ("text", "json", "markdown", "html", "sarif", "junit")

SAID: Final[dict[str, tuple[str, ...]]] = {
    **{f"validate as {form}": ("validate", "--format", form) for form in ("text", "json", "sarif", "junit")},
    **{f"plan as {form}": ("plan", "--format", form) for form in FORMATS},
    "plan, saying who logs in": ("plan", "--verbose", "--out", "again.plan"),
    "plan without the platform": ("plan", "--no-effective", "--json"),
    "plan of a deletion": ("plan", "--allow-delete", "-f", "manifests/realm", "--json"),
    **{f"show as {form}": ("show", "saved.plan", "--format", form) for form in FORMATS},
    "show the manifests": ("show", "--resolved"),
    "approve": ("approve", "saved.plan", "--out", "approval.json", "--auto-approve", "--by", "eve"),
    **{f"drift as {form}": ("drift", "--format", form) for form in (*FORMATS, "jsonl")},
    "drift with a memory": ("drift", "--state", "memory.json", "--metrics", "drift.prom", "--notify-always"),
    "drift by its memory": ("drift", "--state", "memory.json", "--json", "--notify-always"),
    "import": ("import", "--out", "imported", "--overwrite", "--with-realm"),
    "doctor": ("doctor",),
    "doctor as JSON": ("doctor", "--json"),
    "doctor of a capability": ("doctor", "--capability", "allowKycDocumentDownload"),
    "fmt": ("fmt", "--diff", "--check"),
    "me": ("me", CLIENT),
    "me as JSON": ("me", CLIENT, "--json"),
    "rotate status": ("rotate", "status"),
    "rotate status as JSON": ("rotate", "status", "--json"),
    "rotate start, refused": ("rotate", "start", CLIENT, *SINK),
    "rotate deliver": ("rotate", "deliver", CLIENT, *SINK, "--json"),
    "rotate deliver without a terminal": ("rotate", "deliver", CLIENT, "--show-secrets"),
    "rotate deliver to a sink that repeats it": (
        "rotate", "deliver", CLIENT, "--sink", "command:sh -c 'tee /dev/stderr; exit 1'",
    ),
    "rotate deliver to a sink that encodes it": (
        "rotate", "deliver", CLIENT, "--sink", "command:sh -c 'base64 -w0 >&2; exit 1'",
    ),
    "rotate deliver to no folder": ("rotate", "deliver", CLIENT, "--sink", "file:reconciler.yaml/{name}"),
    "rotate confirm of an unknown client": ("rotate", "confirm", "api-client-none", "--auto-approve"),
    "rotate start for all that is due": ("rotate", "--due", *SINK),
    "force-unlock": ("force-unlock",),
    "history": ("history",),
    "history as JSON": ("history", "--json"),
    "history export": ("history", "export"),
}  # fmt: skip


REFUSED: Final = {"approve", "rotate deliver without a terminal"}
"""What is wrong usage here, and is searched all the same."""


@dataclass(frozen=True)
class Place:
    """A realm with secrets of every kind, and a folder where commands have run."""

    command: Command
    secret_scanner: Hoard
    hands: ByHand
    bodies: list[str]
    """What notifications said."""

    def run(self, *arguments: str, **settings: str) -> Done:
        """Run a command that may fail in any way, and take note of the secrets that it has made."""
        done = fork_server.run(arguments, self.command.folder, self.command.settings | settings)
        self.look()
        return done

    def as_program(self) -> dict[str, str]:
        """Return the variables of the integrator's own program."""
        return {"NT24_CLIENT_ID": CLIENT, "NT24_CLIENT_SECRET": self.look()[0]}

    def look(self) -> list[str]:
        """Take note of the client's secrets as they are, and return them."""
        found = self.hands.client(CLIENT)
        assert found is not None
        self.secret_scanner.add("a client's secret", found["secret"])
        if rotated := found["attributes"].get("client.secret.rotated"):
            self.secret_scanner.add("an old secret of a client", rotated)
        return [found["secret"], *([rotated] if rotated else [])]


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Take notifications, and keep what they say."""
    bodies: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", bodies
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def place(sandbox: Running, admin: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    admin.delete(f"/{sandbox.realm}")
    command, secret_scanner = Command(tmp_path_factory.mktemp("leaks"), sandbox), Hoard()
    with listening() as (address, bodies):
        found = Place(command, secret_scanner, ByHand(admin, sandbox.realm), bodies)
        secret_scanner.add("the administrator's password", sandbox.admin_password)
        for name in ("HOOK", "DEAD_HOOK"):
            path = f"planted-{name.lower()}-4f9d1c77a0"
            secret_scanner.add("the address of a notification", path)
            command.settings[name] = f"{address if name == 'HOOK' else 'http://127.0.0.1:9'}/{path}"
        (command.folder / "reconciler.yaml").write_text(SETTINGS, encoding="utf-8")
        command.declare(
            a_realm(sandbox.realm, login_events=LoginEvents(), rotation=ROTATION), folder=f"{MANIFESTS}/realm"
        )
        command.declare(an_organization("acme", webhooks=[a_webhook()]), folder=MANIFESTS)
        command.apply(*SINK)
        secret_scanner.add(
            "a webhook's secret", (command.folder / "secrets/acme.compliance").read_text(encoding="ascii")
        )
        assert command("rotate", "start", CLIENT, *SINK).returncode == 0
        found.look()
        # Something to show in every review.
        command.declare(
            an_organization("acme", clients=[a_client(lifespan=900)], webhooks=[a_webhook()]), folder=MANIFESTS
        )
        found.hands.change_client(CLIENT, redirectUris=["https://elsewhere.example/*"], description="by hand")
        assert command("plan", "--out", "saved.plan").returncode == 0
        yield found
    admin.delete(f"/{sandbox.realm}")


@pytest.mark.parametrize("what", SAID)
def test_no_command_says_a_secret(place: Place, what: str) -> None:
    done = place.run(*SAID[what], **place.as_program())
    assert done.returncode != 64 or what in REFUSED, done.stderr
    assert place.secret_scanner.found_in(done.stdout + done.stderr) == []


@pytest.mark.parametrize("debug", ["", "1"])
def test_no_apply_says_a_secret(place: Place, debug: str) -> None:
    settings = {"RECONCILER_DEBUG": debug} if debug else {}
    for arguments in (("--no-effective",), SINK, ("saved.plan",)):
        done = place.run("apply", "--auto-approve", *arguments, **settings)
        assert place.secret_scanner.found_in(done.stdout + done.stderr) == []


KEY: Final = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PLANTED: Final = "planted/secret+of a login=7f3a91c2"
JWT: Final = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIiwiYXVkIjoieCJ9.cGxhbnRlZC1zaWduYXR1cmUtMDEyMzQ1Njc4OQ"

LOGINS: Final[dict[str, dict[str, str]]] = {
    "a client secret": {"KEYCLOAK_CLIENT_ID": "reconciler", "KEYCLOAK_CLIENT_SECRET": PLANTED},
    "a password": {"KEYCLOAK_USER": "admin", "KEYCLOAK_PASSWORD": PLANTED},
    "an access token": {"KEYCLOAK_ACCESS_TOKEN": JWT},
    "no access token at all": {"KEYCLOAK_ACCESS_TOKEN": PLANTED},
    "a signing key": {"KEYCLOAK_CLIENT_ID": "reconciler", "KEYCLOAK_JWT_SIGNING_KEY": KEY.decode()},
    "half a signing key": {"KEYCLOAK_CLIENT_ID": "reconciler", "KEYCLOAK_JWT_SIGNING_KEY": KEY.decode()[:-90]},
    "a JWT": {"KEYCLOAK_CLIENT_ID": "reconciler", "KEYCLOAK_JWT_TOKEN": JWT},
    "no JWT at all": {"KEYCLOAK_CLIENT_ID": "reconciler", "KEYCLOAK_JWT_TOKEN": PLANTED},
    "a JWT in a file": {"KEYCLOAK_CLIENT_ID": "reconciler", "KEYCLOAK_JWT_TOKEN_FILE": "token"},
    "a password in the URL": {"KEYCLOAK_URL": "https://admin:planted-9e6e1f55aa@127.0.0.1:9/x"},
    "a password of the history": {"RECONCILER_HISTORY": "postgresql://u:planted-9e6e1f55aa@127.0.0.1:9/runs"},
}


@pytest.mark.parametrize("what", LOGINS)
def test_no_login_that_is_refused_says_its_secret(place: Place, what: str) -> None:
    secret_scanner = Hoard()
    secret_scanner.add(
        "what logs in", PLANTED, JWT.split(".")[2], "planted-9e6e1f55aa", *KEY.decode().splitlines()[1:-2]
    )
    (place.command.folder / "token").write_text(JWT, encoding="ascii")
    given = {name: value for name, value in place.command.settings.items() if not name.startswith("KEYCLOAK_")}
    keycloak = {"KEYCLOAK_URL": place.command.settings["KEYCLOAK_URL"]}
    for arguments in (("plan", "-v"), ("apply", "--auto-approve", "-v"), ("drift", "--json")):
        settings = given | keycloak | LOGINS[what] | {"RECONCILER_DEBUG": "1"}
        done = fork_server.run(arguments, place.command.folder, settings)
        assert done.returncode != 0
        assert secret_scanner.found_in(done.stdout + done.stderr) == []
    (place.command.folder / "token").unlink()


@pytest.fixture
def keycloak(sandbox: Running) -> Iterator[Traitor]:
    """A machine in front of Keycloak."""
    with betraying(sandbox.keycloak_url) as echo_server:
        echo_server.secrets = [sandbox.admin_password]
        yield echo_server


@pytest.fixture
def platform(place: Place, sandbox: Running) -> Iterator[Traitor]:
    """A machine in front of the platform, which knows the client's secrets."""
    with betraying(sandbox.api_url) as echo_server:
        # What no run has ever seen, none can recognise.
        echo_server.secrets = [sandbox.admin_password, place.look()[0]]
        yield echo_server


def is_token(method: str, path: str) -> bool:
    return path.endswith("/token")


def is_read(method: str, path: str) -> bool:
    return method == "GET" and "/admin/" in path


def is_read_of_clients(method: str, path: str) -> bool:
    return method == "GET" and path.partition("?")[0].endswith("/clients")


def is_write(method: str, path: str) -> bool:
    return method != "GET" and "/admin/" in path and "lock" not in path and not path.endswith("/clients")


BETRAYED: Final = {
    "the login": (is_token, ("plan", "-v")),
    "a read": (is_read, ("drift", "--json")),
    "a read of clients": (is_read_of_clients, ("plan",)),
    "a read of clients, for one": (is_read_of_clients, ("rotate", "deliver", CLIENT, *SINK)),
    "the login of a program": (is_token, ("doctor", "--json")),
    "a write": (is_write, ("apply", "--auto-approve", *SINK)),
    "a write of a secret": (is_write, ("rotate", "start", CLIENT, "--abandon-old", *SINK)),
}


@pytest.mark.one_of(3)
@pytest.mark.parametrize("treason", Treason)
@pytest.mark.parametrize("what", BETRAYED)
def test_no_error_of_keycloak_brings_out_a_secret(place: Place, keycloak: Traitor, what: str, treason: Treason) -> None:
    keycloak.treason = treason
    keycloak.betrays, arguments = BETRAYED[what]
    if what.startswith("a write"):
        # An earlier run could not delete its lock, either.
        place.hands.remove_locks()
        # So that there is something to write.
        place.hands.change_client(CLIENT, description="by hand")
        # Before it writes, a run has read these. What no run has ever seen, none can recognise.
        keycloak.secrets += place.look()
    settings = {"KEYCLOAK_URL": keycloak.url, "RECONCILER_DEBUG": "1", "KEYCLOAK_CLIENT_TIMEOUT": "5"}
    done = place.run(*arguments, **settings, **place.as_program())
    assert keycloak.told, done.stderr
    assert place.secret_scanner.found_in(done.stdout + done.stderr) == []


@pytest.mark.parametrize("treason", Treason)
def test_no_error_of_the_platform_brings_out_a_secret(place: Place, platform: Traitor, treason: Treason) -> None:
    platform.treason = treason
    platform.betrays = lambda method, path: path.startswith("/v1/")
    settings = {"NT24_API_URL": platform.url, "RECONCILER_DEBUG": "1", "KEYCLOAK_CLIENT_TIMEOUT": "5"}
    for arguments in (("me", CLIENT), ("plan", "--json"), ("doctor",), ("doctor", "--json")):
        done = place.run(*arguments, **settings, **place.as_program())
        assert platform.told
        assert place.secret_scanner.found_in(done.stdout + done.stderr) == []


def test_no_file_and_no_notification_holds_a_secret(place: Place, keycloak: Traitor) -> None:
    """Plans, reviews, journals, the history, the memory of drift, metrics, and whatever else a run leaves."""
    place.run("drift", "--state", "left.json", "--metrics", "left.prom", "--notify-always")
    place.run("import", "--out", "left", "--with-realm")
    keycloak.betrays, keycloak.treason = is_write, Treason.FAULT
    place.run("rotate", "start", CLIENT, "--abandon-old", *SINK, KEYCLOAK_URL=keycloak.url)
    place.run("apply", "--auto-approve", *SINK, KEYCLOAK_URL=keycloak.url)
    files = [path for path in place.command.folder.rglob("*") if path.is_file()]
    kept = [path for path in files if path.parent.name != "secrets"]
    names = {path.name.rpartition(".")[2] for path in kept}
    assert {"plan", "jsonl", "sqlite3", "prom", "json", "yaml"} <= names, names
    for path in kept:
        assert place.secret_scanner.found_in(path.read_bytes().decode(errors="replace")) == [], path
    assert place.bodies
    assert place.secret_scanner.found_in("".join(place.bodies)) == []
    secrets = [path for path in files if path.parent.name == "secrets"]
    assert secrets
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    assert place.secret_scanner.found_in(secrets[0].read_text(encoding="utf-8")), "the search finds what is there"
