"""Findings about a realm that somebody else declares, and about who is a member."""

import pytest

from reconciler.model.layout import ORGANIZATION_SCOPE
from tests.builders import REALM, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ONE = desired(an_organization())


async def codes(world: World) -> list[str]:
    return [finding.code for finding in (await world.plan(ONE)).findings]


async def a_world() -> World:
    world = await World(effective=False).settled(desired(realm=a_realm()))
    return await world.settled(ONE)


async def test_a_realm_that_has_what_is_needed_is_no_finding() -> None:
    assert await codes(await a_world()) == []


async def test_a_realm_without_organizations_and_scope_is_reported() -> None:
    world = World(effective=False)
    await world.keycloak.create_realm({"realm": REALM, "enabled": True})
    assert await codes(world) == ["organizations-off", "scope-missing"]


async def test_a_mapper_that_is_not_what_organizations_need_is_reported() -> None:
    world = await a_world()
    scope = await world.keycloak.client_scope(ORGANIZATION_SCOPE)
    assert scope is not None
    await world.keycloak.delete_scope_mapper(scope["id"], scope["protocolMappers"][0]["id"])
    assert await codes(world) == ["scope-differs"]


async def test_what_a_manifest_declares_is_changed_and_not_reported() -> None:
    world = await a_world()
    await world.keycloak.update_realm({"organizationsEnabled": False})
    plan = await world.plan(desired(an_organization(), realm=a_realm()))
    assert plan.findings == ()
    assert str(plan.changes[0].address) == f"realm/{REALM}"


async def test_a_client_that_no_manifest_declares_is_reported_as_a_member() -> None:
    world = await a_world()
    organization = await world.keycloak.find_organization("acme")
    uuid = await world.keycloak.create_client({"clientId": "api-client-zeta", "serviceAccountsEnabled": True})
    user = await world.keycloak.service_account(uuid)
    assert organization is not None
    assert user is not None
    await world.keycloak.add_member(organization["id"], user["id"])
    assert await codes(world) == ["unmanaged-member"]
