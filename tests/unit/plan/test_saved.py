"""A saved plan is bound to what it was made for, and its own ``after`` says whether it took effect."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.errors import RequestFailed, StalePlan, WrongUsage
from reconciler.model.finding import FieldStatus
from reconciler.model.manifest import DesiredState, RateLimitTier
from reconciler.model.outcome import Verification
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.plan.saved import check_binding, check_version, clients_of, shows_effect
from tests.builders import (
    ACME,
    ACME_CLIENT,
    OWNER,
    REALM,
    a_change,
    a_client,
    a_plan,
    a_realm,
    an_organization,
    desired,
)
from tests.fakes.world import World
from tests.scenarios.situations import put_people

URL = "https://keycloak.example"
API = "https://api.example"
CONTEXT = Context(REALM, OWNER, keycloak_url=URL, api_url=API)
SAVED = replace(a_plan(), keycloak_url=URL, api_url=API)


def test_a_plan_fits_where_it_was_made() -> None:
    check_binding(SAVED, CONTEXT)


def test_a_plan_that_asked_no_platform_fits_any_and_one_that_did_fits_a_run_that_asks_none() -> None:
    check_binding(replace(SAVED, api_url=""), CONTEXT)
    check_binding(SAVED, replace(CONTEXT, api_url=""))


@pytest.mark.parametrize(
    ("other", "variable"),
    [
        ({"realm": "other"}, "NT24_REALM"),
        ({"owner": "other"}, "RECONCILER_OWNER"),
        ({"keycloak_url": "https://other.example"}, "KEYCLOAK_URL"),
        ({"api_url": "https://other.example"}, "NT24_API_URL"),
    ],
)
def test_a_plan_for_something_else_is_wrong_usage_and_says_which_setting(other: dict[str, Any], variable: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        check_binding(SAVED, replace(CONTEXT, **other))
    assert "other" in caught.value.message
    assert variable in caught.value.remedy


def test_a_plan_of_another_version_is_stale() -> None:
    with pytest.raises(StalePlan, match=r"made by reconciler 1\.0; this is 1\.1"):
        check_version("1.0", "1.1")


def test_the_effect_of_a_realm_alone_is_nobody_to_ask_for() -> None:
    assert not shows_effect(a_plan(a_change(Address.realm(REALM)), unchanged=(ACME, ACME_CLIENT)))
    assert shows_effect(a_plan(a_change(ACME), unchanged=(ACME_CLIENT,)))
    assert clients_of(a_plan(unchanged=(ACME_CLIENT,))) == {"api-client-acme": "acme"}


async def applied(world: World, wanted: DesiredState) -> Plan:
    plan = await world.plan(wanted)
    assert (await world.execute(plan)).is_complete
    world.platform.asked.clear()
    return plan


async def proof(world: World, plan: Plan, patience: float = 5.0) -> Verification:
    return await workflow.prove(plan, workflow.reread(plan, world.systems), world.systems, world.progress, patience)


def test_an_applied_plan_is_proven_by_keycloak_and_the_platform() -> None:
    async def scene() -> None:
        world = World()
        plan = await applied(world, desired(an_organization(), realm=a_realm()))
        assert (await proof(world, plan)).is_proven
        assert world.platform.asked == ["api-client-acme"]

    asyncio.run(scene())


def test_every_known_client_of_a_changed_organization_is_asked() -> None:
    async def scene() -> None:
        both = [a_client(), a_client("api-client-acme-2")]
        world = await World().settled(desired(an_organization(clients=both), realm=a_realm()))
        tier = an_organization(clients=both, tier=RateLimitTier.ENTERPRISE)
        plan = await applied(world, desired(tier, realm=a_realm()))
        assert (await proof(world, plan)).is_proven
        assert world.platform.asked == ["api-client-acme", "api-client-acme-2"]

    asyncio.run(scene())


def test_deletes_are_proven_by_what_is_gone() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(), realm=a_realm()))
        plan = await applied(world, desired(realm=a_realm()))
        assert (await proof(world, plan)).is_proven
        assert world.platform.asked == []

    asyncio.run(scene())


def test_what_was_not_deleted_is_left() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(), realm=a_realm()))
        plan = await world.plan(desired(realm=a_realm()))
        left = await proof(world, plan, patience=0)
        assert [str(change.address) for change in left.residual] == [str(c.address) for c in plan.changes]

    asyncio.run(scene())


def test_what_was_not_created_is_left() -> None:
    async def scene() -> None:
        world = await World().settled(desired(realm=a_realm()))
        plan = await world.plan(desired(an_organization(), realm=a_realm()))
        left = await proof(world, plan, patience=0)
        assert {str(change.address) for change in left.residual} == {str(ACME), str(ACME_CLIENT)}

    asyncio.run(scene())


def test_a_field_that_was_put_back_meanwhile_is_left_with_its_name() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(), realm=a_realm()))
        plan = await applied(world, desired(an_organization(display_name="Acme Motors"), realm=a_realm()))
        organization = world.keycloak.store.organization_named("acme")
        assert organization is not None
        organization["name"] = "Acme"
        left = await proof(world, plan)
        fields = [(f.path, f.before, f.after) for change in left.residual for f in change.field_changes]
        assert fields == [("displayName", "Acme", "Acme Motors")]

    asyncio.run(scene())


def test_a_membership_that_was_taken_away_is_left() -> None:
    async def scene() -> None:
        world = World()
        plan = await applied(world, desired(an_organization(), realm=a_realm()))
        world.keycloak.store.members.clear()
        left = await proof(world, plan, patience=0)
        assert [str(change.address) for change in left.residual] == [str(ACME_CLIENT)]

    asyncio.run(scene())


def test_what_people_do_in_an_organization_that_they_share_is_no_matter_of_the_proof() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(), realm=a_realm()))
        await put_people(world)
        plan = await applied(world, desired(an_organization(description="Another"), realm=a_realm()))
        assert (await proof(world, plan)).is_proven

    asyncio.run(scene())


def test_an_effect_that_lags_is_waited_for() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(), realm=a_realm()))
        world.platform.lag = 3.0
        await world.platform.me("api-client-acme")
        plan = await applied(world, desired(an_organization(tier=RateLimitTier.ENTERPRISE), realm=a_realm()))
        proven = await proof(world, plan)
        assert proven.is_proven
        assert proven.waited >= 3.0

    asyncio.run(scene())


def test_an_effect_that_stays_away_is_overridden() -> None:
    async def scene() -> None:
        world = World()
        world.platform.override = lambda answer: answer | {"name": "Something else"}
        plan = await applied(world, desired(an_organization(), realm=a_realm()))
        left = await proof(world, plan)
        assert [(f.code, f.status) for f in left.findings] == [("effective-differs", FieldStatus.OVERRIDDEN)]

    asyncio.run(scene())


def test_a_client_that_the_plan_disables_is_no_failure_when_it_gets_no_answer() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(), realm=a_realm()))
        off = an_organization(clients=[a_client(enabled=False)])
        assert (await proof(world, await applied(world, desired(off, realm=a_realm())))).is_proven

    asyncio.run(scene())


def test_an_organization_that_the_plan_suspends_is_no_failure_when_its_clients_are_refused() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(), realm=a_realm()))
        plan = await applied(world, desired(an_organization(suspended=True), realm=a_realm()))
        assert (await proof(world, plan)).is_proven
        assert world.platform.asked == ["api-client-acme"]

    asyncio.run(scene())


def test_what_cannot_be_read_again_is_not_proven() -> None:
    async def scene() -> None:
        world = World()
        plan = await applied(world, desired(an_organization(), realm=a_realm()))
        world.keycloak.traffic.fail(RequestFailed("403 Forbidden", status=403), method="members", times=10)
        left = await proof(world, plan, patience=0)
        assert "unverified" in {finding.code for finding in left.findings}

    asyncio.run(scene())


def test_what_is_blocked_was_not_written_and_is_not_looked_for() -> None:
    async def scene() -> None:
        world = await World().settled(desired(an_organization(prevent_destroy=True), realm=a_realm()))
        assert (await proof(world, await world.plan(desired(realm=a_realm())), patience=0)).is_proven

    asyncio.run(scene())
