"""No plan, however its writes fail, takes access from a client that shall keep it."""

import asyncio
import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest

from reconciler.app import workflow
from reconciler.model.errors import Conflict, RequestFailed, Unreachable
from reconciler.model.layout import ORGANIZATION_SCOPE
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from tests.fakes.store import Store
from tests.fakes.world import World
from tests.properties.changes_of_names import Case, a_case

PLANS = 2_000
PARTS = 20


def an_error(nth: int) -> Exception:
    """Return an error that a write may end with, a new one: each keeps the frames that it went through."""
    kinds = (
        RequestFailed("It was refused.", status=400),
        Conflict("It is in conflict.", status=409),
        RequestFailed("It broke.", status=500),
        Unreachable("Nobody answered."),
    )
    return kinds[nth % len(kinds)]


def with_access(store: Store) -> dict[str, str]:
    """Return the clients whose tokens name an organization, by their Keycloak ids: the clientIds."""
    found: dict[str, str] = {}
    for uuid, client in store.clients.items():
        user = store.users.get(store.accounts.get(uuid, ""))
        homes = [organization for organization, member in store.members if user and member == user["id"]]
        if (
            user
            and user["enabled"]
            and client["enabled"]
            and len(homes) == 1
            and store.organizations[homes[0]]["enabled"]
            and ORGANIZATION_SCOPE in client["defaultClientScopes"]
        ):
            found[uuid] = client["clientId"]
    return found


def keeping_access(case: Case) -> Iterator[set[str]]:
    """Yield the ids, old and new, of each client that shall keep its access.

    Not where its organization is suspended: what a manifest declares of it does not wait until the client has moved.
    """
    homes = {each.client_id: manifest.name for manifest in case.before.organizations for each in manifest.spec.clients}
    suspended = {manifest.name for manifest in case.after.organizations if manifest.spec.suspended}
    for manifest in case.after.organizations:
        for each in manifest.spec.clients:
            ids = {each.client_id, *each.previous_client_ids}
            if each.enabled and not {manifest.name, *(homes[name] for name in ids & homes.keys())} & suspended:
                yield ids


async def planned(world: World, wanted: DesiredState, *, soft: bool) -> Plan:
    context = replace(world.context(), soft_delete=soft, allow_delete=not soft)
    return await workflow.plan(wanted, world.systems, context)


async def check(case: Case, first: int, stride: int) -> None:
    """Make one plan of the case, and carry it out once per write that is tried, with this write failing."""
    world = await World(effective=False).settled(case.before)
    plan = await planned(world, case.after, soft=case.soft)
    kept = list(keeping_access(case))
    had = with_access(world.keycloak.store)
    must = {uuid: ids for uuid, name in had.items() for ids in kept if name in ids}
    start = pickle.dumps(world.keycloak.store)

    async def run(nth: int) -> World:
        again = World(effective=False)
        again.keycloak.store = pickle.loads(start)
        if nth:
            again.keycloak.traffic.refuse(an_error(nth), nth=nth, after=nth // 4 % 2 == 1)
        await again.execute(plan)
        return again

    undisturbed = await run(0)
    left = await planned(undisturbed, case.after, soft=case.soft)
    assert left.is_empty, [(str(change.address), change.blocked) for change in left.changes]
    writes = len(undisturbed.keycloak.traffic.writes)
    for nth in range(first, writes + 1, stride):
        store = (await run(nth)).keycloak.store
        now = with_access(store)
        lost = {uuid: ids for uuid, ids in must.items() if now.get(uuid) not in ids}
        assert not lost, f"without write {nth} of {writes}, {lost} have no access"


@pytest.mark.parametrize("part", range(PARTS))
def test_no_failing_write_leaves_a_client_without_the_access_that_it_shall_keep(
    part: int, sampled: Callable[[int], int]
) -> None:
    """Every second plan with every third of its writes, beginning with another one; all with --every-case."""
    stride = sampled(3)
    for number in range(0, PLANS // PARTS, sampled(2)):
        case = a_case(Random(part * PLANS + number))
        asyncio.run(check(case, 1 + number % stride, stride))
