"""The verbs that write a service account, on the fake Keycloak."""

import pytest

from reconciler.kinds.client import service_account
from reconciler.model.errors import Conflict, RequestFailed
from tests.builders import REALM
from tests.fakes.keycloak import FakeKeycloak
from tests.fakes.runtime import FakeClock

pytestmark = pytest.mark.anyio


async def a_client(*, on: bool = True) -> tuple[FakeKeycloak, str]:
    """Return a Keycloak and the id of its client."""
    keycloak = FakeKeycloak(REALM, FakeClock())
    await keycloak.create_realm({"realm": REALM, "organizationsEnabled": True})
    uuid = await keycloak.create_client({"clientId": "api-client-acme", "serviceAccountsEnabled": on})
    return keycloak, uuid


async def test_joining_and_leaving_may_be_repeated() -> None:
    keycloak, uuid = await a_client()
    organization = await keycloak.create_organization({"name": "Acme", "alias": "acme"})
    for _ in range(2):
        await service_account.join(keycloak, uuid, organization)
    joined = len(await keycloak.members(organization))
    for _ in range(2):
        await service_account.leave(keycloak, uuid, organization)
    assert (joined, await keycloak.members(organization)) == (1, ())


async def test_a_conflict_that_is_no_membership_stays_an_error() -> None:
    keycloak, uuid = await a_client()
    organization = await keycloak.create_organization({"name": "Acme", "alias": "acme"})
    keycloak.traffic.fail(Conflict("busy", status=409), method="add_member")
    with pytest.raises(Conflict):
        await service_account.join(keycloak, uuid, organization)


async def test_a_role_that_is_gone_needs_no_revoking() -> None:
    keycloak, uuid = await a_client()
    await service_account.revoke(keycloak, uuid, "no-such-role")


async def test_only_the_group_of_that_path_is_left() -> None:
    keycloak, uuid = await a_client()
    for name in ("admins", "others"):
        keycloak.by_hand.join_group("service-account-api-client-acme", keycloak.by_hand.add_group(name))
    await service_account.leave_group(keycloak, uuid, "/admins")
    user = await keycloak.service_account(uuid)
    assert user is not None
    assert [group["path"] for group in await keycloak.groups_of(user["id"])] == ["/others"]


async def test_a_client_without_a_service_account_cannot_be_given_anything() -> None:
    keycloak, uuid = await a_client(on=False)
    with pytest.raises(RequestFailed, match="no service account") as error:
        await service_account.grant(keycloak, uuid, "offline_access")
    assert error.value.remedy == "Run plan again."


async def test_what_was_added_to_the_user_by_hand_is_emptied() -> None:
    keycloak, uuid = await a_client()
    user = await keycloak.service_account(uuid)
    assert user is not None
    dirty = {"email": "eve@example.com", "firstName": "Eve", "attributes": {"k": ["v"]}}
    await keycloak.update_user(user["id"], {**user, **dirty})
    await service_account.update(keycloak, uuid, {"email": "", "firstName": "", "attributes": {"k": ""}})
    assert await keycloak.service_account(uuid) == user
