"""Realms, client scopes, profiles and policies."""

from typing import Any

import pytest

from reconciler.kinds.realm.claim_override import overrides_claims
from reconciler.kinds.realm.token_scopes import MAPPER_RULES
from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.ports import AdminApi
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

MAPPER = {
    "name": "organization",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-organization-membership-mapper",
    "config": {"claim.name": "organization", "multivalued": "true"},
}
SCOPE: dict[str, Any] = {
    "name": "ours",
    "description": "Ours",
    "protocol": "openid-connect",
    "attributes": {"a": "1", "b": "2"},
    "protocolMappers": [MAPPER],
}
PROFILE = {
    "name": "ours",
    "description": "Ours",
    "executors": [
        {
            "executor": "secret-rotation",
            "configuration": {
                "expiration-period": 100,
                "rotated-expiration-period": 50,
                "remaining-rotation-period": 50,
            },
        }
    ],
}
POLICY = {
    "name": "ours",
    "description": "Ours",
    "enabled": True,
    "conditions": [{"condition": "client-attributes", "configuration": {"attributes": "[]"}}],
    "profiles": ["ours"],
}


async def the_scope(keycloak: AdminApi) -> dict[str, Any]:
    found = await keycloak.client_scope("ours")
    assert found is not None
    return dict(found)


async def test_a_realm_that_nobody_created_is_none(no_realm_yet: AdminApi) -> None:
    assert await no_realm_yet.realm() is None


async def test_without_the_realm_nothing_can_be_listed(no_realm_yet: AdminApi) -> None:
    for read in (no_realm_yet.clients, no_realm_yet.organizations, no_realm_yet.client_scopes):
        with pytest.raises(NotFound):
            await read()


async def test_a_created_realm_is_read_back(no_realm_yet: AdminApi, realm_name: str) -> None:
    await no_realm_yet.create_realm({"realm": realm_name, "enabled": True, "organizationsEnabled": True})
    realm = await no_realm_yet.realm()
    assert realm is not None
    expected = {
        "realm": realm_name,
        "enabled": True,
        "organizationsEnabled": True,
        "accessTokenLifespan": 300,
        "adminEventsEnabled": False,
        "adminEventsDetailsEnabled": False,
    }
    assert {key: realm[key] for key in expected} == expected


async def test_a_realm_cannot_be_created_twice(keycloak: AdminApi, realm_name: str) -> None:
    with pytest.raises(Conflict):
        await keycloak.create_realm({"realm": realm_name, "enabled": True})


async def test_what_an_update_of_the_realm_leaves_out_stays(keycloak: AdminApi) -> None:
    await keycloak.update_realm({"displayName": "Ours", "accessTokenLifespan": 900})
    await keycloak.update_realm({"adminEventsEnabled": True})
    realm = await keycloak.realm()
    assert realm is not None
    found = realm["displayName"], realm["accessTokenLifespan"], realm["adminEventsEnabled"]
    assert found == ("Ours", 900, True)


async def test_an_update_of_the_realm_replaces_the_attributes_whole(keycloak: AdminApi) -> None:
    await keycloak.update_realm({"attributes": {"adminEventsExpiration": 100, "mine": "1"}})
    await keycloak.update_realm({"attributes": {"adminEventsExpiration": "200"}})
    realm = await keycloak.realm()
    assert realm is not None
    assert realm["attributes"]["adminEventsExpiration"] == "200"
    assert "mine" not in realm["attributes"]


async def test_the_types_of_recorded_logins_are_replaced_and_none_stand_for_all(keycloak: AdminApi) -> None:
    types = ("CLIENT_LOGIN", "CLIENT_LOGIN_ERROR")
    await keycloak.update_realm({"eventsEnabled": True, "enabledEventTypes": list(types), "eventsExpiration": 3600})
    realm = await keycloak.realm()
    await keycloak.update_realm({"enabledEventTypes": []})
    later = await keycloak.realm()
    assert realm is not None
    assert later is not None
    assert (realm["eventsEnabled"], tuple(sorted(realm["enabledEventTypes"])), realm["eventsExpiration"]) == (
        True, types, 3600,
    )  # fmt: skip
    assert (later["eventsEnabled"], later["enabledEventTypes"]) == (True, [])


