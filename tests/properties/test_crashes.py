"""An apply that breaks off anywhere loses nothing: the next one finishes it, and nothing is doubled."""

import asyncio
import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.manifest import DesiredState, RateLimitTier, SecretRotation
from reconciler.review.plan_text import plan_text
from tests.builders import a_client, a_partner, a_realm, a_webhook, an_organization, desired
from tests.fakes.store import Json
from tests.fakes.traffic import Killed
from tests.fakes.world import World
from tests.properties.strategies import desired_states

HOWS = ("killed", "cut once", "cut for good")
NOTHING = desired()
URL = a_webhook().url
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

BOTH_CLIENTS = (a_client(), a_client("api-client-acme-crm"))
WITH_WEBHOOKS = desired(
    an_organization(
        clients=BOTH_CLIENTS,
        webhooks=(
            a_webhook("changed"),
            a_webhook("named", url=f"{URL}/named"),
            a_webhook("gone", url=f"{URL}/gone", client="api-client-acme-crm"),
        ),
    ),
    an_organization("gone", webhooks=(a_webhook(url=f"{URL}/of-gone"),)),
    realm=a_realm(),
)
OTHER_WEBHOOKS = desired(
    an_organization(
        tier=RateLimitTier.ENTERPRISE,
        clients=(a_client("api-client-acme-erp", previous=("api-client-acme",)),),
        webhooks=(
            a_webhook("changed", events=("kyc.*",)),
            a_webhook("renamed", url=f"{URL}/named"),
            a_webhook("new", url=f"{URL}/new"),
        ),
    ),
    realm=a_realm(),
)
WAYS_OF_WEBHOOKS = {"created": (NOTHING, WITH_WEBHOOKS), "changed": (WITH_WEBHOOKS, OTHER_WEBHOOKS)}


def has_webhooks(*states: DesiredState) -> bool:
    return any(manifest.spec.webhooks for state in states for manifest in state.organizations)


async def started_from(before: DesiredState, after: DesiredState) -> World:
    world = World(effective=has_webhooks(before, after))
    return await world.settled(before) if before.organizations else world


def what_is_left(world: World) -> Json:
    """Return all that was ever asked for, with the endpoints of webhooks by their URLs, each of which is there once.

    Whatever broke off, the secret in the sink is the one that the endpoint was made with.
    """
    endpoints = {each.id: each for each in world.platform.endpoints._endpoints.values()}
    by_url = {each.url: [each.events, each.status] for each in endpoints.values()}
    assert len(by_url) == len(endpoints), "an endpoint is doubled"
    delivered = set(world.sink.kept.values())
    made = {each["id"] for each in world.platform.answered if each["secret"] in delivered}
    assert endpoints.keys() <= made, "nobody knows the secret of an endpoint"
    text = json.dumps(world.keycloak.dump(), default=str)
    for endpoint_id, each in endpoints.items():
        text = text.replace(endpoint_id, each.url)
    return {"keycloak": json.loads(text), "endpoints": by_url}


async def undisturbed(before: DesiredState, after: DesiredState) -> tuple[Json, int]:
    """Return what an apply without mishap leaves, and how many requests plan and apply take."""
    world = await started_from(before, after)
    plan = await world.plan(after)
    planning = world.keycloak.traffic.total
    await world.execute(plan)
    return what_is_left(world), world.keycloak.traffic.total - planning


async def resumed(before: DesiredState, after: DesiredState, nth: int, how: str, *, late: bool) -> Json:
    """Return what is left after an apply that broke off at its nth request, and another one."""
    world = await started_from(before, after)
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
    return what_is_left(world)


def tried(requests: int, how: str, stride: int, *, late: bool) -> range:
    """Return at which requests to break off: of the ways to do so, each request has its share."""
    return range(1 + (HOWS.index(how) + late) % stride, requests + 1, stride)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("way", WAYS)
def test_an_apply_that_breaks_off_at_any_request_is_finished_by_the_next(
    way: str, how: str, late: bool, sampled: Callable[[int], int]
) -> None:
    before, after = WAYS[way]
    expected, requests = asyncio.run(undisturbed(before, after))
    for nth in tried(requests, how, sampled(2), late=late):
        found = asyncio.run(resumed(before, after, nth, how, late=late))
        assert found == expected, f"at request {nth} of {requests}"


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("way", WAYS_OF_WEBHOOKS)
def test_webhooks_are_neither_doubled_nor_lost_wherever_an_apply_breaks_off(
    way: str, how: str, late: bool, sampled: Callable[[int], int]
) -> None:
    before, after = WAYS_OF_WEBHOOKS[way]
    expected, requests = asyncio.run(undisturbed(before, after))
    for nth in tried(requests, how, sampled(2), late=late):
        found = asyncio.run(resumed(before, after, nth, how, late=late))
        assert found == expected, f"at request {nth} of {requests}"


@given(st.data())
@settings(max_examples=40)
def test_any_apply_that_breaks_off_is_finished_by_the_next(data: st.DataObject) -> None:
    before, after = data.draw(desired_states()), data.draw(desired_states())
    expected, requests = asyncio.run(undisturbed(before, after))
    nth = data.draw(st.integers(1, max(requests, 1)))
    how = data.draw(st.sampled_from(HOWS))
    run = partial(resumed, before, after, nth, how)
    assert asyncio.run(run(late=data.draw(st.booleans()))) == expected
