"""Clients: how they are created, what an update touches, and their scopes."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.kinds.client.representation import desired_fields
from reconciler.kinds.patch import merged
from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.change import Action, Change
from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.ports import AdminApi
from tests.builders import a_client
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

ID = "api-client-acme"
BARE: dict[str, Any] = {"clientId": ID, "defaultClientScopes": ["basic"], "optionalClientScopes": []}
SPOOF = {
    "name": "spoof",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-hardcoded-claim-mapper",
    "config": {"claim.name": "organization", "claim.value": "x"},
}
OURS = {
    "clientId": ID,
    "description": "ERP",
    "surrogateAuthRequired": False,
    "enabled": True,
    "alwaysDisplayInConsole": False,
    "clientAuthenticatorType": "client-secret",
    "redirectUris": [],
    "webOrigins": [],
    "notBefore": 0,
    "bearerOnly": False,
    "consentRequired": False,
    "standardFlowEnabled": False,
    "implicitFlowEnabled": False,
    "directAccessGrantsEnabled": False,
    "serviceAccountsEnabled": True,
    "publicClient": False,
    "frontchannelLogout": False,
    "protocol": "openid-connect",
    "authenticationFlowBindingOverrides": {},
    "fullScopeAllowed": False,
    "nodeReRegistrationTimeout": -1,
    "defaultClientScopes": ["basic", "service_account"],
    "optionalClientScopes": [],
}
"""A client as the planner creates it, without its attributes."""


CAR = "\N{AUTOMOBILE}"
"""A character of two UTF-16 code units."""


async def the_client(keycloak: AdminApi, client_id: str = ID) -> dict[str, Any]:
    """Return a client without what differs from run to run."""
    found = await keycloak.find_client(client_id)
    assert found is not None
    rest = {key: value for key, value in found.items() if key not in {"id", "access", "attributes"}}
    scopes = {key: sorted(rest[key]) for key in ("defaultClientScopes", "optionalClientScopes")}
    return rest | scopes


async def attributes(keycloak: AdminApi) -> dict[str, str]:
    found = await keycloak.find_client(ID)
    assert found is not None
    return {key: value for key, value in found["attributes"].items() if key != "client.secret.creation.time"}


def planned(description: str = "ERP") -> dict[str, Any]:
    after = desired_fields("acme", a_client(description=description), "ci", protected=False)
    address = Address.client("acme", ID)
    (create, *_) = kind_of(address).steps(Change(address, Action.CREATE, None, after, (), ()), ())
    return merged({}, create.body)


async def test_a_client_as_the_planner_creates_it_reads_back_exactly(keycloak: AdminApi) -> None:
    body = planned()
    await keycloak.create_client(body)
    marks: Mapping[str, str] = {key: value for key, value in body["attributes"].items() if key.startswith("reconciler")}
    assert await the_client(keycloak) == OURS
    assert await attributes(keycloak) == {
        "access.token.lifespan": "300",
        "backchannel.logout.revoke.offline.tokens": "false",
        "backchannel.logout.session.required": "true",
        "realm_client": "false",
        **marks,
    }


async def test_a_client_that_says_little_gets_keycloaks_defaults(keycloak: AdminApi) -> None:
    await keycloak.create_client({"clientId": ID})
    found = await the_client(keycloak)
    scopes = {
        "defaultClientScopes": ["acr", "basic", "email", "profile", "roles", "web-origins"],
        "optionalClientScopes": ["address", "microprofile-jwt", "offline_access", "organization", "phone"],
    }
    switches = {"standardFlowEnabled": True, "serviceAccountsEnabled": False, "fullScopeAllowed": True}
    assert {key: value for key, value in found.items() if key != "description"} == {
        key: value for key, value in (OURS | scopes | switches).items() if key != "description"
    }
    assert await attributes(keycloak) == {"realm_client": "false"}


async def test_a_client_says_when_its_secret_was_made_but_never_the_secret(keycloak: AdminApi) -> None:
    await keycloak.create_client(planned())
    found = await keycloak.find_client(ID)
    assert found is not None
    assert found["attributes"]["client.secret.creation.time"].isdigit()
    assert "secret" not in found


async def test_a_service_account_brings_its_scope(keycloak: AdminApi) -> None:
    await keycloak.create_client({**BARE, "serviceAccountsEnabled": True})
    assert (await the_client(keycloak))["defaultClientScopes"] == ["basic", "service_account"]


async def test_scopes_that_do_not_exist_are_passed_over_at_creation(keycloak: AdminApi) -> None:
    await keycloak.create_client({"clientId": ID, "defaultClientScopes": ["nope"]})
    found = await the_client(keycloak)
    assert (found["defaultClientScopes"], found["optionalClientScopes"]) == ([], [])


async def test_a_client_id_is_unique(keycloak: AdminApi) -> None:
    await keycloak.create_client(BARE)
    with pytest.raises(Conflict):
        await keycloak.create_client(BARE)


async def test_service_accounts_are_told_apart_without_regard_to_case(keycloak: AdminApi) -> None:
    account = {"serviceAccountsEnabled": True, "publicClient": False}
    await keycloak.create_client({"clientId": "Some-Client", **account})
    with pytest.raises(Conflict):
        await keycloak.create_client({"clientId": "some-client", **account})
    assert await keycloak.find_client("some-client") is None
    without = await keycloak.create_client({"clientId": "some-client", "publicClient": False})
    another = await keycloak.create_client({"clientId": "another", **account})
    for uuid, change in ((without, {"serviceAccountsEnabled": True}), (another, {"clientId": "SOME-client"})):
        with pytest.raises(Conflict):
            await keycloak.update_client(uuid, change)
    await keycloak.update_client(another, {"clientId": "Another"})
    assert await keycloak.find_client("Another") is not None


async def test_a_user_may_stand_in_the_way_of_a_service_account(keycloak: AdminApi, hands: Hands) -> None:
    hands.add_user("service-account-some-client")
    with pytest.raises(Conflict):
        await keycloak.create_client({"clientId": "Some-Client", "serviceAccountsEnabled": True})
    uuid = await keycloak.create_client({"clientId": "other", "serviceAccountsEnabled": True})
    with pytest.raises(Conflict):
        await keycloak.update_client(uuid, {"clientId": "some-client"})
    assert await keycloak.find_client("other") is not None


async def test_the_name_of_a_service_account_must_fit_too(keycloak: AdminApi) -> None:
    await keycloak.create_client({"clientId": "c" * 239, "serviceAccountsEnabled": True})
    with pytest.raises(RequestFailed) as error:
        await keycloak.create_client({"clientId": "d" * 240, "serviceAccountsEnabled": True})
    assert error.value.status == 500


@pytest.mark.parametrize(
    "long",
    [{"clientId": "x" * 256}, {"name": "x" * 256}, {"description": "x" * 256}, {"description": CAR * 128}],
)
async def test_what_is_too_long_breaks_the_server(keycloak: AdminApi, long: dict[str, Any]) -> None:
    with pytest.raises(RequestFailed) as error:
        await keycloak.create_client({**BARE, **long})
    assert error.value.status == 500


async def test_a_client_attribute_may_be_long(keycloak: AdminApi) -> None:
    await keycloak.create_client({**BARE, "attributes": {"k": "v" * 20_000}})
    assert len((await attributes(keycloak))["k"]) == 20_000


async def test_only_the_exact_client_id_is_found(keycloak: AdminApi) -> None:
    await keycloak.create_client(BARE)
    assert [await keycloak.find_client(name) for name in ("api-client-acm", ID.upper())] == [None, None]


async def test_all_clients_are_listed_whole(keycloak: AdminApi) -> None:
    await keycloak.create_client(planned())
    found = {client["clientId"]: client for client in await keycloak.clients()}
    builtin = {"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"}
    assert set(found) == {ID, *builtin}
    assert found[ID] == await keycloak.find_client(ID)


async def test_an_unknown_client_is_not_found(keycloak: AdminApi) -> None:
    for call in (keycloak.delete_client, keycloak.service_account, keycloak.client_roles, keycloak.scope_mappings):
        with pytest.raises(NotFound):
            await call("nope")
    with pytest.raises(NotFound):
        await keycloak.update_client("nope", BARE)
    with pytest.raises(NotFound):
        await keycloak.add_client_scope("nope", "basic", default=True)


async def test_what_an_update_leaves_out_stays(keycloak: AdminApi) -> None:
    written = {
        "description": "d",
        "redirectUris": ["https://x/*"],
        "webOrigins": ["+"],
        "rootUrl": "https://x",
        "baseUrl": "/b",
        "adminUrl": "https://a",
        "notBefore": 5,
        "name": "n",
        "enabled": False,
    }
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"clientId": ID, **written})
    await keycloak.update_client(uuid, {"clientId": ID})
    assert await the_client(keycloak) == OURS | written


async def test_texts_are_emptied_and_lists_cleared(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"redirectUris": ["https://x/*"], "webOrigins": ["+"], "rootUrl": "https://x"})
    await keycloak.update_client(uuid, {"redirectUris": [], "webOrigins": [], "rootUrl": "", "description": ""})
    assert await the_client(keycloak) == OURS | {"rootUrl": "", "description": ""}


async def test_an_update_merges_attributes_and_nothing_removes_one(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client({**BARE, "attributes": {"a": "1", "b": "2", "c": "3"}})
    await keycloak.update_client(uuid, {"attributes": {"a": None, "b": "", "d": "4"}})
    assert await attributes(keycloak) == {"c": "3", "d": "4", "realm_client": "false"}


async def test_keycloak_says_itself_whether_a_client_is_the_realms(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(BARE)
    await keycloak.update_client(uuid, {"attributes": {"realm_client": "true"}})
    assert await attributes(keycloak) == {"realm_client": "false"}


async def test_an_update_does_not_touch_the_scopes(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"defaultClientScopes": ["phone"], "optionalClientScopes": ["email"]})
    assert await the_client(keycloak) == OURS


async def test_an_update_replaces_the_mappers_whole(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"protocolMappers": [SPOOF]})
    (mapper,) = (await the_client(keycloak))["protocolMappers"]
    await keycloak.update_client(uuid, {"clientId": ID})
    kept = (await the_client(keycloak))["protocolMappers"]
    await keycloak.update_client(uuid, {"protocolMappers": []})
    assert {key: value for key, value in mapper.items() if key != "id"} == {**SPOOF, "consentRequired": False}
    assert kept == [mapper]
    assert await the_client(keycloak) == OURS


async def test_authorization_services_leave_a_role_behind(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"authorizationServicesEnabled": True})
    on = await the_client(keycloak)
    await keycloak.update_client(uuid, {"authorizationServicesEnabled": False})
    assert on == OURS | {"authorizationServicesEnabled": True}
    assert await the_client(keycloak) == OURS
    assert await keycloak.client_roles(uuid) == ("uma_protection",)


async def test_another_protocol_and_back_brings_the_protocols_own_scopes(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"protocol": "saml"})
    saml = (await the_client(keycloak))["defaultClientScopes"]
    await keycloak.update_client(uuid, {"protocol": "openid-connect"})
    back = await the_client(keycloak)
    assert saml == ["AuthnContextClassRef", "role_list", "saml_organization"]
    assert {"web-origins", "roles", "service_account"} <= set(back["defaultClientScopes"])
    assert "offline_access" in back["optionalClientScopes"]


async def test_a_node_cannot_be_emptied(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"registeredNodes": {"host": 5}})
    with pytest.raises(RequestFailed) as error:
        await keycloak.update_client(uuid, {"registeredNodes": {"host": ""}})
    assert error.value.status == 500


async def test_a_client_can_be_renamed_but_not_to_the_name_of_another(keycloak: AdminApi) -> None:
    await keycloak.create_client({"clientId": "other"})
    uuid = await keycloak.create_client(planned())
    await keycloak.update_client(uuid, {"clientId": "renamed"})
    user = await keycloak.service_account(uuid)
    with pytest.raises(Conflict):
        await keycloak.update_client(uuid, {"clientId": "other"})
    assert user is not None
    assert user["username"] == "service-account-renamed"


async def test_a_deleted_client_is_gone(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.delete_client(uuid)
    with pytest.raises(NotFound):
        await keycloak.delete_client(uuid)
    assert await keycloak.find_client(ID) is None


async def test_a_scope_is_given_and_taken(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.add_client_scope(uuid, "phone", default=True)
    await keycloak.add_client_scope(uuid, "phone", default=True)
    await keycloak.add_client_scope(uuid, "email", default=False)
    given = await the_client(keycloak)
    await keycloak.remove_client_scope(uuid, "phone", default=True)
    await keycloak.remove_client_scope(uuid, "phone", default=True)
    await keycloak.remove_client_scope(uuid, "email", default=False)
    assert given["defaultClientScopes"] == ["basic", "phone", "service_account"]
    assert given["optionalClientScopes"] == ["email"]
    assert await the_client(keycloak) == OURS


async def test_a_scope_stays_of_its_sort_until_it_is_taken(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.add_client_scope(uuid, "phone", default=False)
    await keycloak.add_client_scope(uuid, "phone", default=True)
    assert await the_client(keycloak) == OURS | {"optionalClientScopes": ["phone"]}


async def test_taking_a_scope_does_not_ask_of_which_sort_it_is(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.add_client_scope(uuid, "phone", default=True)
    await keycloak.remove_client_scope(uuid, "phone", default=False)
    assert await the_client(keycloak) == OURS


async def test_a_scope_of_another_protocol_is_passed_over(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    await keycloak.add_client_scope(uuid, "role_list", default=True)
    assert await the_client(keycloak) == OURS


async def test_an_unknown_scope_is_not_found(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(planned())
    with pytest.raises(NotFound):
        await keycloak.add_client_scope(uuid, "nope", default=True)
    with pytest.raises(NotFound):
        await keycloak.remove_client_scope(uuid, "nope", default=True)
