"""Whatever Keycloak makes by itself is no difference, and the list of what is exempt holds nothing that need not be."""

from pathlib import Path

import httpx
import pytest

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Kind
from reconciler.model.expectations import People
from reconciler.model.manifest import Client, DesiredState, SecretRotation
from reconciler.model.plan import Plan
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization, desired
from tests.e2e import live
from tests.e2e.command import ByHand, Command

DAY = 86_400
ACCOUNT = "service-account-api-client-acme"
ACME = an_organization("acme")
EXEMPT = [(kind.kind, path) for kind in KINDS.values() for path in kind.fields.exempt]


def paths(plan: Plan) -> dict[str, list[str]]:
    """Return what a plan changes, by address."""
    return {str(change.address): [field.path for field in change.field_changes] for change in plan.changes}


@pytest.fixture(scope="module")
def rotating(sandbox: Running, admin: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> DesiredState:
    """A realm with an organization whose client has all that Keycloak and rotate ever write: two secrets, with ends."""
    realm = a_realm(sandbox.realm, rotation=SecretRotation(expiration=90 * DAY, overlap=2 * DAY))
    admin.delete(f"/{sandbox.realm}")
    run = Command(tmp_path_factory.mktemp("closed-world"), sandbox)
    run.declare(realm, ACME)
    run.apply()
    done = run("rotate", "start", "api-client-acme", "--sink", "file:secrets/{name}")
    assert done.returncode == 0, done.stdout + done.stderr
    return desired(ACME, realm=realm)


def test_what_keycloak_and_rotate_write_by_themselves_is_no_difference(
    sandbox: Running, rotating: DesiredState
) -> None:
    assert paths(live.plan(sandbox, rotating)) == {}


@pytest.mark.parametrize(("kind", "path"), EXEMPT)
def test_without_any_one_exemption_something_fresh_would_differ(
    sandbox: Running, rotating: DesiredState, monkeypatch: pytest.MonkeyPatch, kind: Kind, path: str
) -> None:
    monkeypatch.delitem(KINDS[kind].fields.exempt, path)
    assert any(path in found for found in paths(live.plan(sandbox, rotating)).values())


def test_new_service_accounts_leave_in_the_same_run_what_the_realm_gives_every_new_user(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    live.apply(sandbox, live.plan(sandbox, desired(realm=a_realm(no_realm))))
    hands = ByHand(admin, no_realm)
    set_new_user_defaults(admin, no_realm)
    wanted = desired(
        an_organization("acme", clients=[a_client(), a_client("api-client-acme-two")]), realm=a_realm(no_realm)
    )
    assert live.apply(sandbox, live.plan(sandbox, wanted)).is_complete
    assert paths(live.plan(sandbox, wanted)) == {}

    client = hands.client("api-client-acme")
    assert client is not None
    for switched in (False, True):
        admin.put(f"/{no_realm}/clients/{client['id']}", json={"serviceAccountsEnabled": switched}).raise_for_status()
    user = hands.get(f"/clients/{client['id']}/service-account-user")
    assert user["requiredActions"] == ["UPDATE_PASSWORD"]
    again = live.plan(sandbox, wanted)
    changed = paths(again)["client/acme/api-client-acme"]
    assert {"serviceAccount.groups", "serviceAccount.organizations", "serviceAccount.requiredActions"} <= {*changed}
    assert live.apply(sandbox, again).is_complete
    assert paths(live.plan(sandbox, wanted)) == {}
    assert hands.get(f"/users/{user['id']}/groups") == []


@pytest.mark.parametrize("how", ["switched off and on", "deleted", "given a password"])
def test_a_service_account_that_is_made_anew_gets_its_membership_and_declared_roles_back(
    sandbox: Running, admin: httpx.Client, no_realm: str, how: str
) -> None:
    roles = ("offline_access", "realm-management/view-realm")
    declared = Client(client_id="api-client-acme", service_account_roles=roles)
    wanted = desired(an_organization("acme", clients=[declared]), realm=a_realm(no_realm))
    live.apply(sandbox, live.plan(sandbox, wanted))
    hands = ByHand(admin, no_realm)
    client = hands.client("api-client-acme")
    assert client is not None
    path = f"/{no_realm}/clients/{client['id']}"
    before = admin.get(f"{path}/service-account-user").json()["id"]
    match how:
        case "deleted":
            admin.delete(f"/{no_realm}/users/{before}").raise_for_status()
        case "given a password":
            user = {"username": ACCOUNT, "enabled": True, "serviceAccountClientId": "api-client-acme"}
            secret = {"credentials": [{"type": "password", "value": "known to somebody"}]}
            body = {"ifResourceExists": "OVERWRITE", "users": [{**user, **secret}]}
            admin.post(f"/{no_realm}/partialImport", json=body).raise_for_status()
        case _:
            for switched in (False, True):
                admin.put(path, json={"serviceAccountsEnabled": switched}).raise_for_status()

    tampered = live.plan(sandbox, wanted)
    assert {"serviceAccount.organizations", "serviceAccountRoles"} <= {
        *paths(tampered)[f"client/acme/{client['clientId']}"]
    }
    assert live.apply(sandbox, tampered).is_complete
    assert paths(live.plan(sandbox, wanted)) == {}
    account = admin.get(f"{path}/service-account-user").json()["id"]
    assert account != before
    assert hands.get(f"/users/{account}/credentials") == []
    held = hands.get(f"/users/{account}/role-mappings")
    assert {role["name"] for role in held["realmMappings"]} == {"offline_access", f"default-roles-{no_realm}"}
    assert [role["name"] for role in held["clientMappings"]["realm-management"]["mappings"]] == ["view-realm"]


def test_an_account_and_the_scope_of_service_accounts_that_are_both_gone_are_there_again_after_one_apply(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    wanted = desired(ACME, realm=a_realm(no_realm))
    live.apply(sandbox, live.plan(sandbox, wanted))
    hands = ByHand(admin, no_realm)
    (account,) = hands.get("/users", username=ACCOUNT, exact="true")
    (scope,) = (each for each in hands.get("/client-scopes") if each["name"] == "service_account")
    for path in (f"/users/{account['id']}", f"/client-scopes/{scope['id']}"):
        admin.delete(f"/{no_realm}{path}").raise_for_status()

    applied = live.apply(sandbox, live.plan(sandbox, wanted))

    assert applied.is_complete, [outcome.detail for outcome in applied.outcomes]
    assert paths(live.plan(sandbox, wanted)) == {}


def set_new_user_defaults(admin: httpx.Client, realm: str) -> None:
    """Let every new user join two groups, one of them inside another, and have an action to take."""
    for name in ("staff", "guests"):
        admin.post(f"/{realm}/groups", json={"name": name}).raise_for_status()
    groups = {group["name"]: group["id"] for group in admin.get(f"/{realm}/groups").json()}
    inner = admin.post(f"/{realm}/groups/{groups['staff']}/children", json={"name": "inner"}).json()["id"]
    for group in (groups["guests"], inner):
        admin.put(f"/{realm}/default-groups/{group}").raise_for_status()
    path = f"/{realm}/authentication/required-actions/UPDATE_PASSWORD"
    admin.put(path, json={**admin.get(path).json(), "defaultAction": True}).raise_for_status()


def test_an_impostor_of_a_service_account_is_seen_and_shut_out_of_its_organization(
    sandbox: Running, admin: httpx.Client, no_realm: str, tmp_path: Path
) -> None:
    run, hands = Command(tmp_path, sandbox), ByHand(admin, no_realm)
    run.declare(a_realm(no_realm), ACME)
    run.apply()
    organization = hands.organization("acme")
    assert organization is not None
    members = f"/{no_realm}/organizations/{organization['id']}/members"
    account = admin.get(members).json()[0]["id"]
    admin.delete(f"/{no_realm}/users/{account}").raise_for_status()
    admin.post(f"/{no_realm}/users", json={"username": ACCOUNT, "enabled": True}).raise_for_status()
    impostor = admin.get(f"/{no_realm}/users", params={"username": ACCOUNT, "exact": True}).json()[0]["id"]
    admin.post(members, content=impostor, headers={"Content-Type": "application/json"}).raise_for_status()

    drift = run("drift", "--no-effective")
    assert drift.returncode in {1, 2}
    assert f"The user {ACCOUNT} is not a service account" in drift.stdout
    assert run("apply", "--auto-approve", "--no-effective").returncode == 4
    assert admin.get(members).json() == []

    admin.delete(f"/{no_realm}/users/{impostor}").raise_for_status()
    run.apply()
    assert run.plan_is_empty()


def test_what_is_called_like_a_step_in_a_path_never_takes_the_object_above_with_it(
    sandbox: Running, admin: httpx.Client, no_realm: str, tmp_path: Path
) -> None:
    """Requests of ``/clients/ID/roles/..`` are sent as ``/clients/ID/``: that is the client itself."""
    run, hands = Command(tmp_path, sandbox), ByHand(admin, no_realm)
    run.declare(a_realm(no_realm), ACME)
    run.apply("--no-effective")
    client = hands.client("api-client-acme")
    assert client is not None
    path = f"/{no_realm}/clients/{client['id']}"
    secret = admin.get(f"{path}/client-secret").json()["value"]
    for name in ("..", "../.."):
        admin.post(f"{path}/roles", json={"name": name}).raise_for_status()
    user = admin.get(f"{path}/service-account-user").json()["id"]
    for name in ("..", "team/dev"):
        admin.post(f"/{no_realm}/roles", json={"name": name}).raise_for_status()
    given = [role for role in hands.get("/roles") if role["name"] in {"..", "team/dev"}]
    admin.post(f"/{no_realm}/users/{user}/role-mappings/realm", json=given).raise_for_status()
    run.apply("--no-effective")
    assert hands.get(f"/clients/{client['id']}/roles") == []
    held = hands.get(f"/users/{user}/role-mappings")
    assert [role["name"] for role in held["realmMappings"]] == [f"default-roles-{no_realm}"]
    assert admin.get(f"{path}/client-secret").json()["value"] == secret

    # A cluster node and an identity provider have no other name: they stay, and so does what they belong to.
    admin.post(f"{path}/nodes", json={"node": ".."}).raise_for_status()
    _says_that_it_has_no_path(run, "the cluster node")
    assert admin.get(f"{path}/client-secret").json()["value"] == secret
    addresses = {"authorizationUrl": "https://idp.example/a", "tokenUrl": "https://idp.example/t", "clientId": "x"}
    provider = {"alias": "..", "providerId": "oidc", "config": addresses}
    admin.post(f"/{no_realm}/identity-provider/instances", json=provider).raise_for_status()
    organization = hands.organization("acme")
    assert organization is not None
    admin.post(f"/{no_realm}/organizations/{organization['id']}/identity-providers", json="..").raise_for_status()
    run.declare(an_organization("acme", people=People.NONE))
    _says_that_it_has_no_path(run, "the identity provider")
    assert hands.organization("acme") is not None


def _says_that_it_has_no_path(run: Command, what: str) -> None:
    for name, *options in (("plan",), ("apply", "--auto-approve")):
        blocked = run(name, "--no-effective", *options)
        assert blocked.returncode == (4 if options else 0), blocked.stdout + blocked.stderr
        assert f"{what} '..' cannot be removed: no request can address that name" in blocked.stdout
