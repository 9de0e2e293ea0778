"""Service accounts: users that live and die with a switch of their client."""

from typing import Any

import pytest

from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.ports import AdminApi
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

CLIENT: dict[str, Any] = {
    "clientId": "api-client-Acme",
    "serviceAccountsEnabled": True,
    "defaultClientScopes": ["basic"],
    "optionalClientScopes": [],
}


async def account(keycloak: AdminApi, uuid: str) -> dict[str, Any]:
    user = await keycloak.service_account(uuid)
    assert user is not None
    return dict(user)


async def a_member(keycloak: AdminApi) -> tuple[str, str, str]:
    """Return the ids of an organization, of a client and of the client's service account, which is a member."""
    uuid = await keycloak.create_client(CLIENT)
    organization = await keycloak.create_organization({"name": "Acme", "alias": "acme"})
    user = (await account(keycloak, uuid))["id"]
    await keycloak.add_member(organization, user)
    return organization, uuid, user


async def test_a_new_service_account_is_an_enabled_user_named_after_its_client(keycloak: AdminApi) -> None:
    user = await account(keycloak, await keycloak.create_client(CLIENT))
    assert {key: value for key, value in user.items() if key not in {"id", "createdTimestamp"}} == {
        "username": "service-account-api-client-acme",
        "emailVerified": False,
        "enabled": True,
        "totp": False,
        "disableableCredentialTypes": [],
        "requiredActions": [],
        "notBefore": 0,
    }


