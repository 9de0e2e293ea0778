"""Who changed a webhook: Keycloak's record knows of its mark alone, and says nothing of what the platform did."""

import pytest

from reconciler.events.attribution import actors_of, attributed
from reconciler.events.subjects import fetch_events, subjects_of
from reconciler.model.address import Address
from reconciler.model.attribution import EventRecord, EventSubject
from reconciler.model.change import Action
from reconciler.model.layout import WEBHOOKS_MARK
from reconciler.model.manifest import AdminEvents, DesiredState
from reconciler.model.plan import Plan
from tests.builders import ACME_WEBHOOK, a_realm, a_webhook, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio


def acme(*, details: bool) -> DesiredState:
    return desired(an_organization(webhooks=[a_webhook()]), realm=a_realm(admin_events=AdminEvents(details=details)))


async def recorded(world: World, wanted: DesiredState, plan: Plan) -> tuple[dict[Address, EventSubject], EventRecord]:
    """Return whom the plan is about, and what Keycloak has recorded of them."""
    subjects = subjects_of(await world.observe(wanted), None, (change.address for change in plan.changes))
    answer = await fetch_events(world.keycloak, subjects)
    assert answer.is_whole
    return subjects, EventRecord(answer.events)


async def told(world: World, wanted: DesiredState) -> Plan:
    """Plan, and say of everything who did it."""
    plan = await world.plan(wanted)
    return attributed(plan, *await recorded(world, wanted, plan), {})


async def test_nobody_is_named_for_what_the_platform_did() -> None:
    wanted = acme(details=False)
    world = await World().settled(wanted)
    await world.keycloak.update_realm({"displayName": "Somebody else's"})
    world.platform.endpoints.auto_pause(a_webhook().url, "It failed.")
    plan = await told(world, wanted)
    (change,) = plan.changes
    assert change.address == ACME_WEBHOOK
    assert [field.attribution for field in change.field_changes] == [None]
    subjects, record = await recorded(world, wanted, plan)
    assert record.events
    assert actors_of(plan, subjects, record) == (frozenset(), frozenset())


async def test_whoever_took_the_mark_of_a_webhook_is_named() -> None:
    wanted = acme(details=True)
    world = await World().settled(wanted)
    (organization,) = await world.keycloak.organizations()
    marked = dict(organization["attributes"])
    unmarked = {key: values for key, values in marked.items() if key != WEBHOOKS_MARK}
    await world.keycloak.update_organization(organization["id"], {**organization, "attributes": marked})
    world.keycloak.store.acting = "eve-id"
    await world.keycloak.update_organization(organization["id"], {**organization, "attributes": unmarked})
    world.keycloak.store.acting = "admin-id"
    await world.keycloak.update_organization(organization["id"], {**organization, "attributes": unmarked})
    (change,) = (await told(world, wanted)).changes
    assert (change.address, change.action) == (ACME_WEBHOOK, Action.ADOPT)
    assert change.attribution is not None
    assert (change.attribution.user, change.attribution.exact) == ("eve-id", True)


async def test_nobody_is_named_for_an_endpoint_that_is_gone_from_the_platform() -> None:
    wanted = acme(details=True)
    world = await World().settled(wanted)
    world.platform.endpoints._endpoints.clear()
    (change,) = (await told(world, wanted)).changes
    assert (change.address, change.action, change.attribution) == (ACME_WEBHOOK, Action.CREATE, None)
