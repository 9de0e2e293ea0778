"""What no listing shows: roles, scope mappings, groups, and the record of admin events."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.kinds.realm.representation import default_role_of
from reconciler.model.errors import NotFound
from reconciler.ports import AdminApi
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

CLIENT: dict[str, Any] = {"clientId": "api-client-acme", "serviceAccountsEnabled": True}
DANGEROUS = "realm-management/manage-users"
BUILT_IN = ("account/manage-account", "account/view-profile", "offline_access", "uma_authorization")


async def an_account(keycloak: AdminApi) -> tuple[str, str]:
    """Return the ids of a client and of its service account."""
    uuid = await keycloak.create_client(CLIENT)
    user = await keycloak.service_account(uuid)
    assert user is not None
    return uuid, user["id"]


async def test_a_new_service_account_holds_the_default_role_only(keycloak: AdminApi, realm_name: str) -> None:
    _, user = await an_account(keycloak)
    role = default_role_of({"realm": realm_name})
    assert await keycloak.roles_of(user) == (role,)
    assert await keycloak.role_holders(role) == (user,)


async def test_a_role_is_granted_and_revoked_any_number_of_times(keycloak: AdminApi, realm_name: str) -> None:
    _, user = await an_account(keycloak)
    for role in (DANGEROUS, "offline_access"):
        await keycloak.grant_role(user, role)
        await keycloak.grant_role(user, role)
    granted = await keycloak.roles_of(user)
    holders = await keycloak.role_holders(DANGEROUS)
    for role in (DANGEROUS, "offline_access"):
        await keycloak.revoke_role(user, role)
        await keycloak.revoke_role(user, role)
    default = default_role_of({"realm": realm_name})
    assert granted == tuple(sorted((default, "offline_access", DANGEROUS)))
    assert holders == (user,)
    assert await keycloak.roles_of(user) == (default,)


async def test_an_unknown_role_is_not_found(keycloak: AdminApi) -> None:
    uuid, user = await an_account(keycloak)
    for role in ("nope", "realm-management/nope", "nope/nope"):
        with pytest.raises(NotFound):
            await keycloak.grant_role(user, role)
        with pytest.raises(NotFound):
            await keycloak.add_scope_mapping(uuid, role)


async def test_a_new_realm_has_the_built_in_roles(keycloak: AdminApi, realm_name: str) -> None:
    default = default_role_of({"realm": realm_name})
    assert await keycloak.realm_roles() == tuple(sorted((default, "offline_access", "uma_authorization")))
    assert await keycloak.composites(default) == BUILT_IN


async def test_a_composite_role_is_widened_and_narrowed(keycloak: AdminApi, realm_name: str) -> None:
    default = default_role_of({"realm": realm_name})
    await keycloak.add_composite(default, DANGEROUS)
    widened = await keycloak.composites(default)
    await keycloak.remove_composite(default, DANGEROUS)
    assert widened == tuple(sorted((*BUILT_IN, DANGEROUS)))
    assert await keycloak.composites(default) == BUILT_IN


async def test_a_clients_own_role_can_be_deleted_once(keycloak: AdminApi, hands: Hands) -> None:
    uuid, _ = await an_account(keycloak)
    none = await keycloak.client_roles(uuid)
    hands.add_client_role("api-client-acme", "own")
    one = await keycloak.client_roles(uuid)
    await keycloak.delete_client_role(uuid, "own")
    with pytest.raises(NotFound):
        await keycloak.delete_client_role(uuid, "own")
    assert (none, one, await keycloak.client_roles(uuid)) == ((), ("own",), ())


@pytest.mark.parametrize("name", ["..", ".", "../..", "a/b", "%2e%2e", "a;b"])
async def test_a_clients_own_role_is_deleted_alone_whatever_it_is_called(
    keycloak: AdminApi, hands: Hands, name: str
) -> None:
    uuid, _ = await an_account(keycloak)
    hands.add_client_role("api-client-acme", name)
    hands.add_client_role("api-client-acme", "other")
    await keycloak.delete_client_role(uuid, name)
    with pytest.raises(NotFound):
        await keycloak.delete_client_role(uuid, name)
    assert await keycloak.client_roles(uuid) == ("other",)
    assert await keycloak.find_client("api-client-acme") is not None


async def test_a_role_that_is_called_like_a_step_in_a_path_is_granted_and_revoked(
    keycloak: AdminApi, hands: Hands
) -> None:
    uuid, user = await an_account(keycloak)
    hands.add_client_role("api-client-acme", "..")
    before = await keycloak.roles_of(user)
    role = "api-client-acme/.."
    await keycloak.grant_role(user, role)
    await keycloak.add_scope_mapping(uuid, role)
    held = await keycloak.roles_of(user), await keycloak.scope_mappings(uuid)
    await keycloak.revoke_role(user, role)
    await keycloak.remove_scope_mapping(uuid, role)
    assert held == (tuple(sorted((*before, role))), (role,))
    assert (await keycloak.roles_of(user), await keycloak.scope_mappings(uuid)) == (before, ())


async def test_a_scope_mapping_is_added_and_removed(keycloak: AdminApi) -> None:
    uuid, _ = await an_account(keycloak)
    for role in (DANGEROUS, "offline_access"):
        await keycloak.add_scope_mapping(uuid, role)
    added = await keycloak.scope_mappings(uuid)
    for role in (DANGEROUS, "offline_access"):
        await keycloak.remove_scope_mapping(uuid, role)
    assert (added, await keycloak.scope_mappings(uuid)) == (("offline_access", DANGEROUS), ())


async def test_a_member_can_leave_a_group(keycloak: AdminApi, hands: Hands) -> None:
    user = hands.add_user("hugo")
    empty = await keycloak.groups()
    group = hands.add_group("admins")
    hands.join_group("hugo", group)
    (listed,) = await keycloak.groups()
    (joined,) = await keycloak.groups_of(user)
    members = await keycloak.group_members(group)
    await keycloak.leave_group(user, group)
    await keycloak.leave_group(user, group)
    assert empty == ()
    assert (listed["id"], listed["path"], listed["subGroupCount"]) == (group, "/admins", 0)
    assert (joined["id"], joined["path"], members) == (group, "/admins", (user,))
    assert (await keycloak.groups_of(user), await keycloak.group_members(group)) == ((), ())


async def test_without_admin_events_nothing_is_recorded(keycloak: AdminApi) -> None:
    await an_account(keycloak)
    assert await keycloak.events(limit=0, resources=("CLIENT",)) == ()


async def test_admin_events_tell_what_happened_to_clients_newest_first(keycloak: AdminApi) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    uuid, _ = await an_account(keycloak)
    await keycloak.update_client(uuid, {"description": "d"})
    await keycloak.add_scope_mapping(uuid, "offline_access")
    events = await keycloak.events(limit=0, resources=("CLIENT", "REALM_SCOPE_MAPPING"))
    created = await keycloak.events(limit=0, resources=("CLIENT",), operations=("CREATE",))
    assert [(event.operation, event.path.split("/scope")[0]) for event in events] == [
        ("CREATE", f"clients/{uuid}"),
        ("UPDATE", f"clients/{uuid}"),
        ("CREATE", f"clients/{uuid}"),
    ]
    assert [event.operation for event in created] == ["CREATE"]


async def test_admin_events_quote_how_the_realm_was_changed(keycloak: AdminApi) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    await keycloak.update_realm({"displayName": "Ours"})
    newest, *_ = await keycloak.events(limit=1, resources=("REALM",), operations=("UPDATE",))
    assert newest.content == {"displayName": "Ours"}


async def test_admin_events_name_the_organization_that_gets_a_group(keycloak: AdminApi, hands: Hands) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    organization = await keycloak.create_organization({"name": "Acme", "alias": "acme"})
    hands.add_organization_group("acme", "admins")
    events = await keycloak.events(limit=0, resources=("ORGANIZATION", "ORGANIZATION_GROUP"))
    assert [event.path for event in events] == [
        f"organizations/{organization}/groups",
        f"organizations/{organization}",
    ]


async def test_a_partial_import_is_recorded_as_a_change_of_the_realm(keycloak: AdminApi, hands: Hands) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    uuid, _ = await an_account(keycloak)
    hands.import_client_role("api-client-acme", "imported")
    newest, *_ = await keycloak.events(limit=0, resources=("REALM",))
    assert (newest.path, await keycloak.client_roles(uuid)) == (f"clients/{uuid}", ("imported",))


async def test_the_record_of_a_creation_shows_whether_the_client_got_a_role(keycloak: AdminApi) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    await keycloak.create_client(
        {"clientId": "api-client-acme", "serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    )
    (created,) = await keycloak.events(limit=0, resources=("CLIENT",), operations=("CREATE",))
    assert isinstance(created.content, Mapping)
    assert created.content["authorizationServicesEnabled"] is True


async def test_authorization_services_give_the_service_account_a_role(keycloak: AdminApi) -> None:
    uuid, user = await an_account(keycloak)
    await keycloak.update_client(uuid, {"authorizationServicesEnabled": True})
    assert "api-client-acme/uma_protection" in await keycloak.roles_of(user)


async def test_a_service_account_that_is_imported_with_other_roles_is_recorded_by_its_id(
    keycloak: AdminApi, hands: Hands
) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    uuid, before = await an_account(keycloak)
    hands.import_account("api-client-acme", roles=("offline_access",))
    now = await keycloak.service_account(uuid)
    assert now is not None
    newest, *_ = await keycloak.events(limit=0, resources=("REALM",))
    assert now["id"] != before
    assert newest.path == f"users/{now['id']}"
    assert await keycloak.roles_of(now["id"]) == ("offline_access",)


async def test_whose_roles_change_is_recorded(keycloak: AdminApi, realm_name: str) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    _, user = await an_account(keycloak)
    await keycloak.grant_role(user, DANGEROUS)
    await keycloak.revoke_role(user, default_role_of({"realm": realm_name}))
    events = await keycloak.events(limit=0, resources=("REALM_ROLE_MAPPING", "CLIENT_ROLE_MAPPING"))
    assert len(events) == 2
    assert all(event.path.startswith(f"users/{user}/role-mappings/") for event in events)
