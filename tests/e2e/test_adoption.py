"""What others have set up is adopted without harm; marks that prove nothing lead to no delete. On a real Keycloak."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.model import layout
from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_dpa, a_realm, an_organization
from tests.e2e.command import ByHand, Command

pytestmark = pytest.mark.e2e

CLIENT = "api-client-acme"
MAPPER = {
    "name": "audience of orders",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "orders", "access.token.claim": "true"},
}
IN_USE: dict[str, Any] = {
    "clientAuthenticatorType": "client-jwt",
    "redirectUris": ["https://erp.acme.example/*"],
    "protocolMappers": [MAPPER],
    "attributes": {"use.jwks.url": "true", "jwks.url": "https://erp.acme.example/jwks"},
}
SET = (
    "keycloak.attributes.jwks.url",
    "keycloak.attributes.use.jwks.url",
    "keycloak.clientAuthenticatorType",
    "keycloak.protocolMappers.audience of orders",
    "keycloak.redirectUris",
    "keycloak.roles",
)


@pytest.fixture
def command(tmp_path: Path, sandbox: Running) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(sandbox.realm))
    return found


@pytest.fixture
def realm(admin: httpx.Client, no_realm: str) -> ByHand:
    return ByHand(admin, no_realm)


def client(realm: ByHand, client_id: str = CLIENT) -> dict[str, Any]:
    found = realm.client(client_id)
    assert found is not None
    return found


def copy(realm: ByHand, admin: httpx.Client, name: str, to: str) -> None:
    """Make a client of another id with the JSON of ours, or give that JSON's attributes to one of Keycloak's own."""
    path, ours = f"/{name}/clients", client(realm)
    if (live := realm.client(to)) is None:
        body = {key: value for key, value in ours.items() if key not in {"id", "secret"}}
        admin.post(path, json={**body, "clientId": to}).raise_for_status()
    else:
        admin.put(f"{path}/{live['id']}", json={**live, "attributes": ours["attributes"]}).raise_for_status()


def test_what_a_program_relies_on_is_named_and_kept_until_the_manifest_lets_it_go(
    command: Command, realm: ByHand, admin: httpx.Client, sandbox: Running
) -> None:
    command.apply("--no-effective")
    realm.make_client(CLIENT, realm.make_organization("acme"), **IN_USE)
    roles = f"/{sandbox.realm}/clients/{client(realm)['id']}/roles"
    admin.post(roles, json={"name": "clerk"}).raise_for_status()
    before = client(realm)
    assert command("import", "acme", "--out", "live").returncode == 0
    file = command.folder / "live" / "acme.yaml"

    planned = command("plan", "--no-effective").stdout
    for path in SET:
        assert f"{path}" in planned
    for why in ("client's secret are refused", "this audience refuse the tokens", "of these roles lose them"):
        assert why in planned
    refused = command("apply", "--no-effective", "--auto-approve")
    assert refused.returncode == ExitCode.PARTIAL, refused.stdout + refused.stderr
    assert client(realm) == before
    assert [role["name"] for role in admin.get(roles).json()] == ["clerk"]

    names = ", ".join(f'"clients[{CLIENT}].{path}"' for path in SET)
    entry = f"lifecycle: {{adopt: {{drop: [{names}]}}}}"
    assert entry in planned
    file.write_text(file.read_text(encoding="utf-8") + entry + "\n", encoding="utf-8")
    command.apply("--no-effective")
    after = client(realm)
    assert after["clientAuthenticatorType"] == "client-secret"
    assert after["redirectUris"] == []
    assert admin.get(roles).json() == []
    assert command.plan_is_empty("--no-effective")


def test_no_mark_that_was_copied_leads_to_a_delete(
    command: Command, realm: ByHand, admin: httpx.Client, sandbox: Running
) -> None:
    command.declare(an_organization("acme", dpa=a_dpa()))
    command.apply("--no-effective")
    for name in ("api-client-copy", "broker", "security-admin-console"):
        copy(realm, admin, sandbox.realm, name)
    for consent in ("--allow-delete", "--soft-delete"):
        planned = command("plan", "--no-effective", "--detailed-exitcode", consent)
        assert planned.returncode == 0, planned.stdout
        for name in ("api-client-copy", "broker", "security-admin-console"):
            assert (
                f"client/-/{name}: It carries the ownership mark of 'reconciler', which proves nothing"
                in planned.stdout
            )
        command.apply("--no-effective", consent)
    assert realm.client("broker") is not None
    assert client(realm, "api-client-copy")["enabled"]


def test_a_realm_that_is_copied_under_another_name_keeps_its_marks(
    command: Command, realm: ByHand, admin: httpx.Client, sandbox: Running
) -> None:
    command.declare(an_organization("acme", dpa=a_dpa()))
    command.apply("--no-effective")
    name = f"{sandbox.realm}-copy"
    admin.post("", json={"realm": name, "enabled": True, "organizationsEnabled": True}).raise_for_status()
    try:
        there = ByHand(admin, name)
        acme = realm.organization("acme")
        assert acme is not None
        there.make_organization("acme", acme["attributes"])
        body = {key: value for key, value in client(realm).items() if key not in {"id", "secret"}}
        admin.post(f"/{name}/clients", json=body).raise_for_status()
        command.withdraw("acme")
        command.withdraw(sandbox.realm)
        command.declare(a_realm(name))
        planned = command("plan", "--no-effective", NT24_REALM=name).stdout
        assert "organization/acme will be destroyed" in planned
        assert f"{CLIENT} will be destroyed" in planned
    finally:
        admin.delete(f"/{name}")


def test_a_client_made_by_the_console_is_adopted_as_it_is(command: Command, realm: ByHand) -> None:
    command.apply("--no-effective")
    attributes = {
        "saml_idp_initiated_sso_url_name": "",
        "standard.token.exchange.enabled": False,
        "oauth2.device.authorization.grant.enabled": False,
        "dpop.bound.access.tokens": "false",
        "post.logout.redirect.uris": "+",
        "acr.loa.map": "{}",
        "use.refresh.tokens": "true",
        "request.object.required": "not required",
        "frontchannel.logout.session.required": "true",
    }
    empty = {"name": "", "rootUrl": "", "baseUrl": "", "redirectUris": [""], "webOrigins": [""]}
    home = realm.make_organization("acme", {layout.UUID: [str(an_organization().spec.organization_uuid)]})
    realm.make_client(CLIENT, home, frontchannelLogout=True, attributes=attributes, **empty)
    assert command("import", "acme", "--out", "live").returncode == 0
    command.apply("--no-effective")
    assert command.plan_is_empty("--no-effective")


def refused(realm: ByHand, sandbox: Running, scope: str) -> str:
    """Ask for a token with the client's secret; return why there is none, empty where there is one."""
    return str(asked(realm, sandbox, scope).json().get("error", ""))


