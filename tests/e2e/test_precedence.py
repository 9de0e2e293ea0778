"""Where variables and ``reconciler.yaml`` name different targets, nobody is sent anything, on a real Keycloak."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import Command
from tests.e2e.relay import Relay, serving

pytestmark = pytest.mark.e2e

OWN_LOGIN = {"NT24_CLIENT_ID": "api-client-acme", "NT24_CLIENT_SECRET": "a-secret-of-an-integrator"}
COMMANDS = {
    "plan": (),
    "apply": ("--auto-approve",),
    "drift": (),
    "drift --fix": (),
    "import": ("--out", "live", "--no-adopt"),
    "rotate status": (),
    "rotate start": ("api-client-acme", "--sink", "file:secrets/{name}"),
    "request": (),
    "graph": ("--live",),
    "me": ("api-client-acme",),
    "doctor": (),
    "force-unlock": ("--force",),
    "history": (),
}


@dataclass
class Listener:
    """Pass on to the live system whatever comes, as a machine in between would, and remember who connected."""

    url: str = ""
    connections: list[str] = field(default_factory=list)


@contextmanager
def listening(live: str) -> Iterator[Listener]:
    found = Listener()

    class Passing(Relay):
        target = urlsplit(live).netloc

        def setup(self) -> None:
            found.connections.append(str(self.client_address))
            super().setup()

        def take(self, body: bytes) -> None:
            self.answer(self.forward(body))

    with serving(Passing) as found.url:
        yield found


@pytest.fixture
def pinned(sandbox: Running) -> Iterator[Listener]:
    with listening(sandbox.keycloak_url) as found:
        yield found


@pytest.fixture
def proposed(sandbox: Running) -> Iterator[Listener]:
    with listening(sandbox.keycloak_url) as found:
        yield found


@pytest.fixture
def command(tmp_path: Path, sandbox: Running, pinned: Listener, no_realm: str) -> Command:
    """A repository whose CI pins Keycloak by a variable."""
    command = Command(tmp_path, sandbox)
    command.settings["KEYCLOAK_URL"] = pinned.url
    command.declare(a_realm(no_realm), an_organization("acme"))
    return command


def says(command: Command, **environment: str) -> None:
    """Let ``reconciler.yaml`` say it of its only environment."""
    lines = [f"    {key}: {value}" for key, value in environment.items()]
    text = "\n".join(["environments:", "  production:", "    default: true", *lines, ""])
    (command.folder / "reconciler.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_changed_reconciler_yaml_sends_nothing_to_either_server(
    command: Command, pinned: Listener, proposed: Listener, name: str
) -> None:
    says(command, keycloak=f"{{url: '{proposed.url}'}}", history=f"postgresql://{urlsplit(proposed.url).netloc}/runs")
    # The history is pinned as well; a run that is refused is not recorded in either.
    settings = {**OWN_LOGIN, "RECONCILER_HISTORY": f"postgresql://{urlsplit(pinned.url).netloc}/runs"}

    done = command(*name.split(), *COMMANDS[name], **settings)

    assert done.returncode == ExitCode.USAGE, done.stdout + done.stderr
    assert (pinned.connections, proposed.connections) == ([], [])
    variable, setting = ("RECONCILER_HISTORY", "history") if name == "history" else ("KEYCLOAK_URL", "keycloak.url")
    assert f"{variable} is " in done.stderr
    assert f"environments.production.{setting} (reconciler.yaml:" in done.stderr
    assert all(urlsplit(each.url).netloc in done.stderr for each in (pinned, proposed))


def test_the_pinned_server_is_asked_where_the_two_agree_or_the_variables_shall_win(
    command: Command, pinned: Listener, proposed: Listener
) -> None:
    says(command, keycloak=f"{{url: '{pinned.url.upper()}/'}}")
    assert command("plan", "--no-effective").returncode == ExitCode.DONE
    assert pinned.connections

    pinned.connections.clear()
    says(command, keycloak=f"{{url: '{proposed.url}'}}")
    assert command("plan", "--no-effective", "--override-target").returncode == ExitCode.DONE
    assert pinned.connections
    assert proposed.connections == []


def test_tokens_of_clients_are_sent_to_no_other_api(command: Command, pinned: Listener, proposed: Listener) -> None:
    says(command, api=f"{{url: '{proposed.url}'}}")
    done = command("plan")
    assert done.returncode == ExitCode.USAGE
    assert "NT24_API_URL is " in done.stderr
    assert (pinned.connections, proposed.connections) == ([], [])
