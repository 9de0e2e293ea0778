"""What was started is stopped again when something goes wrong. The servers are stand-ins that sleep."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.cli.sandbox import sandbox as command
from reconciler.model.errors import ReconcilerError
from reconciler.sandbox import api, distribution, keycloak, lifecycle, process
from reconciler.sandbox.folder import Folder, Server
from reconciler.sandbox.lifecycle import Options, Sandbox

SLEEP = shutil.which("sleep") or "/bin/sleep"


class Servers:
    """Stand-ins for both servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Server] = []
        self.api_fails: BaseException | None = None

    def keycloak(self, *_: object, begun: Callable[[Server], None], **__: object) -> Server:
        return self._begin(begun)

    def api(self, *_: object, begun: Callable[[Server], None], **__: object) -> Server:
        server = self._begin(begun)
        if self.api_fails is not None:
            raise self.api_fails
        return server

    def alive(self) -> list[bool]:
        return [server.alive for server in self.started]

    def _begin(self, begun: Callable[[Server], None]) -> Server:
        sleeper = process.start([SLEEP, "60"], log=self.folder / "log", environment=dict(os.environ))
        server = Server(process=sleeper, url=f"http://127.0.0.1:{len(self.started) + 1}", ports=(1, 2))
        self.started.append(server)
        begun(server)
        return server


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Servers:
    servers = Servers(tmp_path)
    monkeypatch.setattr(keycloak, "start", servers.keycloak)
    monkeypatch.setattr(api, "start", servers.api)
    monkeypatch.setattr(lifecycle, "require_java", lambda _: Path("java"))
    monkeypatch.setattr(distribution, "ensure", lambda *_: tmp_path)
    return servers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_up_starts_both_servers_and_down_stops_them(servers: Servers, folder: Path) -> None:
    running = Sandbox(folder).up()
    assert running.started
    assert (running.keycloak_url, running.api_url) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert servers.alive() == [True, True]

    assert Sandbox(folder).down()
    assert servers.alive() == [False, False]


def test_a_second_up_starts_nothing(servers: Servers, folder: Path) -> None:
    with Sandbox(folder):
        assert not Sandbox(folder).up().started
        assert len(servers.started) == 2


def test_after_a_crash_of_one_server_up_starts_both_anew(servers: Servers, folder: Path) -> None:
    Sandbox(folder).up()
    process.stop([servers.started[1].process])

    assert Sandbox(folder).up().started

    assert servers.alive() == [False, False, True, True]
    Sandbox(folder).down()


@pytest.mark.parametrize("failure", [ReconcilerError("it did not start"), KeyboardInterrupt()])
def test_when_a_start_fails_or_is_interrupted_nothing_is_left(
    servers: Servers, folder: Path, failure: BaseException
) -> None:
    servers.api_fails = failure

    with pytest.raises(type(failure)):
        Sandbox(folder).up()

    assert servers.alive() == [False, False]


def test_what_was_killed_in_the_middle_of_up_is_found_by_down(servers: Servers, folder: Path) -> None:
    Folder(folder).path.mkdir()
    servers.keycloak(
        begun=lambda server: Folder(folder).write(Folder(folder).read().model_copy(update={"keycloak": server}))
    )

    assert Sandbox(folder).down()
    assert servers.alive() == [False]


def test_down_does_not_touch_a_process_that_only_has_the_same_pid(servers: Servers, folder: Path) -> None:
    Sandbox(folder).up()
    state = Folder(folder).read()
    stale = {
        name: server.model_copy(update={"process": server.process.model_copy(update={"started": "before the boot"})})
        for name, server in (("keycloak", servers.started[0]), ("api", servers.started[1]))
    }
    Folder(folder).write(state.model_copy(update=stale))

    assert not Sandbox(folder).down()
    assert servers.alive() == [True, True]
    process.stop([server.process for server in servers.started])


def test_down_with_purge_leaves_nothing(servers: Servers, folder: Path) -> None:
    assert servers.alive() == []
    Sandbox(folder).up()
    Sandbox(folder).down(purge=True)

    assert not folder.exists()


def test_down_where_nothing_ever_was_makes_nothing(folder: Path) -> None:
    assert not Sandbox(folder).down(purge=True)
    assert not folder.exists()


def test_a_directory_of_partners_is_checked_and_copied(servers: Servers, folder: Path, tmp_path: Path) -> None:
    partners = tmp_path / "partners.json"
    partners.write_text('{"nord": {}}', encoding="utf-8")
    with pytest.raises(ReconcilerError, match="is not a directory of partners"):
        Sandbox(folder).up(Options(partners=partners))
    assert servers.started == []

    text = '{"3b0d12ab-5d0c-4d0a-9d0e-0d3a5b6c7d8e": {"name": "Nord", "country": "DE"}}'
    partners.write_text(text, encoding="utf-8")
    with Sandbox(folder, Options(partners=partners)) as running:
        assert running.partners_file.read_text(encoding="utf-8") == text


def test_without_the_extra_one_sentence_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "uvicorn" else name)

    with pytest.raises(ReconcilerError, match="packages that are not installed: uvicorn") as caught:
        Sandbox(folder).up()
    assert caught.value.remedy == (
        "Install the reconciler's extra 'sandbox': pip install '.[sandbox]' in a clone of it."
    )


class TestCommand:
    """The command line."""

    @staticmethod
    def run(folder: Path, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(command, [*arguments, "--dir", str(folder)], catch_exceptions=False)
        return result.exit_code, result.stdout

    def test_down_of_nothing_succeeds_and_says_so(self, folder: Path) -> None:
        assert self.run(folder, "down") == (0, "The sandbox was not up.\n")

    def test_status_of_nothing_is_1(self, folder: Path) -> None:
        code, output = self.run(folder, "status")

        assert code == 1
        assert "Keycloak      down" in output

    def test_env_of_nothing_says_how_to_start(self, folder: Path) -> None:
        with pytest.raises(ReconcilerError, match="No sandbox is up") as caught:
            self.run(folder, "env")
        assert caught.value.remedy == "Start it: reconciler sandbox up"

    def test_other_settings_of_a_sandbox_that_is_up_are_said_to_have_no_effect(
        self, servers: Servers, folder: Path
    ) -> None:
        Sandbox(folder).up()
        result = CliRunner().invoke(command, ["up", "--dir", str(folder), "--current-dpa-version", "2027-01"])
        Sandbox(folder).down()

        assert len(servers.started) == 2
        assert result.stdout.startswith("The sandbox is up already.")
        assert "It keeps the settings that it was started with" in result.stderr
