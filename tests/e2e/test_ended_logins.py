"""A login that ends in the middle of an apply: one that can log in again goes on, one that cannot says so."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from reconciler.adapters.lock import GRACE
from reconciler.sandbox.lifecycle import Running
from tests.e2e.fault_proxy import Act, FaultProxy
from tests.e2e.shell import A_CREATION, APPLY, SHORT, Realm, Shell, ended, slow_at

pytestmark = pytest.mark.e2e

NAME, SECRET = "runner", "runner-secret-of-this-test"
ADDED = "Apply complete! Resources: 4 added"


class Login:
    """A client, and a user, that may write to the realm."""

    def __init__(self, admin: httpx.Client, realm: Realm, keycloak_url: str) -> None:
        self._admin = admin
        self._realm = realm
        self._keycloak_url = keycloak_url
        realm.create()
        admin.put(f"/{realm.name}", json={"enabled": True, "organizationsEnabled": True}).raise_for_status()
        realm.post("/clients", self._client())
        self._give_all(realm.get(f"/clients/{self._uuid}/service-account-user")["id"])
        # Its name and address are there: without them, Keycloak has a user complete the profile first.
        person = {"username": NAME, "enabled": True, "email": "runner@example.com", "firstName": "R", "lastName": "R"}
        credential = {"type": "password", "value": SECRET, "temporary": False}
        realm.post("/users", {**person, "emailVerified": True, "credentials": [credential]})
        self._give_all(self._user)

    def as_client(self) -> dict[str, str]:
        return {"KEYCLOAK_CLIENT_ID": NAME, "KEYCLOAK_CLIENT_SECRET": SECRET, **self._alone()}

    def as_user(self) -> dict[str, str]:
        return {**self._alone(), "KEYCLOAK_USER": NAME, "KEYCLOAK_PASSWORD": SECRET}

    def as_token(self) -> dict[str, str]:
        """Log in now, and hand over the token."""
        url = f"{self._keycloak_url}/realms/{self._realm.name}/protocol/openid-connect/token"
        form = {"grant_type": "client_credentials", "client_id": NAME, "client_secret": SECRET}
        answer = httpx.post(url, data=form, trust_env=False).raise_for_status()
        return {"KEYCLOAK_ACCESS_TOKEN": answer.json()["access_token"], **self._alone()}

    def live(self, seconds: int) -> None:
        """Let the client's tokens live so long."""
        self._put(attributes={"access.token.lifespan": str(seconds)})

    def revoke(self) -> None:
        """Refuse every token of the client that was issued before this second."""
        time.sleep(1)
        self._put(notBefore=int(time.time()))

    def end_sessions(self) -> None:
        """Log the user out everywhere, which ends the user's tokens."""
        self._admin.post(f"/{self._realm.name}/users/{self._user}/logout").raise_for_status()

    def _alone(self) -> dict[str, str]:
        return {"KEYCLOAK_REALM": self._realm.name, "KEYCLOAK_USER": "", "KEYCLOAK_PASSWORD": ""}

    def _client(self) -> dict[str, Any]:
        return {"clientId": NAME, "secret": SECRET, "serviceAccountsEnabled": True, "publicClient": False}

    @property
    def _uuid(self) -> str:
        return str(self._realm.get("/clients", clientId=NAME)[0]["id"])

    @property
    def _user(self) -> str:
        return str(self._realm.get("/users", username=NAME, exact="true")[0]["id"])

    def _give_all(self, user_id: str) -> None:
        management = self._realm.get("/clients", clientId="realm-management")[0]["id"]
        role = self._realm.get(f"/clients/{management}/roles/realm-admin")
        self._realm.post(f"/users/{user_id}/role-mappings/clients/{management}", [role])

    def _put(self, **changes: Any) -> None:
        path = f"/{self._realm.name}/clients/{self._uuid}"
        self._admin.put(path, json={**self._client(), **changes}).raise_for_status()


@pytest.fixture
def login(admin: httpx.Client, realm: Realm, sandbox: Running) -> Login:
    return Login(admin, realm, sandbox.keycloak_url)


