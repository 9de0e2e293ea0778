"""Unique names are passed on within one run; what cannot be is blocked, and says what stands in the way."""

from dataclasses import replace

import pytest

from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.change import Change, Verb
from reconciler.model.manifest import Client, DesiredState, IntegrationOrganization
from reconciler.model.plan import Plan
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.derive import derived
from reconciler.plan.drift import drift_of
from reconciler.review.plan_text import plan_text
from tests.builders import OWNER, REALM, a_client, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

CLIENT = a_client("api-client-blitz")
OLD = an_organization("blitz", display_name="Blitz", clients=[CLIENT])
NEW = an_organization("blitz-autohandel", display_name="Blitz", clients=[CLIENT])


def state(*organizations: IntegrationOrganization) -> DesiredState:
    return desired(*organizations, realm=a_realm())


def named(**names: str) -> DesiredState:
    return state(*(an_organization(alias, display_name=name, clients=()) for alias, name in names.items()))


def with_clients(*clients: Client) -> DesiredState:
    return state(an_organization("acme", clients=clients))


async def a_world(before: DesiredState) -> World:
    return await World(effective=False).settled(before)


async def planned(world: World, wanted: DesiredState, *, soft: bool = False) -> Plan:
    context = replace(world.context(), soft_delete=soft, allow_delete=not soft)
    return await workflow.plan(wanted, world.systems, context)


async def reached(world: World, wanted: DesiredState, *, soft: bool = False) -> Plan:
    """Apply once, with nothing left afterwards, and return the plan."""
    plan = await planned(world, wanted, soft=soft)
    assert tuple(derived(plan.changes, REALM)) == plan.changes, "a saved plan would not be the same"
    applied = await world.execute(plan)
    assert applied.is_complete, [(str(o.change.address), o.detail) for o in applied.outcomes if o.detail]
    left = await planned(world, wanted, soft=soft)
    assert left.is_empty, plan_text(left)
    return plan


async def names(world: World) -> dict[str, str]:
    return {each["alias"]: each["name"] for each in await world.keycloak.organizations()}


def change_of(plan: Plan, address: str) -> Change:
    return next(each for each in plan.changes if str(each.address) == address)


async def test_another_alias_takes_the_name_then_the_client_and_only_then_the_old_organization_goes() -> None:
    world = await a_world(state(OLD))
    plan = await reached(world, state(NEW))
    assert [str(change.address) for change in plan.changes] == [
        "organization/blitz-autohandel",
        "client/blitz-autohandel/api-client-blitz",
        "organization/blitz",
    ]
    assert world.keycloak.traffic.writes == [
        "update_organization", "create_organization", "update_client", "add_member", "remove_member",
        "delete_organization",
    ]  # fmt: skip
    assert 'has the display name "blitz (placeholder)" temporarily' in plan_text(plan)


async def test_what_is_softly_deleted_gives_its_name_up_and_takes_it_back_when_revived() -> None:
    world = await a_world(state(OLD))
    await reached(world, state(NEW), soft=True)
    assert await names(world) == {"blitz": "blitz (placeholder)", "blitz-autohandel": "Blitz"}
    await reached(world, state(OLD), soft=True)
    assert await names(world) == {"blitz": "Blitz", "blitz-autohandel": "blitz-autohandel (placeholder)"}


async def test_what_was_softly_deleted_gives_its_name_up_as_soon_as_another_wants_it() -> None:
    world = await a_world(named(acme="Acme", beta="Beta"))
    await reached(world, named(acme="Acme"), soft=True)
    plan = await reached(world, named(acme="Beta"), soft=True)
    assert verdict_of(drift_of(plan)) is Verdict.IN_SYNC
    assert await names(world) == {"acme": "Beta", "beta": "beta (placeholder)"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": "North", "b": "South"}, {"a": "South", "b": "North"}),
        ({"a": "North", "b": "South", "c": "West"}, {"a": "South", "b": "West", "c": "North"}),
        ({"a": "North", "b": "South"}, {"a": "South", "b": "West"}),
        ({"a": "North", "b": "South"}, {"a": "South"}),
        ({"a": "1", "b": "2", "c": "3", "d": "4"}, {"a": "2", "b": "1", "c": "4", "d": "3"}),
        ({"a": "North", "b": "South"}, {"b": "North", "c": "South"}),
    ],
    ids=["a swap", "a rotation", "a chain", "a name of what goes", "two swaps", "a chain to a new one"],
)
async def test_display_names_are_passed_on_in_one_run(before: dict[str, str], after: dict[str, str]) -> None:
    world = await a_world(named(**before))
    await reached(world, named(**after))
    assert await names(world) == after


async def test_a_run_that_broke_off_in_the_middle_of_a_swap_is_finished_by_the_next() -> None:
    world = await a_world(named(a="North", b="South"))
    a = await world.keycloak.find_organization("a")
    assert a is not None
    await world.keycloak.update_organization(a["id"], {**a, "name": "a (placeholder)"})
    await reached(world, named(a="South", b="North"))


async def test_what_ends_access_does_not_wait_for_a_name() -> None:
    world = await a_world(named(a="North", b="South"))
    after = state(
        an_organization("a", display_name="South", clients=(), suspended=True, description="Gone"),
        an_organization("b", display_name="West", clients=()),
    )
    plan = await reached(world, after)
    suspend, rest = change_of(plan, "organization/a").steps
    assert (suspend.first, suspend.body) == (True, {"enabled": False})
    assert (rest.first, rest.body["name"]) == (False, "South")
    assert change_of(plan, "organization/a").depends_on == (Address.organization("b"),)


