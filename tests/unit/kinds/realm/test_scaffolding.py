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


SPOOF = {
    "name": "spoof",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-hardcoded-claim-mapper",
    "config": {"claim.name": "organization", "claim.value": "{}"},
}


async def spoofed(world: World, name: str) -> None:
    scope = await world.keycloak.client_scope(name)
    assert scope is not None
    await world.keycloak.create_scope_mapper(scope["id"], SPOOF)


@pytest.mark.parametrize("scope", ["basic", ORGANIZATION_SCOPE])
async def test_a_forged_claim_in_a_scope_of_a_client_is_reported_where_nobody_declares_the_realm(scope: str) -> None:
    world = await a_world()
    await spoofed(world, scope)
    (finding,) = (await world.plan(ONE)).findings
    assert finding.code == "scope-forges-claims"
    assert f"'spoof' of the client scope '{scope}' writes the claim 'organization'" in finding.detail
    assert finding.detail.endswith("into the tokens of api-client-acme.")


@pytest.mark.parametrize("scope", ["roles", "profile"])
async def test_a_scope_that_no_declared_client_has_is_somebody_elses_business(scope: str) -> None:
    world = await a_world()
    await spoofed(world, scope)
    assert await codes(world) == []


async def test_a_forged_claim_in_a_scope_that_a_client_was_given_is_reported_beside_the_scope_itself() -> None:
    world = await a_world()
    await spoofed(world, "profile")
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    await world.keycloak.add_client_scope(client["id"], "profile", default=False)
    plan = await world.plan(ONE)
    assert [finding.code for finding in plan.findings] == ["scope-forges-claims"]
    assert [field.path for change in plan.changes for field in change.field_changes] == [
        "keycloak.optionalClientScopes"
    ]


async def test_where_the_realm_is_declared_a_forger_is_removed_and_other_mappers_of_the_roles_stay() -> None:
    wanted = desired(an_organization(), realm=a_realm())
    world = await World(effective=False).settled(wanted)
    scope = await world.keycloak.client_scope("roles")
    assert scope is not None
    harmless = {**SPOOF, "name": "harmless", "config": {"claim.name": "department", "claim.value": "x"}}
    await world.keycloak.create_scope_mapper(scope["id"], harmless)
    assert (await world.plan(wanted)).is_empty
    await spoofed(world, "roles")
    plan = await world.plan(wanted)
    assert [field.path for field in plan.changes[0].field_changes] == ["keycloak.clientScopes.roles.mappers.spoof"]
    assert plan.findings == ()
    await world.execute(plan)
    found = await world.keycloak.client_scope("roles")
    assert found is not None
    assert sorted(mapper["name"] for mapper in found["protocolMappers"]) == [
        "audience resolve",
        "client roles",
        "harmless",
        "realm roles",
    ]


@pytest.mark.parametrize(
    ("scope", "setting", "value", "is_drift"),
    [
        ("basic", "userinfo.token.claim", "true", False),
        ("basic", "userinfo.token.claim", "false", True),
        ("basic", "lightweight.claim", "false", False),
        ("basic", "lightweight.claim", "true", True),
        ("basic", "multivalued", "false", False),
        ("basic", "anything.else", "false", True),
        (ORGANIZATION_SCOPE, "userinfo.token.claim", "true", True),
        (ORGANIZATION_SCOPE, "multivalued", "false", True),
    ],
)
async def test_a_setting_of_a_mapper_that_says_what_its_absence_says_is_no_drift_where_no_rule_says_it(
    scope: str, setting: str, value: str, is_drift: bool
) -> None:
    wanted = desired(an_organization(), realm=a_realm())
    world = await World(effective=False).settled(wanted)
    found = await world.keycloak.client_scope(scope)
    assert found is not None
    mapper = next(each for each in found["protocolMappers"] if each["name"] in {"auth_time", "organization"})
    changed = {**mapper, "config": {**mapper["config"], setting: value}}
    await world.keycloak.update_scope_mapper(found["id"], mapper["id"], changed)
    plan = await world.plan(wanted)
    assert plan.is_empty is not is_drift
    await world.execute(plan)
    assert (await world.plan(wanted)).is_empty


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
