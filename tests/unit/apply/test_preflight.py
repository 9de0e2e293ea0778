"""Before the first write, a saved plan is compared with everything that it would write."""

import asyncio
from dataclasses import replace

from reconciler.app import workflow
from reconciler.model.change import FieldChange
from reconciler.model.expectations import Expectations, People
from reconciler.model.layout import APPLIED_MARK
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.plan import Moved, Movement, Plan
from tests.builders import ACME, ACME_CLIENT, a_client, a_realm, an_organization, desired
from tests.fakes.world import World

BETA = an_organization("beta")


async def settled(*organizations: IntegrationOrganization) -> World:
    return await World().settled(desired(*organizations, realm=a_realm()))


async def planned(world: World, *organizations: IntegrationOrganization) -> Plan:
    plan = await world.plan(desired(*organizations, realm=a_realm()))
    assert plan.changes
    world.keycloak.traffic.forget()
    return plan


async def moved(world: World, plan: Plan) -> dict[str, Moved]:
    found = await workflow.moved_since(plan, world.systems, 4)
    assert not world.keycloak.traffic.writes
    return {str(each.address): each for each in found}


def rename(world: World, alias: str, name: str) -> None:
    organization = world.keycloak.store.organization_named(alias)
    assert organization is not None
    organization["name"] = name


def test_a_plan_holds_while_nothing_moves() -> None:
    async def scene() -> None:
        world = await settled(an_organization(), BETA)
        assert not await moved(world, await planned(world, an_organization(display_name="Acme Motors")))

    asyncio.run(scene())


def test_a_plan_to_create_everything_holds_while_there_is_nothing() -> None:
    async def scene() -> None:
        world = World()
        assert not await moved(world, await planned(world, an_organization()))

    asyncio.run(scene())


def test_a_field_that_was_changed_is_named_from_planned_to_live() -> None:
    async def scene() -> None:
        world = await settled(an_organization())
        plan = await planned(world, an_organization(description="New"))
        rename(world, "acme", "Acme by hand")
        found = (await moved(world, plan))[str(ACME)]
        assert found.how is Movement.CHANGED
        assert [(f.path, f.before, f.after) for f in found.fields] == [("displayName", "Acme", "Acme by hand")]

    asyncio.run(scene())


def test_every_object_that_moved_is_named_not_only_the_first() -> None:
    async def scene() -> None:
        world = await settled(an_organization(), BETA)
        plan = await planned(world, an_organization(description="New"), an_organization("beta", description="New"))
        rename(world, "acme", "1")
        rename(world, "beta", "2")
        assert list(await moved(world, plan)) == ["organization/acme", "organization/beta"]

    asyncio.run(scene())


def test_what_the_plan_does_not_write_may_move() -> None:
    async def scene() -> None:
        world = await settled(an_organization(), BETA)
        plan = await planned(world, an_organization(description="New"), BETA)
        rename(world, "beta", "Beta by hand")
        assert not await moved(world, plan)

    asyncio.run(scene())


def test_marks_are_named_only_where_nothing_else_moved() -> None:
    async def scene() -> None:
        world = await settled(an_organization())
        plan = await planned(world, an_organization(description="New"))
        organization = world.keycloak.store.organization_named("acme")
        assert organization is not None
        organization["attributes"][APPLIED_MARK] = ["suspended=0"]
        found = (await moved(world, plan))[str(ACME)]
        assert [field.path for field in found.fields] == [APPLIED_MARK]

    asyncio.run(scene())


def test_what_would_be_created_but_exists_is_named() -> None:
    async def scene() -> None:
        world = await settled(BETA)
        plan = await planned(world, BETA, an_organization())
        await world.apply(desired(BETA, an_organization(display_name="Other"), realm=a_realm()))
        world.keycloak.traffic.forget()
        found = await moved(world, plan)
        assert found[str(ACME)] == Moved(ACME, Movement.EXISTS)
        assert found[str(ACME_CLIENT)] == Moved(ACME_CLIENT, Movement.APPLIED)

    asyncio.run(scene())