async def test_a_client_scope_that_nobody_created_is_none(keycloak: AdminApi) -> None:
    assert await keycloak.client_scope("ours") is None


async def test_a_client_scope_is_created_with_its_mappers(keycloak: AdminApi) -> None:
    await keycloak.create_client_scope(SCOPE)
    scope = await the_scope(keycloak)
    mapper = {key: value for key, value in scope["protocolMappers"][0].items() if key != "id"}
    rest = {key: value for key, value in scope.items() if key not in {"id", "protocolMappers"}}
    assert rest == {key: value for key, value in SCOPE.items() if key != "protocolMappers"}
    assert mapper == {**MAPPER, "consentRequired": False}


async def test_a_client_scope_cannot_be_created_twice(keycloak: AdminApi) -> None:
    await keycloak.create_client_scope(SCOPE)
    with pytest.raises(Conflict):
        await keycloak.create_client_scope(SCOPE)


async def test_a_client_scope_without_a_protocol_is_refused(keycloak: AdminApi) -> None:
    with pytest.raises(RequestFailed) as error:
        await keycloak.create_client_scope({"name": "ours"})
    assert error.value.status == 400


async def test_an_update_of_a_client_scope_merges_attributes_and_null_removes_one(keycloak: AdminApi) -> None:
    await keycloak.create_client_scope(SCOPE)
    scope = await the_scope(keycloak)
    await keycloak.update_client_scope(scope["id"], {**scope, "attributes": {"b": None, "c": "3"}})
    assert (await the_scope(keycloak))["attributes"] == {"a": "1", "c": "3"}


async def test_an_update_of_a_client_scope_keeps_its_mappers(keycloak: AdminApi) -> None:
    await keycloak.create_client_scope(SCOPE)
    scope = await the_scope(keycloak)
    await keycloak.update_client_scope(scope["id"], {**scope, "description": "New", "protocolMappers": []})
    after = await the_scope(keycloak)
    assert after["description"] == "New"
    assert after["protocolMappers"] == scope["protocolMappers"]


async def test_an_unknown_client_scope_is_not_found(keycloak: AdminApi) -> None:
    with pytest.raises(NotFound):
        await keycloak.update_client_scope("nope", SCOPE)


async def test_mappers_of_a_scope_are_added_changed_and_removed(keycloak: AdminApi) -> None:
    await keycloak.create_client_scope(SCOPE)
    scope = await the_scope(keycloak)
    first = scope["protocolMappers"][0]
    await keycloak.create_scope_mapper(scope["id"], {**MAPPER, "name": "second"})
    await keycloak.update_scope_mapper(scope["id"], first["id"], {**first, "config": {"claim.name": "other"}})
    changed = {mapper["name"]: mapper["config"] for mapper in (await the_scope(keycloak))["protocolMappers"]}
    await keycloak.delete_scope_mapper(scope["id"], first["id"])
    left = [mapper["name"] for mapper in (await the_scope(keycloak))["protocolMappers"]]
    assert changed == {"organization": {"claim.name": "other"}, "second": MAPPER["config"]}
    assert left == ["second"]


async def test_a_mapper_that_comes_with_its_scope_is_told_more_than_one_that_comes_alone(keycloak: AdminApi) -> None:
    told = {"claim.name": "x", "id.token.claim": "true", "access.token.claim": "true"}
    mapper = {"protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": told}
    await keycloak.create_client_scope({**SCOPE, "protocolMappers": [{**mapper, "name": "with"}]})
    await keycloak.create_scope_mapper((await the_scope(keycloak))["id"], {**mapper, "name": "alone"})
    mappers = (await the_scope(keycloak))["protocolMappers"]
    found = {each["name"]: each["config"] for each in mappers}
    assert found == {"with": {**told, "userinfo.token.claim": "true"}, "alone": told}


async def test_a_scope_that_is_deleted_is_taken_from_every_client(keycloak: AdminApi, hands: Hands) -> None:
    scopes = {"defaultClientScopes": ["basic", "profile"], "optionalClientScopes": ["phone"]}
    await keycloak.create_client({"clientId": "acme", **scopes})
    for name in ("basic", "phone"):
        hands.delete_scope(name)
    client = await keycloak.find_client("acme")
    assert client is not None
    assert (client["defaultClientScopes"], client["optionalClientScopes"]) == (["profile"], [])
    assert await keycloak.client_scope("basic") is None