def test_an_apply_that_outlives_its_token_gets_another(shell: Shell, login: Login, fault_proxy: FaultProxy) -> None:
    login.live(10)
    slow_at(fault_proxy, A_CREATION)
    apply = shell.start(*APPLY, **login.as_client())
    assert fault_proxy.held.wait(120)
    time.sleep(11)
    fault_proxy.let_go.set()
    code, out, err = ended(apply)
    assert (code, ADDED in out) == (0, True), out + err
    assert "No changes." in shell("plan", "--no-effective")[1]


ENDS: list[tuple[Callable[[Login], dict[str, str]], Callable[[Login], None]]] = [
    (Login.as_client, Login.revoke),
    (Login.as_user, Login.end_sessions),
]


@pytest.mark.parametrize(("logs_in", "ends"), ENDS, ids=["revoked", "logged out"])
def test_an_apply_whose_token_is_refused_from_one_moment_to_the_next_gets_another(
    shell: Shell,
    realm: Realm,
    login: Login,
    fault_proxy: FaultProxy,
    logs_in: Callable[[Login], dict[str, str]],
    ends: Callable[[Login], None],
) -> None:
    slow_at(fault_proxy, A_CREATION)
    apply = shell.start(*APPLY, **logs_in(login))
    assert fault_proxy.held.wait(120)
    ends(login)
    fault_proxy.let_go.set()
    code, out, err = ended(apply)
    assert (code, ADDED in out) == (0, True), out + err
    assert realm.lock() is None
    assert "No changes." in shell("plan", "--no-effective")[1]


def test_an_apply_goes_on_though_every_other_request_is_answered_that_its_token_is_no_good(
    shell: Shell, login: Login, fault_proxy: FaultProxy
) -> None:
    asked: dict[str, int] = {}

    def refuse_first(request: str) -> Act:
        asked[request] = asked.get(request, 0) + 1
        return Act.UNAUTHORIZED if asked[request] % 2 else Act.PASS

    fault_proxy.choose = lambda _, write: refuse_first(write)
    fault_proxy.choose_read = refuse_first
    code, out, err = shell(*APPLY, **login.as_client())
    assert (code, ADDED in out) == (0, True), out + err
    fault_proxy.only(0, Act.PASS)
    assert "No changes." in shell("plan", "--no-effective")[1]


def test_an_apply_with_a_token_of_others_ends_where_it_is_refused_and_the_next_goes_on_from_there(
    shell: Shell, realm: Realm, login: Login, fault_proxy: FaultProxy
) -> None:
    login.live(600)
    settings = login.as_token()
    slow_at(fault_proxy, A_CREATION)
    apply = shell.start(*APPLY, *SHORT, **settings)
    assert fault_proxy.held.wait(120)
    login.revoke()
    fault_proxy.let_go.set()
    code, out, err = ended(apply)
    assert code == 4, out + err
    assert "401 Unauthorized" in out
    assert "KEYCLOAK_ACCESS_TOKEN" in out
    assert "It cannot be renewed; one of the other logins can." in out
    assert "Run apply again to resume." in out
    assert settings["KEYCLOAK_ACCESS_TOKEN"] not in out + err
    assert [each["alias"] for each in realm.get("/organizations")] == ["acme"]

    # It could not even give the lock back, which ends by itself.
    assert "The lock could not be released, and expires by itself" in err
    code, out, err = shell(*APPLY, "--lock-timeout", f"{3 + GRACE + 30:.0f}s", **login.as_client())
    assert (code, "3 added" in out) == (0, True), out + err
    assert realm.lock() is None
    assert "No changes." in shell("plan", "--no-effective")[1]


def test_a_token_of_others_that_has_ended_writes_nothing(shell: Shell, realm: Realm, login: Login) -> None:
    login.live(1)
    settings = login.as_token()
    time.sleep(2)
    code, out, err = shell(*APPLY, **settings)
    assert (code, out) == (3, "")
    assert "KEYCLOAK_ACCESS_TOKEN" in err
    assert "expired" in err
    assert realm.get("/organizations") == []