def test_what_is_gone_is_named() -> None:
    async def scene() -> None:
        world = await settled(an_organization())
        plan = await planned(world, an_organization(clients=[a_client(description="New")]))
        client = await world.keycloak.find_client("api-client-acme")
        assert client is not None
        await world.keycloak.delete_client(client["id"])
        world.keycloak.traffic.forget()
        assert (await moved(world, plan))[str(ACME_CLIENT)].how is Movement.GONE

    asyncio.run(scene())


def test_a_client_that_was_made_again_alike_is_another_one() -> None:
    async def scene() -> None:
        world = await settled(an_organization())
        plan = await planned(world, an_organization(clients=[a_client(description="New")]))
        client = await world.keycloak.find_client("api-client-acme")
        assert client is not None
        await world.keycloak.delete_client(client["id"])
        await world.settled(desired(an_organization(), realm=a_realm()))
        assert (await moved(world, plan))[str(ACME_CLIENT)] == Moved(ACME_CLIENT, Movement.REPLACED)

    asyncio.run(scene())


def test_an_organization_that_a_client_would_join_must_be_there() -> None:
    async def scene() -> None:
        world = await settled(an_organization(clients=()))
        plan = await planned(world, an_organization())
        assert [str(change.address) for change in plan.changes] == [str(ACME_CLIENT)]
        organization = world.keycloak.store.organization_named("acme")
        assert organization is not None
        await world.keycloak.delete_organization(organization["id"])
        world.keycloak.traffic.forget()
        assert await moved(world, plan) == {str(ACME): Moved(ACME, Movement.GONE)}

    asyncio.run(scene())


def test_an_id_of_another_organization_is_never_written_to() -> None:
    async def scene() -> None:
        world = await settled(an_organization(), BETA)
        plan = await planned(world, an_organization(description="Reviewed"), BETA)
        store = world.keycloak.store
        beta = store.organization_named("beta")
        assert beta is not None
        edited = replace(plan, references={**plan.references, ACME: beta["id"]})
        assert (await moved(world, edited))[str(ACME)].how is not None

        joining = await planned(world, an_organization(clients=[a_client(), a_client("api-client-acme-2")]), BETA)
        edited = replace(joining, references={**joining.references, ACME: beta["id"]})
        assert await moved(world, edited) == {str(ACME): Moved(ACME, Movement.REPLACED)}

    asyncio.run(scene())


def test_a_plan_that_was_applied_finds_everything_as_it_would_make_it() -> None:
    async def scene() -> None:
        world = await settled(BETA, an_organization(suspended=True))
        plan = await planned(world, an_organization(clients=[a_client(description="New")]))
        assert {str(change.action) for change in plan.changes} == {"update", "delete"}
        assert (await world.execute(plan)).is_complete
        world.keycloak.traffic.forget()
        found = await moved(world, plan)
        assert {each.how for each in found.values()} == {Movement.APPLIED}
        assert len(found) == len(plan.changes)

    asyncio.run(scene())


def test_what_is_blocked_is_not_written_and_may_move() -> None:
    async def scene() -> None:
        world = await settled(an_organization(prevent_destroy=True))
        plan = await planned(world)
        assert [change.blocked != "" for change in plan.changes] == [True, True]
        rename(world, "acme", "Acme by hand")
        assert not await moved(world, plan)

    asyncio.run(scene())


def test_a_member_that_is_not_ours_is_no_field_of_its_organization() -> None:
    async def scene() -> None:
        world = await settled(an_organization())
        world.expected = Expectations(people=People.NONE)
        organization = world.keycloak.store.organization_named("acme")
        assert organization is not None
        await world.keycloak.add_member(organization["id"], world.keycloak.by_hand.add_user("eve"))
        plan = await planned(world, an_organization())
        rename(world, "acme", "Acme by hand")
        found = (await moved(world, plan))[str(ACME)]
        assert [field.path for field in found.fields] == ["displayName"]
        assert isinstance(found.fields[0], FieldChange)

    asyncio.run(scene())
