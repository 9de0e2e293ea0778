"""An apply that breaks off anywhere loses nothing: the next one finishes it, and nothing is doubled."""

import asyncio
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.manifest import DesiredState, RateLimitTier, SecretRotation
from reconciler.review.plan_text import plan_text
from tests.builders import a_client, a_partner, a_realm, an_organization, desired
from tests.fakes.store import Json
from tests.fakes.traffic import Killed
from tests.fakes.world import World
from tests.properties.strategies import desired_states

NOTHING = desired()
ROTATION = SecretRotation(expiration=7_776_000, overlap=172_800)
BEFORE = desired(
    an_organization(clients=(a_client(), a_client("api-client-moving")), partners=(a_partner("A"),)),
    an_organization("beta"),
    an_organization("gone"),
    realm=a_realm(),
)
AFTER = desired(
    an_organization(partners=(a_partner("B"),), tier=RateLimitTier.ENTERPRISE),
    an_organization("beta", clients=(a_client("api-client-beta", lifespan=600), a_client("api-client-moving"))),
    an_organization("new"),
    realm=a_realm(lifespan=600, rotation=ROTATION),
)
WAYS = {"created": (NOTHING, BEFORE), "changed": (BEFORE, AFTER)}


async def started_from(before: DesiredState) -> World:
    world = World(effective=False)
    return await world.settled(before) if before.organizations else world


async def undisturbed(before: DesiredState, after: DesiredState) -> tuple[Json, int]:
    """Return what an apply without mishap leaves, and how many requests plan and apply take."""
    world = await started_from(before)
    plan = await world.plan(after)
    planning = world.keycloak.traffic.total
    await world.execute(plan)
    return world.keycloak.dump(), world.keycloak.traffic.total - planning


async def resumed(before: DesiredState, after: DesiredState, nth: int, how: str, *, late: bool) -> Json:
    """Return what is left after an apply that broke off at its nth request, and another one."""
    world = await started_from(before)
    plan = await world.plan(after)
    if how == "killed":
        world.keycloak.traffic.kill(nth=nth, after=late)
    else:
        world.keycloak.traffic.cut(nth=nth, after=late, times=1 if how == "cut once" else 1_000_000)
    try:
        await world.execute(plan)
    except Killed:
        await asyncio.sleep(0)
    world.keycloak.traffic.forget()
    await world.settled(after)
    left = await world.plan(after)
    assert left.is_empty, plan_text(left)
    return world.keycloak.dump()


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("how", ["killed", "cut once", "cut for good"])
@pytest.mark.parametrize("way", WAYS)
def test_an_apply_that_breaks_off_at_any_request_is_finished_by_the_next(way: str, how: str, late: bool) -> None:
    before, after = WAYS[way]
    expected, requests = asyncio.run(undisturbed(before, after))
    for nth in range(1, requests + 1):
        found = asyncio.run(resumed(before, after, nth, how, late=late))
        assert found == expected, f"at request {nth} of {requests}"


@given(st.data())
@settings(max_examples=40)
def test_any_apply_that_breaks_off_is_finished_by_the_next(data: st.DataObject) -> None:
    before, after = data.draw(desired_states()), data.draw(desired_states())
    expected, requests = asyncio.run(undisturbed(before, after))
    nth = data.draw(st.integers(1, max(requests, 1)))
    how = data.draw(st.sampled_from(["killed", "cut once", "cut for good"]))
    run = partial(resumed, before, after, nth, how)
    assert asyncio.run(run(late=data.draw(st.booleans()))) == expected
