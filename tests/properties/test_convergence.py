"""What an apply reaches, whatever the manifests say and whatever was done by hand."""

import asyncio
import copy
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.expectations import Expectations, People
from reconciler.model.finding import Code
from reconciler.model.manifest import DesiredState
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text
from tests.builders import a_client, a_partner, a_realm, an_organization, desired
from tests.fakes.world import World
from tests.properties.strategies import desired_states
from tests.properties.tampering import (
    BY_PEOPLE,
    ON_A_CLIENT,
    ON_AN_ORGANIZATION,
    ON_THE_REALM,
    client_ids,
    tamper_client,
    tamper_organization,
)

UNSHARED: Final = Expectations(people=People.NONE)
STILL_THERE: Final = ON_AN_ORGANIZATION.keys() - BY_PEOPLE.keys() - {"deleted"}
"""What an intruder does to an organization that is nobody's right."""
TWO_CLIENTS = desired(
    an_organization(partners=(a_partner(),), clients=(a_client(), a_client("api-client-acme-two"))),
    an_organization("beta", clients=()),
    realm=a_realm(),
)


async def assert_put_back(world: World, wanted: DesiredState) -> None:
    """Assert that something is to do, that it can be done in one go, and that nothing is left then."""
    plan = await world.plan(wanted)
    assert plan.changes
    applied = await world.execute(plan)
    assert applied.is_complete, [(str(o.change.address), o.detail) for o in applied.outcomes if o.detail]
    left = await world.plan(wanted)
    assert left.is_empty, plan_text(left)


@given(desired_states())
@settings(max_examples=40)
def test_nothing_is_left_to_do_after_an_apply(wanted: DesiredState) -> None:
    async def scenario() -> None:
        world = await World().settled(wanted)
        plan = await world.plan(wanted)
        assert plan.is_empty, plan_text(plan)
        assert not plan.read_failures

    asyncio.run(scenario())


@given(desired_states(), desired_states())
@settings(max_examples=40)
def test_any_manifests_are_reached_from_any_others(before: DesiredState, after: DesiredState) -> None:
    async def scenario() -> None:
        world = await World().settled(before)
        await world.settled(after)
        fresh = await World().settled(after)
        plan = await world.plan(after)
        assert plan.is_empty, plan_text(plan)
        assert world.keycloak.dump()["organizations"] == fresh.keycloak.dump()["organizations"]
        assert world.keycloak.dump()["members"] == fresh.keycloak.dump()["members"]

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ON_A_CLIENT)
def test_what_is_done_to_a_client_by_hand_is_put_back(name: str) -> None:
    async def scenario() -> None:
        world = await World().settled(TWO_CLIENTS)
        assert await tamper_client(world, "api-client-acme", name)
        await assert_put_back(world, TWO_CLIENTS)

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ON_AN_ORGANIZATION)
def test_what_is_done_to_an_organization_by_hand_is_put_back(name: str) -> None:
    async def scenario() -> None:
        world = await World(expected=UNSHARED).settled(TWO_CLIENTS)
        assert await tamper_organization(world, "acme", name)
        await assert_put_back(world, TWO_CLIENTS)

    asyncio.run(scenario())


def theirs(world: World, alias: str = "acme") -> dict[str, object]:
    """Return what people have in an organization."""
    store = world.keycloak.store
    organization = store.organization_named(alias)
    assert organization is not None
    key, people = organization["id"], {user for user in store.users if user not in store.accounts.values()}
    return {
        "accounts": {store.users[user]["username"] for user in people},
        "members": {user for each, user in store.members if each == key and user in people},
        "invitations": store.invitations.get(key),
        "identity providers": store.identity_providers,
        "groups": store.organization_groups.get(key),
        "in groups": {(group, user) for group, user in store.in_organization_group if user in people},
        "domains": organization.get("domains"),
        "redirect URL": organization.get("redirectUrl"),
    }


@pytest.mark.parametrize("name", BY_PEOPLE)
def test_what_people_bring_to_a_shared_organization_is_left_alone_and_no_change(name: str) -> None:
    async def scenario() -> None:
        world = await World().settled(TWO_CLIENTS)
        assert await tamper_organization(world, "acme", name)
        plan = await world.plan(TWO_CLIENTS)
        assert plan.is_empty, plan_text(plan)
        assert Code.SHARED_WITH_PEOPLE in {finding.code for finding in plan.findings}

    asyncio.run(scenario())