async def test_ids_of_clients_are_passed_on_in_a_chain_and_each_keeps_its_secret() -> None:
    world = await a_world(with_clients(a_client("api-client-a"), a_client("api-client-b")))
    uuids = {each["clientId"]: each["id"] for each in world.keycloak.store.clients.values()}
    after = with_clients(
        a_client("api-client-b", previous=("api-client-a",)), a_client("api-client-c", previous=("api-client-b",))
    )
    plan = await reached(world, after)
    assert [(change.renamed_from, change.address.name) for change in plan.changes] == [
        ("api-client-b", "api-client-c"),
        ("api-client-a", "api-client-b"),
    ]
    now = {each["clientId"]: each["id"] for each in world.keycloak.store.clients.values()}
    assert (now["api-client-b"], now["api-client-c"]) == (uuids["api-client-a"], uuids["api-client-b"])


async def test_the_end_of_a_chain_that_is_gone_is_created_anew_and_nobody_is_renamed_again() -> None:
    world = await a_world(with_clients(a_client("api-client-a"), a_client("api-client-b")))
    after = with_clients(
        a_client("api-client-b", previous=("api-client-a",)), a_client("api-client-c", previous=("api-client-b",))
    )
    await world.settled(after)
    gone = await world.keycloak.find_client("api-client-c")
    assert gone is not None
    await world.keycloak.delete_client(gone["id"])
    plan = await reached(world, after)
    assert [(str(change.address), change.action.value) for change in plan.changes] == [
        ("client/acme/api-client-c", "create")
    ]


async def test_previous_ids_that_are_taken_out_of_a_manifest_are_no_drift() -> None:
    world = await a_world(with_clients(a_client("api-client-a"), a_client("api-client-b")))
    chain = with_clients(
        a_client("api-client-b", previous=("api-client-a",)), a_client("api-client-c", previous=("api-client-b",))
    )
    await world.settled(chain)
    plan = await reached(world, with_clients(a_client("api-client-b"), a_client("api-client-c")))
    assert verdict_of(drift_of(plan)) is Verdict.IN_SYNC


async def test_a_client_of_another_protocol_is_brought_back_in_one_run() -> None:
    world = await a_world(with_clients(a_client()))
    live = await world.keycloak.find_client("api-client-acme")
    assert live is not None
    await world.keycloak.update_client(live["id"], {**live, "protocol": "saml"})
    plan = await reached(world, with_clients(a_client()))
    assert [step.verb for step in plan.changes[0].steps] == [Verb.UPDATE_CLIENT, Verb.PUT_CLIENT_SCOPES]


async def test_a_name_of_something_unmanaged_blocks_and_is_named() -> None:
    world = await a_world(named(a="North"))
    await world.keycloak.create_organization({"name": "West", "alias": "theirs"})
    plan = await planned(world, named(a="West"))
    assert (
        plan.changes[0].blocked == "the display name 'West' is taken by the organization 'theirs', which is unmanaged"
    )
    world.keycloak.traffic.forget()
    assert not (await world.execute(plan)).is_complete
    assert world.keycloak.traffic.writes == []


async def test_a_name_of_another_owner_blocks_and_says_whose_it_is() -> None:
    theirs = await World(owner="other-team", effective=False).settled(named(theirs="West"))
    ours = World(effective=False)
    ours.keycloak = theirs.keycloak
    plan = await planned(ours, desired(an_organization("a", display_name="West", clients=())))
    assert plan.changes[0].blocked.endswith("'theirs', which belongs to the reconciler 'other-team'")


async def test_a_name_that_is_not_given_up_because_of_a_block_blocks_too() -> None:
    protected = an_organization("b", display_name="South", clients=(), prevent_destroy=True)
    world = await a_world(state(an_organization("a", display_name="North", clients=()), protected))
    plan = await planned(world, named(a="South", c="North"))
    blocked = {str(change.address): change.blocked for change in plan.changes}
    assert "preventDestroy" in blocked["organization/b"]
    assert "'b', which is blocked: lifecycle.preventDestroy" in blocked["organization/a"]
    assert "'a', which is blocked: the display name 'South'" in blocked["organization/c"]


@pytest.mark.parametrize("client_id", ["Api-Client-Acme", "api-client-ACME"])
async def test_a_client_whose_id_differs_in_case_blocks_and_is_named(client_id: str) -> None:
    world = await a_world(state())
    theirs = {"clientId": client_id, "publicClient": False, "serviceAccountsEnabled": True}
    await world.keycloak.create_client(theirs)
    plan = await planned(world, with_clients(a_client()))
    assert change_of(plan, "client/acme/api-client-acme").blocked == (
        f"the id 'api-client-acme' is taken by the client '{client_id}', which is unmanaged; "
        "names of service accounts ignore case"
    )


async def test_a_client_without_a_service_account_is_in_nobodys_way() -> None:
    world = await a_world(state())
    await world.keycloak.create_client({"clientId": "Api-Client-Acme", "publicClient": True})
    await reached(world, with_clients(a_client()))


async def test_a_user_with_the_name_of_the_service_account_blocks_a_new_client() -> None:
    world = await a_world(state())
    world.keycloak.by_hand.add_user("service-account-api-client-acme")
    plan = await planned(world, with_clients(a_client()))
    assert change_of(plan, "client/acme/api-client-acme").blocked == (
        "the user 'service-account-api-client-acme' has the name that its service account needs"
    )


async def test_a_target_brings_whatever_must_give_its_name_up() -> None:
    world = await a_world(named(a="North", b="South"))
    plan = await world.plan(named(a="South", b="North"), Address.organization("b"))
    assert {str(change.address) for change in plan.changes} == {"organization/a", "organization/b"}
    assert plan.owner == OWNER
