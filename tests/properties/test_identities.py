"""No plan, however its writes fail, leaves a client in an organization that has become another company."""

import asyncio
import pickle
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from reconciler.app import workflow
from reconciler.model.errors import RequestFailed
from reconciler.model.layout import UUID
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from tests.builders import a_client, a_realm, a_uuid, an_organization, desired
from tests.fakes.store import Store
from tests.fakes.world import World

ALIASES = ("alfa", "bravo", "carla", "delta")
COMPANIES = ("Acme", "Bolt", "Coop")
PARTS, CASES = 4, 20


@dataclass
class Watched:
    """A world in which every state that a request finds is looked at."""

    world: World
    allowed: dict[str, set[str]]
    """The UUIDs that each client may act for."""
    seen: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        strike = self.world.keycloak.traffic.strike

        def looking(*arguments: Any) -> Any:
            self.look(self.world.keycloak.store)
            return strike(*arguments)

        self.world.keycloak.traffic.strike = looking  # type: ignore[assignment,method-assign]

    def look(self, store: Store) -> None:
        users = {user: uuid for uuid, user in store.accounts.items()}
        for organization, user in store.members:
            client = store.clients[users[user]]
            company = store.organizations[organization]["attributes"][UUID][0]
            # One that is disabled, as what is deleted softly is, gets no tokens.
            if client["enabled"] and company not in self.allowed[client["clientId"]]:
                self.seen.add((client["clientId"], company))


def manifests(homes: dict[str, str], clients: dict[str, str]) -> DesiredState:
    """Return the organizations, by alias the company that each is; ``clients`` are by id the company of each."""
    organizations = (
        an_organization(
            alias,
            display_name=company,
            company=company,
            clients=[a_client(each) for each, of in clients.items() if of == company],
        )
        for alias, company in homes.items()
    )
    return desired(*organizations, realm=a_realm())


async def check(random: Random) -> None:
    companies = random.sample(COMPANIES, random.randint(1, 3))
    clients = {f"api-client-{number}": random.choice(companies) for number in range(random.randint(1, 3))}
    kept = {each: company for each, company in clients.items() if random.random() < 0.8}
    before = manifests(dict(zip(random.sample(ALIASES, len(companies)), companies, strict=True)), clients)
    after = manifests(dict(zip(random.sample(ALIASES, len(companies)), companies, strict=True)), kept)
    world, soft = await World(effective=False).settled(before), random.random() < 0.3
    plan = await workflow.plan(after, world.systems, replace(world.context(), soft_delete=soft))
    start = pickle.dumps(world.keycloak.store)
    allowed = {each: {str(a_uuid(company))} for each, company in clients.items()}

    async def run(plan: Plan, nth: int) -> World:
        again = World(effective=False)
        again.keycloak.store = pickle.loads(start)
        watched = Watched(again, allowed)
        if nth:
            again.keycloak.traffic.refuse(RequestFailed("It broke.", status=500), nth=nth, after=nth % 2 == 1)
        await again.execute(plan)
        watched.look(again.keycloak.store)
        assert not watched.seen, f"without write {nth}: {watched.seen}"
        return again

    undisturbed = await run(plan, 0)
    if not any(change.blocked for change in plan.changes):
        left = await workflow.plan(after, undisturbed.systems, replace(undisturbed.context(), soft_delete=soft))
        assert left.is_empty
    for nth in range(1, len(undisturbed.keycloak.traffic.writes) + 1):
        await run(plan, nth)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_failing_write_lets_a_client_act_for_another_company(part: int) -> None:
    for number in range(CASES):
        asyncio.run(check(Random(part * CASES + number)))


async def exchanged() -> Plan:
    clients = {"api-client-1": "Acme", "api-client-2": "Bolt"}
    world = await World(effective=False).settled(manifests({"alfa": "Acme", "bravo": "Bolt"}, clients))
    return await world.plan(manifests({"alfa": "Bolt", "bravo": "Acme"}, clients))


def test_organizations_that_become_each_other_are_blocked_with_their_clients() -> None:
    plan = asyncio.run(exchanged())
    assert {
        str(change.address): change.blocked.partition(" before")[0].partition(",")[0] for change in plan.changes
    } == {
        "organization/alfa": "organization/alfa and organization/bravo would get another organizationUuid",
        "organization/bravo": "organization/alfa and organization/bravo would get another organizationUuid",
        "client/alfa/api-client-2": "it waits for organization/alfa",
        "client/bravo/api-client-1": "it waits for organization/bravo",
    }
