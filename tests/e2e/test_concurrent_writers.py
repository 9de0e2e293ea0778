"""Somebody else writes the same client all the time while an apply runs: it ends in order, and the next converges."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from reconciler.manifest.write import manifest_text
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, an_organization
from tests.e2e.shell import APPLY, Realm, Shell, ended
from tests.server import AdminAuth

pytestmark = pytest.mark.e2e

WRITERS = 2
PAUSE = 0.05
"""Seconds between two writes of each; an apply takes some hundred times as long."""
PATIENCE = 240
ID = "api-client-acme"


class Hammer:
    """Other writers of the client; what Keycloak answered them is counted."""

    def __init__(self, sandbox: Running, realm: Realm) -> None:
        self._sandbox = sandbox
        self._realm = realm
        self._stop = threading.Event()
        self.answers: Counter[int] = Counter()

    @contextmanager
    def at_work(self) -> Iterator["Hammer"]:
        threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _write(self, number: int) -> None:
        """Write one's own attribute of the client, again and again."""
        place = f"/{self._realm.name}"
        with httpx.Client(
            base_url=f"{self._sandbox.keycloak_url}/admin/realms",
            auth=AdminAuth(self._sandbox),
            timeout=60,
            trust_env=False,
        ) as admin:
            client = admin.get(f"{place}/clients", params={"clientId": ID}).raise_for_status().json()[0]["id"]
            turn = 0
            while not self._stop.wait(PAUSE):
                turn += 1
                attributes = {f"hammer-{number}": str(turn)}
                # What is left out stays as it is, so that nothing of the reconciler's is lost.
                answer = admin.put(f"{place}/clients/{client}", json={"clientId": ID, "attributes": attributes})
                self.answers[answer.status_code] += 1


@pytest.fixture
def hammer(sandbox: Running, realm: Realm) -> Hammer:
    return Hammer(sandbox, realm)


def declare(shell: Shell, number: int) -> None:
    clients = [a_client(description=f"Version {number}", lifespan=300 + number)]
    wanted = an_organization(description=f"Version {number}", clients=clients)
    (shell.folder / "acme.yaml").write_text(manifest_text(wanted), encoding="utf-8")


def test_applies_beside_other_writers_of_the_same_client_end_in_order_and_the_next_converges(
    shell: Shell, realm: Realm, hammer: Hammer
) -> None:
    assert shell(*APPLY)[0] == 0
    with hammer.at_work():
        for number in range(2):
            declare(shell, number)
            code, out, err = ended(shell.start(*APPLY), PATIENCE)
            # Either it got its turn, or it saw that somebody had written since it looked, and wrote nothing over it.
            assert code in {0, 4}, out + err
            if code == 4:
                assert f"client/acme/{ID} was changed after it was planned" in out or "after apply" in out, out + err
    assert hammer.answers[204] > 2 * WRITERS

    code, out, err = shell(*APPLY)
    assert code == 0, out + err
    assert realm.lock() is None
    assert "No changes." in shell("plan", "--no-effective")[1]
    (client,) = realm.get("/clients", clientId=ID)
    assert client["description"] == "Version 1"
    assert not [name for name in client["attributes"] if name.startswith("hammer")]
    (organization,) = [each for each in realm.get("/organizations") if each["alias"] == "acme"]
    members = realm.get(f"/organizations/{organization['id']}/members")
    assert [user["username"] for user in members] == [f"service-account-{ID}"]