@given(st.lists(st.sampled_from(sorted(BY_PEOPLE)), unique=True, min_size=1), st.sampled_from(sorted(STILL_THERE)))
@settings(max_examples=40)
def test_whatever_is_put_back_in_a_shared_organization_people_keep_theirs(brought: list[str], name: str) -> None:
    async def scenario() -> None:
        world = await World().settled(TWO_CLIENTS)
        for each in brought:
            assert await tamper_organization(world, "acme", each)
        assert await tamper_organization(world, "acme", name)
        before = copy.deepcopy(theirs(world))
        await assert_put_back(world, TWO_CLIENTS)
        assert theirs(world) == before

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ON_THE_REALM)
def test_what_is_done_to_the_realm_by_hand_is_put_back(name: str) -> None:
    async def scenario() -> None:
        world = await World().settled(TWO_CLIENTS)
        await ON_THE_REALM[name](world)
        await assert_put_back(world, TWO_CLIENTS)

    asyncio.run(scenario())


def test_an_account_and_the_scope_of_service_accounts_that_are_both_gone_are_there_again_after_one_apply() -> None:
    async def scenario() -> None:
        world = await World().settled(TWO_CLIENTS)
        await tamper_client(world, "api-client-acme-two", "account deleted")
        await ON_THE_REALM["scope deleted"](world)
        await assert_put_back(world, TWO_CLIENTS)

    asyncio.run(scenario())


@given(st.data())
@settings(max_examples=40)
def test_several_things_done_by_hand_at_once_are_put_back(data: st.DataObject) -> None:
    wanted = data.draw(desired_states(min_organizations=1))

    async def scenario() -> None:
        world = await World(expected=UNSHARED).settled(wanted)
        done = False
        for client_id in data.draw(st.lists(st.sampled_from(client_ids(wanted) or ("",)), unique=True)):
            done |= await tamper_client(world, client_id, data.draw(st.sampled_from(sorted(ON_A_CLIENT))))
        aliases = [each.name for each in wanted.organizations]
        for alias in data.draw(st.lists(st.sampled_from(aliases), unique=True, min_size=0 if done else 1)):
            name = data.draw(st.sampled_from(sorted(ON_AN_ORGANIZATION)))
            await tamper_organization(world, alias, name)
        await ON_THE_REALM[data.draw(st.sampled_from(sorted(ON_THE_REALM)))](world)
        await assert_put_back(world, wanted)

    asyncio.run(scenario())


@given(desired_states(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_in_the_manifests_is_irrelevant(wanted: DesiredState, random: "object") -> None:
    import random as module

    assert isinstance(random, module.Random)
    shuffled = desired(
        *(
            each.model_copy(
                update={
                    "spec": each.spec.model_copy(
                        update={
                            "clients": tuple(random.sample(each.spec.clients, len(each.spec.clients))),
                            "authorized_partners": tuple(
                                random.sample(each.spec.authorized_partners, len(each.spec.authorized_partners))
                            ),
                        }
                    )
                }
            )
            for each in random.sample(wanted.organizations, len(wanted.organizations))
        ),
        realm=wanted.realm,
    )

    async def scenario() -> None:
        world = World()
        first = await world.plan(wanted)
        assert plan_json(first) == plan_json(await world.plan(shuffled))
        await world.settled(wanted)
        assert (await world.plan(shuffled)).is_empty

    asyncio.run(scenario())


@given(desired_states(), desired_states())
@settings(max_examples=25)
def test_the_same_input_gives_the_same_bytes(before: DesiredState, after: DesiredState) -> None:
    async def texts() -> tuple[str, str]:
        world = await World().settled(before)
        plan = await world.plan(after)
        return plan_json(plan), plan_text(plan)

    assert asyncio.run(texts()) == asyncio.run(texts())


@given(desired_states())
@settings(max_examples=25)
def test_an_empty_plan_writes_nothing(wanted: DesiredState) -> None:
    async def scenario() -> None:
        world = await World().settled(wanted)
        await world.apply(wanted)
        assert world.keycloak.traffic.writes == []

    asyncio.run(scenario())