async def test_keycloaks_scope_of_roles_has_three_mappers_and_none_of_them_forges(keycloak: AdminApi) -> None:
    scope = await keycloak.client_scope("roles")
    assert scope is not None
    mappers = {mapper["name"]: mapper for mapper in scope["protocolMappers"]}
    assert sorted(mappers) == ["audience resolve", "client roles", "realm roles"]
    assert mappers["client roles"]["config"]["claim.name"] == "resource_access.${client_id}.roles"
    assert not any(overrides_claims("roles", mapper) for mapper in mappers.values())


async def test_two_mappers_of_one_name_conflict(keycloak: AdminApi) -> None:
    await keycloak.create_client_scope(SCOPE)
    with pytest.raises(Conflict):
        await keycloak.create_scope_mapper((await the_scope(keycloak))["id"], MAPPER)


async def test_an_unknown_mapper_is_not_found(keycloak: AdminApi) -> None:
    await keycloak.create_client_scope(SCOPE)
    scope = await the_scope(keycloak)
    with pytest.raises(NotFound):
        await keycloak.delete_scope_mapper(scope["id"], "nope")
    with pytest.raises(NotFound):
        await keycloak.update_scope_mapper(scope["id"], "nope", {**MAPPER, "id": "nope"})


@pytest.mark.parametrize("name", ["basic", "service_account"])
async def test_keycloaks_own_scopes_have_the_mappers_that_the_rules_expect(keycloak: AdminApi, name: str) -> None:
    scopes = {scope["name"]: scope for scope in await keycloak.client_scopes()}
    found = {mapper["name"]: (mapper["protocolMapper"], mapper["config"]) for mapper in scopes[name]["protocolMappers"]}
    rules: dict[str, Any] = dict(MAPPER_RULES[name])
    assert found == {mapper: (rule["protocolMapper"], rule["config"]) for mapper, rule in rules.items()}


async def test_a_mapping_of_a_scope_can_be_removed(keycloak: AdminApi, hands: Hands) -> None:
    scope = await keycloak.client_scope("basic")
    assert scope is not None
    none = await keycloak.mappings_of_scope(scope["id"])
    hands.add_mapping_of_scope("basic", "offline_access")
    one = await keycloak.mappings_of_scope(scope["id"])
    await keycloak.remove_mapping_of_scope(scope["id"], "offline_access")
    await keycloak.remove_mapping_of_scope(scope["id"], "offline_access")
    assert (none, one, await keycloak.mappings_of_scope(scope["id"])) == ((), ("offline_access",), ())


async def test_each_change_of_what_a_scope_puts_into_tokens_is_recorded(keycloak: AdminApi, hands: Hands) -> None:
    hands.configure_events(adminEventsEnabled=True)
    scope = await keycloak.client_scope("basic")
    assert scope is not None
    hands.add_mapping_of_scope("basic", "offline_access")
    await keycloak.remove_mapping_of_scope(scope["id"], "offline_access")
    found = {(event.operation, event.resource, event.path) for event in await keycloak.events(limit=10)}
    path = f"client-scopes/{scope['id']}/scope-mappings/realm"
    assert {(operation, "REALM_SCOPE_MAPPING", path) for operation in ("CREATE", "DELETE")} <= found


async def test_profiles_and_policies_are_replaced_whole(keycloak: AdminApi) -> None:
    assert await keycloak.client_profiles() == await keycloak.client_policies() == ()
    await keycloak.replace_client_profiles((PROFILE,))
    await keycloak.replace_client_policies((POLICY,))
    assert await keycloak.client_profiles() == (PROFILE,)
    assert await keycloak.client_policies() == (POLICY,)
    await keycloak.replace_client_policies(())
    assert await keycloak.client_policies() == ()


async def test_a_policy_of_an_unknown_profile_is_refused(keycloak: AdminApi) -> None:
    with pytest.raises(RequestFailed) as error:
        await keycloak.replace_client_policies((POLICY,))
    assert error.value.status == 400
