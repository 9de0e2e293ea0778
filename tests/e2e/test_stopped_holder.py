"""A run that is stopped (SIGSTOP) beyond its lease, at any point, writes no more: somebody else has written by then.

What is stopped is a process of its own, on a real Keycloak, while the answer to one of its requests is held. A second
one takes the lock over, writes and ends; only then is the answer given, and the first goes on.
"""

import os
import re
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.manifest.write import manifest_text
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, an_organization
from tests.e2e import holder
from tests.e2e.fault_proxy import PATIENCE, Act, FaultProxy, fault_proxying
from tests.e2e.fork_server import Process
from tests.e2e.shell import A_CREATION, APPLY, Realm, Shell, ended

pytestmark = pytest.mark.e2e

LEASE = "20"
"""Seconds; all are started at once, and a machine that is busy by that must not end a lease by itself."""
TOKEN = r"POST .*/protocol/openid-connect/token$"
UPDATE = r"PUT .*/organizations/[^/]*$"

Arrange = Callable[[FaultProxy], None]


def slow_write(what: str) -> Arrange:
    """Hold the answer to the first write that matches after an organization was created, or to that creation."""

    def arrange(fault_proxy: FaultProxy) -> None:
        def choose(_: int, write: str) -> Act:
            begun = any(re.search(A_CREATION, each) for each in fault_proxy.writes)
            return Act.SLOW if begun and re.search(what, write) and not fault_proxy.held.is_set() else Act.PASS

        fault_proxy.choose = choose

    return arrange


def slow_read(what: str) -> Arrange:
    """Hold the answer to the first read that matches."""

    def arrange(fault_proxy: FaultProxy) -> None:
        fault_proxy.choose_read = lambda path: (
            Act.SLOW if re.search(what, path) and not fault_proxy.held.is_set() else Act.PASS
        )

    return arrange


def held_update(act: Act) -> Arrange:
    """Hold the update of an organization, which then fails in a way that is tried again."""

    def arrange(fault_proxy: FaultProxy) -> None:
        fault_proxy.choose = lambda _, write: (
            act if re.search(UPDATE, write) and not fault_proxy.held.is_set() else Act.PASS
        )

    return arrange


def new_token(fault_proxy: FaultProxy) -> None:
    """Refuse the token of a creation, and hold the answer to the request for another."""

    def choose(_: int, write: str) -> Act:
        creations = [each for each in fault_proxy.writes if re.search(A_CREATION, each)]
        if re.search(A_CREATION, write) and len(creations) == 1:
            return Act.UNAUTHORIZED
        return Act.SLOW if creations and re.search(TOKEN, write) and not fault_proxy.held.is_set() else Act.PASS

    fault_proxy.choose = choose


@dataclass(frozen=True)
class Point:
    """Where a run is stopped: what of its requests is held, and what kind of run it is."""

    arrange: Arrange
    updates: bool = False
    """Whether its organization exists, and is to be changed."""
    program: str = ""
    """What the program does, where it is no apply."""


POINTS = {
    "before-the-first-write": Point(slow_read(r"/organizations\?")),
    "between-changes": Point(slow_write(A_CREATION)),
    "between-steps": Point(slow_write(r"POST .*/clients$")),
    "within-a-step": Point(slow_read(r"/service-account-user$")),
    "before-a-token": Point(new_token),
    "before-a-retry": Point(held_update(Act.HOLD_BUSY), updates=True),
    "before-a-new-connection": Point(held_update(Act.HOLD), updates=True),
    "in-the-queue": Point(slow_read(r"/roles\?"), program="queue"),
    "in-a-renewal": Point(slow_read(r"/clients/[^/]*$"), program="hold"),
}


@dataclass(frozen=True)
class Ending:
    """How a stopped run ended, and what it sent once it went on."""

    code: int
    said: str
    sent: tuple[str, ...]
    second: tuple[int, str]
    """The exit code of the second writer, and what it said."""


class Writers:
    """Two runs of one owner that write the same organization; nobody else's."""

    def __init__(self, folder: Path, sandbox: Running, url: str, name: str, point: Point) -> None:
        folder.mkdir()
        self.shell = Shell(folder, sandbox, url)
        for manifest in folder.glob("*.yaml"):
            manifest.unlink()
        self._name, self._point = name, point
        self._direct = {"KEYCLOAK_URL": sandbox.keycloak_url}
        self.shell.settings["RECONCILER_OWNER"] = name
        self.shell.options = ()
        self._declare("first")
        if point.updates:
            assert ended(self.shell.start(*APPLY, **self._direct), PATIENCE)[0] == 0
            self._declare("second")

    def start(self) -> Process:
        if not self._point.program:
            return self.shell.start(*APPLY, "--lock-lease", f"{LEASE}s", "--timeout", str(PATIENCE))
        settings = self.shell.settings
        where = (settings["KEYCLOAK_URL"], settings["NT24_REALM"])
        return self.shell.start(*where, self._name, LEASE, self._point.program, before=holder.PROGRAM)

    def write(self) -> tuple[int, str]:
        """Wait for the lock to end, and write what the first would have written."""
        code, out, err = ended(self.shell.start(*APPLY, "--lock-timeout", "3m", **self._direct), PATIENCE)
        return code, out + err

    def _declare(self, description: str) -> None:
        clients = [a_client(f"api-client-{self._name}")]
        text = manifest_text(an_organization(self._name, description=description, clients=clients))
        (self.shell.folder / "organization.yaml").write_text(text, encoding="utf-8")


def stopped(folder: Path, sandbox: Running, name: str, point: Point) -> Ending:
    """Stop a run at the point, let another one write, and let the first go on."""
    with fault_proxying(sandbox.keycloak_url, part="/") as fault_proxy:
        writers = Writers(folder, sandbox, fault_proxy.url, name, point)
        point.arrange(fault_proxy)
        first = writers.start()
        try:
            while not fault_proxy.held.wait(0.1):
                assert first.poll() is None, (name, ended(first))
            os.kill(first.pid, signal.SIGSTOP)
            second = writers.write()
            before = len(fault_proxy.writes)
            fault_proxy.let_go.set()
            os.kill(first.pid, signal.SIGCONT)
            out, err = first.communicate(timeout=PATIENCE)
        finally:
            first.kill()
            first.communicate()
        sent = (write for write in fault_proxy.writes[before:] if not re.search(TOKEN, write))
        return Ending(first.wait(), out + err, tuple(sent), second)


def test_a_run_that_is_stopped_beyond_its_lease_writes_no_more_wherever_it_was(
    sandbox: Running, shell: Shell, realm: Realm, tmp_path: Path
) -> None:
    for name in ("acme", "beta"):
        (shell.folder / f"{name}.yaml").unlink()
    assert ended(shell.start(*APPLY), PATIENCE)[0] == 0

    def one(item: tuple[str, Point]) -> Ending:
        name, point = item
        return stopped(tmp_path / name, sandbox, name, point)

    with ThreadPoolExecutor(len(POINTS)) as pool:
        endings = dict(zip(POINTS, pool.map(one, POINTS.items()), strict=True))
    assert {name: ending.sent for name, ending in endings.items()} == dict.fromkeys(POINTS, ())
    for ending in endings.values():
        assert "Traceback" not in ending.said, ending.said
        assert (ending.code, "the lock was lost: it could not be renewed in time" in ending.said) == (4, True), ending
        assert ending.second[0] == 0, ending
        assert "Took over the lock of " in ending.second[1], ending
        assert "Apply complete!" in ending.second[1], ending
    assert sorted(each["alias"] for each in realm.get("/organizations")) == sorted(POINTS)