async def test_a_client_without_a_service_account_has_none(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client({"clientId": "api-client-acme"})
    assert await keycloak.service_account(uuid) is None


async def test_switching_service_accounts_off_destroys_the_user_with_its_memberships(keycloak: AdminApi) -> None:
    organization, uuid, user = await a_member(keycloak)
    await keycloak.update_client(uuid, {"serviceAccountsEnabled": False})
    client = await keycloak.find_client("api-client-Acme")
    assert client is not None
    assert await keycloak.service_account(uuid) is None
    assert await keycloak.members(organization) == ()
    assert client["defaultClientScopes"] == ["basic"]
    with pytest.raises(NotFound):
        await keycloak.organizations_of(user)


async def test_switching_them_on_again_makes_another_user_without_memberships(keycloak: AdminApi) -> None:
    organization, uuid, user = await a_member(keycloak)
    await keycloak.update_client(uuid, {"serviceAccountsEnabled": False})
    await keycloak.update_client(uuid, {"serviceAccountsEnabled": True})
    client = await keycloak.find_client("api-client-Acme")
    assert client is not None
    assert (await account(keycloak, uuid))["id"] != user
    assert await keycloak.members(organization) == ()
    assert sorted(client["defaultClientScopes"]) == ["basic", "service_account"]


async def test_an_update_of_the_client_keeps_user_and_membership(keycloak: AdminApi) -> None:
    organization, uuid, user = await a_member(keycloak)
    await keycloak.update_client(uuid, {"enabled": False, "publicClient": True})
    assert [member["id"] for member in await keycloak.members(organization)] == [user]


async def test_deleting_the_client_ends_the_membership(keycloak: AdminApi) -> None:
    organization, uuid, _ = await a_member(keycloak)
    await keycloak.delete_client(uuid)
    assert await keycloak.members(organization) == ()


async def test_deleting_the_organization_leaves_the_service_account(keycloak: AdminApi) -> None:
    organization, uuid, user = await a_member(keycloak)
    await keycloak.delete_organization(organization)
    assert (await account(keycloak, uuid))["id"] == user
    assert await keycloak.organizations_of(user) == ()


async def test_what_an_update_of_the_user_leaves_out_stays(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(CLIENT)
    user = await account(keycloak, uuid)
    added = {"firstName": "F", "email": "a@example.com", "emailVerified": True, "attributes": {"k": ["v"]}}
    await keycloak.update_user(user["id"], {**user, **added, "requiredActions": ["UPDATE_PASSWORD"]})
    await keycloak.update_user(user["id"], {"enabled": False})
    expected = {**user, **added, "enabled": False, "requiredActions": ["UPDATE_PASSWORD"]}
    assert await account(keycloak, uuid) == expected


@pytest.mark.parametrize("cleared", [{}, {"k": ""}])
async def test_what_is_sent_empty_is_removed_from_the_user(keycloak: AdminApi, cleared: dict[str, str]) -> None:
    uuid = await keycloak.create_client(CLIENT)
    user = await account(keycloak, uuid)
    dirty = {"firstName": "F", "attributes": {"k": ["v"]}, "requiredActions": ["UPDATE_PASSWORD"]}
    await keycloak.update_user(user["id"], {**user, **dirty})
    clean = {"firstName": "", "attributes": cleared, "requiredActions": []}
    await keycloak.update_user(user["id"], {**user, **clean})
    assert await account(keycloak, uuid) == user


@pytest.mark.parametrize("attributes", [{}, {"email": [""]}, {"email": ["other@example.com"]}])
async def test_where_attributes_are_sent_a_name_that_is_left_out_is_removed(
    keycloak: AdminApi, attributes: dict[str, list[str]]
) -> None:
    uuid = await keycloak.create_client(CLIENT)
    user = await account(keycloak, uuid)
    await keycloak.update_user(user["id"], {**user, "firstName": "F", "email": "a@example.com"})
    await keycloak.update_user(user["id"], {**user, "firstName": "F", "attributes": attributes})
    assert await account(keycloak, uuid) == {**user, "firstName": "F"}


async def test_the_name_of_a_service_account_cannot_be_changed(keycloak: AdminApi) -> None:
    user = await account(keycloak, await keycloak.create_client(CLIENT))
    with pytest.raises(RequestFailed) as error:
        await keycloak.update_user(user["id"], {**user, "username": "other"})
    assert error.value.status == 400


async def test_an_unknown_user_is_not_found(keycloak: AdminApi) -> None:
    with pytest.raises(NotFound):
        await keycloak.update_user("nope", {"enabled": True})


async def test_a_service_account_has_no_password_to_set(keycloak: AdminApi) -> None:
    # That is why nobody needs to look for one.
    user = await account(keycloak, await keycloak.create_client(CLIENT))
    password = {"type": "password", "value": "a-password-of-a-person", "temporary": False}
    with pytest.raises(RequestFailed) as error:
        await keycloak.update_user(user["id"], {**user, "credentials": [password]})
    assert error.value.status == 400


async def test_a_link_to_an_identity_provider_is_found_both_ways_and_can_be_ended_once(
    keycloak: AdminApi, hands: Hands
) -> None:
    user = (await account(keycloak, await keycloak.create_client(CLIENT)))["id"]
    assert await keycloak.links_of(user) == ()
    hands.link_user("service-account-api-client-acme", "corporate")
    assert await keycloak.links_of(user) == ("corporate",)
    assert await keycloak.linked_service_accounts("corporate") == (user,)
    await keycloak.unlink_user(user, "corporate")
    assert await keycloak.linked_service_accounts("corporate") == ()
    with pytest.raises(NotFound):
        await keycloak.unlink_user(user, "corporate")


async def test_links_of_people_are_not_listed(keycloak: AdminApi, hands: Hands) -> None:
    hands.add_user("alice")
    hands.link_user("alice", "corporate")
    assert await keycloak.linked_service_accounts("corporate") == ()


async def test_an_imported_account_is_another_user_with_credentials_and_without_memberships(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization, uuid, user = await a_member(keycloak)
    assert await keycloak.credentials_of(user) == ()
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    hands.import_account("api-client-Acme", "password", "otp")
    imported = (await account(keycloak, uuid))["id"]
    assert imported != user
    assert await keycloak.credentials_of(imported) == ("otp", "password")
    assert await keycloak.members(organization) == ()
    assert [event.path for event in await keycloak.events(limit=0, resources=("REALM",))] == [f"users/{imported}"]


async def test_an_account_that_is_deleted_is_made_anew_and_bare_when_it_is_asked_for(
    keycloak: AdminApi, hands: Hands
) -> None:
    _, uuid, user = await a_member(keycloak)
    hands.import_account("api-client-Acme", "password")
    imported = (await account(keycloak, uuid))["id"]
    await keycloak.delete_user(imported)
    fresh = (await account(keycloak, uuid))["id"]
    assert fresh not in {user, imported}
    assert await keycloak.credentials_of(fresh) == ()
    with pytest.raises(NotFound):
        await keycloak.delete_user(imported)


async def test_a_moment_before_which_tokens_are_void_stays_whatever_is_sent(keycloak: AdminApi, hands: Hands) -> None:
    uuid = await keycloak.create_client(CLIENT)
    hands.log_out("service-account-api-client-acme")
    user = await account(keycloak, uuid)
    assert user["notBefore"] > 0
    await keycloak.update_user(user["id"], {**user, "notBefore": 0})
    assert await account(keycloak, uuid) == user


async def test_an_impostor_is_told_from_a_service_account_that_keycloak_then_cannot_make(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization, uuid, _ = await a_member(keycloak)
    hands.add_user("hugo")
    assert await keycloak.impostors() == ()
    await keycloak.add_member(organization, hands.put_impostor("api-client-Acme"))
    assert await keycloak.impostors() == ("service-account-api-client-acme",)
    with pytest.raises(Conflict):
        await keycloak.service_account(uuid)


async def test_a_renamed_service_account_is_still_the_clients_and_keeps_the_name(
    keycloak: AdminApi, hands: Hands
) -> None:
    organization, uuid, user = await a_member(keycloak)
    hands.rename_user(user, "bob@example.com")
    assert {**await account(keycloak, uuid), "createdTimestamp": 0}.items() >= {
        "id": user,
        "username": "bob@example.com",
    }.items()
    (member,) = await keycloak.members(organization)
    # What the members show says nothing of the client.
    assert (member["id"], member["username"]) == (user, "bob@example.com")
    assert "serviceAccountClientId" not in member
    with pytest.raises(RequestFailed):
        await keycloak.update_user(user, {**member, "username": "service-account-api-client-acme"})


async def test_a_new_service_account_joins_the_default_groups_and_has_to_take_the_default_actions(
    keycloak: AdminApi, hands: Hands
) -> None:
    assert await keycloak.default_actions() == ()
    hands.add_default_group("staff")
    hands.require_of_new_users("UPDATE_PASSWORD")
    user = await account(keycloak, await keycloak.create_client(CLIENT))
    realm = await keycloak.realm()
    assert realm is not None
    assert realm["defaultGroups"] == ["/staff"]
    assert await keycloak.default_actions() == ("UPDATE_PASSWORD",)
    assert [group["path"] for group in await keycloak.groups_of(user["id"])] == ["/staff"]
    assert user["requiredActions"] == ["UPDATE_PASSWORD"]


async def test_a_node_stays_registered_whatever_is_sent_until_it_is_taken_away(keycloak: AdminApi) -> None:
    uuid = await keycloak.create_client(CLIENT)
    await keycloak.update_client(uuid, {"registeredNodes": {"a.example": 7, "b.example": 8}})
    await keycloak.update_client(uuid, {"registeredNodes": {}})
    await keycloak.unregister_node(uuid, "a.example")
    client = await keycloak.find_client("api-client-Acme")
    assert client is not None
    assert client["registeredNodes"] == {"b.example": 8}
    await keycloak.unregister_node(uuid, "b.example")
    with pytest.raises(NotFound):
        await keycloak.unregister_node(uuid, "b.example")
