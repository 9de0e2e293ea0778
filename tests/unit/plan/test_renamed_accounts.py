"""Service accounts whose user was renamed: the client's link makes them what they are, and no name."""

import pytest

from reconciler.model.address import Address
from reconciler.model.change import Action, Verb
from reconciler.model.expectations import Expectations, People
from reconciler.model.finding import Code
from tests.builders import ACME, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

DESIRED = desired(an_organization("acme", people=People.SHARED), an_organization("beta"), realm=a_realm())
BOB = "bob@example.com"


async def a_world() -> World:
    return await World(effective=False, expected=Expectations(people=People.NONE)).settled(DESIRED)


async def renamed(world: World, client_id: str) -> None:
    keycloak = world.keycloak
    found = await keycloak.find_client(client_id)
    uuid = (
        found["id"] if found else await keycloak.create_client({"clientId": client_id, "serviceAccountsEnabled": True})
    )
    user = await keycloak.service_account(uuid)
    assert user is not None
    if found is None:
        acme = next(each for each in await keycloak.organizations() if each["alias"] == "acme")
        await keycloak.add_member(acme["id"], user["id"])
    keycloak.by_hand.rename_user(user["id"], BOB)


@pytest.mark.parametrize("client_id", ["backend", "api-client-hand"])
async def test_an_undeclared_service_account_passes_for_no_person(client_id: str) -> None:
    world = await a_world()
    await renamed(world, client_id)
    plan = await world.plan(DESIRED)
    assert plan.complete
    if client_id == "backend":
        (change,) = plan.changes
        assert (change.address, [field.path for field in change.field_changes]) == (ACME, ["keycloak.members"])
        assert [step.body for step in change.steps if step.verb is Verb.REMOVE_MEMBER] == [{"username": BOB}]
        assert (await world.execute(plan)).is_complete
        assert (await world.plan(DESIRED)).changes == ()
    else:
        assert [f.address for f in plan.findings if f.code is Code.UNMANAGED_MEMBER] == [ACME]
        assert [str(each) for each in plan.unmanaged] == ["client/acme/api-client-hand"]
    assert not any(BOB in finding.detail for finding in plan.findings)


@pytest.mark.parametrize("targets", [(), (ACME,)])
async def test_a_declared_one_gets_its_own_name_again_and_nothing_else_is_held_up(targets: tuple[Address, ...]) -> None:
    world = await a_world()
    await renamed(world, "api-client-acme")
    plan = await world.plan(DESIRED, *targets)
    assert plan.complete, plan.read_failures
    (change,) = plan.changes
    assert (str(change.address), change.action, change.blocked) == ("client/acme/api-client-acme", Action.UPDATE, "")
    assert "serviceAccount.username" in {field.path for field in change.field_changes if field.is_drift}
    assert "service-account-replaced" in {each.risk.code for each in change.consequences}
    assert (await world.execute(plan)).is_complete
    assert (await world.plan(DESIRED)).changes == ()