def claims(realm: ByHand, sandbox: Running) -> dict[str, Any]:
    body = asked(realm, sandbox).json()["access_token"].split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def asked(realm: ByHand, sandbox: Running, scope: str = "") -> httpx.Response:
    url = f"{sandbox.keycloak_url}/realms/{sandbox.realm}/protocol/openid-connect/token"
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": client(realm)["secret"]}
    return httpx.post(url, data={**form, **({"scope": scope} if scope else {})})


def test_what_keycloak_gives_every_client_is_relied_on_where_others_have_added_to_it(
    command: Command, realm: ByHand, admin: httpx.Client, sandbox: Running
) -> None:
    command.apply("--no-effective")
    path = f"/{sandbox.realm}"
    realm.make_client(CLIENT, realm.make_organization("acme"))
    assert command("import", "acme", "--out", "live").returncode == 0
    file = command.folder / "live" / "acme.yaml"
    assert refused(realm, sandbox, "openid profile email") == ""

    planned = command("plan", "--no-effective").stdout
    assert "medium risk: Token requests that name one of them (scope=openid profile) are refused" in planned
    assert "low risk: Undeclared roles are removed from tokens." in planned
    assert "# blocked" not in planned

    admin.post(f"{path}/roles", json={"name": "clerk"}).raise_for_status()
    everybodys = admin.get(f"{path}/roles/default-roles-{sandbox.realm}").json()["id"]
    admin.post(
        f"{path}/roles-by-id/{everybodys}/composites", json=[admin.get(f"{path}/roles/clerk").json()]
    ).raise_for_status()
    scopes = {each["name"]: each["id"] for each in admin.get(f"{path}/client-scopes").json()}
    tenant = {"claim.name": "tenant", "claim.value": "4711", "access.token.claim": "true", "jsonType.label": "String"}
    body = {
        "name": "tenant",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": tenant,
    }
    admin.post(f"{path}/client-scopes/{scopes['profile']}/protocol-mappers/models", json=body).raise_for_status()
    before = claims(realm, sandbox)
    assert before["tenant"] == "4711"
    assert "clerk" in before["realm_access"]["roles"]

    planned = command("plan", "--no-effective").stdout
    assert "client scopes is removed from tokens: profile)" in planned
    assert "granted to everybody are removed from tokens: clerk)" in planned
    entry = (
        next(line for line in planned.split("To allow it: ") if line.startswith("lifecycle:")).split("}}.")[0] + "}}"
    )
    file.write_text(f"{file.read_text(encoding='utf-8')}{entry}\n", encoding="utf-8")
    command.apply("--no-effective")
    assert {"tenant", "realm_access"}.isdisjoint(claims(realm, sandbox))
    assert refused(realm, sandbox, "openid profile email") == "invalid_scope"
    assert refused(realm, sandbox, "openid") == ""


