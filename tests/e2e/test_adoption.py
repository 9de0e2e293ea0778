"""What others have set up is adopted without harm; marks that prove nothing lead to no delete. On a real Keycloak."""

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
    for why in ("client's secret are refused", "this audience refuse the tokens", "these roles loses them"):
        assert why in planned
    refused = command("apply", "--no-effective", "--auto-approve")
    assert refused.returncode == ExitCode.PARTIAL, refused.stdout + refused.stderr
    assert client(realm) == before
    assert [role["name"] for role in admin.get(roles).json()] == ["clerk"]

    names = ", ".join(f'"{path}"' if " " in path else path for path in SET)
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
            assert f"client/-/{name}: It carries the owner mark of 'reconciler', which proves nothing" in planned.stdout
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
