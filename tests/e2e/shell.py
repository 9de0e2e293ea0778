"""Run the command as processes of their own, against Keycloak behind a fault proxy, and look at the realm."""

import os
import re
from pathlib import Path
from typing import Any

import httpx

from reconciler.adapters.lock_store import client_id_of
from reconciler.manifest.write import manifest_text
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e import fork_server
from tests.e2e.fault_proxy import Act, FaultProxy
from tests.e2e.fork_server import Process

LOCK = client_id_of("reconciler")
STRICT = ("-X", "dev", "-W", "ignore::DeprecationWarning")
"""Python's options for a run that tells of everything that it leaves open."""
SHORT = ("--lock-lease", "3s")
APPLY = ("apply", "--auto-approve", "--no-effective", "--parallelism", "1")


class Shell:
    """Run the command in a folder with manifests of two organizations, against Keycloak behind a fault proxy."""

    def __init__(self, folder: Path, sandbox: Running, url: str) -> None:
        self.folder = folder
        self.options: tuple[str, ...] = STRICT
        self.settings = {
            "PATH": os.environ["PATH"],
            "XDG_STATE_HOME": str(folder / "state"),
            "KEYCLOAK_URL": url,
            "KEYCLOAK_USER": sandbox.admin_user,
            "KEYCLOAK_PASSWORD": sandbox.admin_password,
            "NT24_REALM": sandbox.realm,
        }
        (folder / "realm.yaml").write_text(manifest_text(a_realm(sandbox.realm)), encoding="utf-8")
        for name in ("acme", "beta"):
            (folder / f"{name}.yaml").write_text(manifest_text(an_organization(name)), encoding="utf-8")

    def start(self, *arguments: str, before: str = "", **settings: str) -> Process:
        return fork_server.start(arguments, self.folder, self.settings | settings, options=self.options, before=before)

    def __call__(self, *arguments: str, **settings: str) -> tuple[int, str, str]:
        done = fork_server.run(arguments, self.folder, self.settings | settings, options=self.options)
        return without_noise(done.returncode, done.stdout, done.stderr)


def ended(process: Process, patience: float = 90) -> tuple[int, str, str]:
    """Wait for the end, check that there is no noise, and return the exit code and what was printed."""
    out, err = process.communicate(timeout=patience)
    return without_noise(process.wait(), out, err)


def without_noise(code: int, out: str, err: str) -> tuple[int, str, str]:
    """Check that nothing was said that no user shall see, and return all three."""
    for noise in ("Traceback", "Internal error", "never retrieved", "never awaited", "ResourceWarning", "Unclosed"):
        assert noise not in err, err
    return code, out, err


class Realm:
    """The realm as its administrator sees it."""

    def __init__(self, admin: httpx.Client, name: str) -> None:
        self._admin = admin
        self.name = name

    def get(self, path: str, **query: str) -> Any:
        answer = self._admin.get(f"/{self.name}{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> None:
        self._admin.post(f"/{self.name}{path}", json=body).raise_for_status()

    def create(self) -> None:
        self._admin.post("", json={"realm": self.name}).raise_for_status()

    def lock(self) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = self.get("/clients", clientId=LOCK)
        return found[0] if found else None

    def run_that_holds(self) -> str:
        return self._of_the_lock("run")

    def process_that_holds(self) -> str:
        """Return what the messages call the process: its user, machine and number."""
        return self._of_the_lock("holder")

    def _of_the_lock(self, what: str) -> str:
        held = self.lock()
        assert held is not None
        return str(held["attributes"][f"reconciler/lock.{what}"])


def slow_at(fault_proxy: FaultProxy, what: str) -> None:
    """Hold back the answer to the first write whose path matches."""
    fault_proxy.choose = lambda number, write: (
        Act.SLOW if re.search(what, write) and not fault_proxy.held.is_set() else Act.PASS
    )


A_CREATION = r"POST .*/organizations$"
"""Of an organization: neither the lock's, nor the realm's."""