def test_roles_that_the_manifest_declares_stay_in_the_tokens(
    command: Command, realm: ByHand, admin: httpx.Client, sandbox: Running
) -> None:
    command.apply("--no-effective")
    path = f"/{sandbox.realm}"
    realm.make_client(CLIENT, realm.make_organization("acme"))
    admin.post(f"{path}/roles", json={"name": "clerk"}).raise_for_status()
    user = realm.get(f"/clients/{client(realm)['id']}/service-account-user")["id"]
    clerk = [admin.get(f"{path}/roles/clerk").json()]
    admin.post(f"{path}/users/{user}/role-mappings/realm", json=clerk).raise_for_status()
    assert command("import", "acme", "--out", "live").returncode == 0
    command.apply("--no-effective")
    assert "clerk" in claims(realm, sandbox)["realm_access"]["roles"]


def test_a_mapper_of_the_client_s_own_that_says_something_else_than_ours_is_kept(
    command: Command, realm: ByHand
) -> None:
    command.apply("--no-effective")
    config = {"user.session.note": "client_id", "claim.name": "client_id", "jsonType.label": "String"}
    told = {"access.token.claim": "true", "id.token.claim": "true"}
    mapper = {"name": "Client ID", "protocolMapper": "oidc-usersessionmodel-note-mapper", "protocol": "openid-connect"}
    realm.make_client(
        CLIENT,
        realm.make_organization("acme"),
        protocolMappers=[{**mapper, "config": {**config, **told, "access.tokenResponse.claim": "true"}}],
    )
    assert command("import", "acme", "--out", "live").returncode == 0
    assert "keycloak.protocolMappers.Client ID" in command("plan", "--no-effective").stdout.split("To allow it")[1]
    realm.change_client(CLIENT, protocolMappers=[{**client(realm)["protocolMappers"][0], "config": {**config, **told}}])
    command.apply("--no-effective")
