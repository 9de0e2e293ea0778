"""What a login that only reads can do with what it reads, on a real Keycloak: docs/ci-login.md says it."""

from collections.abc import Iterator

import httpx
import pytest

from reconciler.manifest.write import manifest_text
from reconciler.model.expectations import People
from reconciler.sandbox.lifecycle import Running
from tests.builders import an_organization
from tests.e2e.command import ByHand
from tests.e2e.shell import APPLY, Realm, Shell
from tests.server import KEYS

READ = ("clients", "users", "organizations", "realm", "events", "identity-providers")


@pytest.fixture
def reader(sandbox: Running, admin: httpx.Client, no_realm: str) -> Iterator[httpx.Client]:
    """Keycloak's Admin API as a client that has the roles of plan."""
    by_hand = ByHand(admin, no_realm)
    # Tokens are signed by keys that are made in no time.
    realm = {"realm": no_realm, "enabled": True, "components": KEYS, "defaultSignatureAlgorithm": "ES256"}
    admin.post("", json=realm | {"organizationsEnabled": True}).raise_for_status()
    make_reader(by_hand, admin, no_realm)
    token = logged_in(sandbox, "reader", "reader-s-own").json()["access_token"]
    base = f"{sandbox.keycloak_url}/admin/realms/{no_realm}"
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def make_reader(by_hand: ByHand, admin: httpx.Client, realm: str) -> None:
    """Make a client that logs in with the documented roles of plan, and no other."""
    by_hand.make_client("reader", secret="reader-s-own")
    (client,) = by_hand.get("/clients", clientId="reader")
    (management,) = by_hand.get("/clients", clientId="realm-management")
    user = by_hand.get(f"/clients/{client['id']}/service-account-user")["id"]
    roles = [by_hand.get(f"/clients/{management['id']}/roles/view-{each}") for each in READ]
    admin.post(f"/{realm}/users/{user}/role-mappings/clients/{management['id']}", json=roles).raise_for_status()


def logged_in(sandbox: Running, client_id: str, secret: str) -> httpx.Response:
    url = f"{sandbox.keycloak_url}/realms/{sandbox.realm}/protocol/openid-connect/token"
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return httpx.post(url, data=form, trust_env=False, timeout=60)


def test_a_login_that_only_reads_can_be_every_client_that_has_a_secret(
    sandbox: Running, admin: httpx.Client, no_realm: str, reader: httpx.Client
) -> None:
    ByHand(admin, no_realm).make_client("writer", secret="writer-s-own")

    (writer,) = reader.get("/clients", params={"clientId": "writer"}).json()
    secret = reader.get(f"/clients/{writer['id']}/client-secret").json()["value"]

    assert secret == "writer-s-own"
    assert logged_in(sandbox, "writer", secret).status_code == 200


def test_a_login_by_the_ci_s_token_or_by_a_key_cannot_be_taken_over_by_what_is_read(
    sandbox: Running, admin: httpx.Client, no_realm: str, reader: httpx.Client
) -> None:
    for name, authenticator in (("by-token", "federated-jwt"), ("by-key", "client-jwt")):
        ByHand(admin, no_realm).make_client(name, secret="left-over", clientAuthenticatorType=authenticator)
        (client,) = reader.get("/clients", params={"clientId": name}).json()
        shown = reader.get(f"/clients/{client['id']}/client-secret").json().get("value", "left-over")
        assert "error" in logged_in(sandbox, name, shown).json()


def test_exactly_the_documented_roles_plan_and_look_for_drift(shell: Shell, realm: Realm, admin: httpx.Client) -> None:
    code, out, err = shell(*APPLY)
    assert code == 0, out + err
    for is_on in (False, True):
        # As long as the admin events prove that nobody was invited, nobody asks.
        admin.put(f"/{realm.name}", json={"adminEventsEnabled": is_on}).raise_for_status()
    make_reader(ByHand(admin, realm.name), admin, realm.name)
    for name in ("KEYCLOAK_USER", "KEYCLOAK_PASSWORD"):
        del shell.settings[name]
    login = {"KEYCLOAK_REALM": realm.name, "KEYCLOAK_CLIENT_ID": "reader", "KEYCLOAK_CLIENT_SECRET": "reader-s-own"}

    code, out, err = shell("plan", "--no-effective", "--detailed-exitcode", **login)
    assert code == 0, out + err
    assert "No changes" in out
    assert out.count("Invitations are not shown to this login: 2 organizations (acme, beta)") == 1
    assert shell("drift", "--no-effective", **login)[0] == 0

    text = manifest_text(an_organization("acme", people=People.NONE))
    (shell.folder / "acme.yaml").write_text(text, encoding="utf-8")
    code, out, err = shell("plan", "--no-effective", **login)
    assert code == 1, out + err
    assert "role manage-organizations of the client realm-management" in out + err


def test_a_login_that_only_reads_is_told_the_server_s_features_and_types_of_events_but_not_its_release(
    sandbox: Running, admin: httpx.Client, no_realm: str, reader: httpx.Client
) -> None:
    url = f"{sandbox.keycloak_url}/admin/serverinfo"
    told = reader.get(url).json()
    assert told["features"]
    assert told["enums"]["resourceType"]
    assert "systemInfo" not in told
    by_hand = ByHand(admin, no_realm)
    (client,) = by_hand.get("/clients", clientId="reader")
    (management,) = by_hand.get("/clients", clientId="realm-management")
    user = by_hand.get(f"/clients/{client['id']}/service-account-user")["id"]
    role = by_hand.get(f"/clients/{management['id']}/roles/manage-realm")
    admin.post(f"/{no_realm}/users/{user}/role-mappings/clients/{management['id']}", json=[role]).raise_for_status()
    assert reader.get(url).json()["systemInfo"]["version"]
