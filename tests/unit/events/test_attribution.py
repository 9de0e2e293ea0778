"""Who changed a webhook: Keycloak's record knows of its mark alone, and says nothing of what the platform did."""

from dataclasses import replace

import pytest

from reconciler.events.attribution import actors_of, attributed
from reconciler.events.subjects import fetch_events, subjects_of
from reconciler.model.address import Address
from reconciler.model.attribution import EventRecord, EventSubject
from reconciler.model.change import Action
from reconciler.model.identity_provider import IdentityProvider
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


async def told(world: World, wanted: DesiredState, *own: str) -> Plan:
    """Plan, and say of everything who did it; ``own`` are the ids of reconcilers' logins."""
    plan = await world.plan(wanted)
    subjects, record = await recorded(world, wanted, plan)
    return attributed(plan, subjects, replace(record, own=frozenset(own)), {})


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


SSO = Address.identity_provider("acme", "acme.sso")


@pytest.mark.parametrize("address", [ACME_WEBHOOK, SSO], ids=str)
async def test_what_an_apply_of_ours_deleted_of_an_organization_is_said_to_be_its_own(address: Address) -> None:
    items = {"webhooks": [a_webhook()], "providers": [IdentityProvider(alias="acme.sso")]}
    wanted, without = (
        desired(an_organization(**found), realm=a_realm(admin_events=AdminEvents(details=True)))  # type: ignore[arg-type]
        for found in (items, {})
    )
    world = await World().settled(without)
    world.keycloak.by_hand.add_identity_provider("acme.sso")
    await world.settled(wanted)
    await world.settled(without)
    (change,) = (each for each in (await told(world, wanted, "admin-id")).changes if each.address == address)
    assert change.action is Action.CREATE
    assert change.attribution is not None
    assert (change.attribution.user, change.attribution.exact, change.attribution.own) == ("admin-id", True, True)


async def test_nobody_is_named_for_a_link_that_ended_and_whoever_took_a_webhook_s_mark_has_not_deleted_it() -> None:
    world = await World().settled(acme(details=True))
    world.keycloak.by_hand.add_identity_provider("acme.sso")
    organization = an_organization(webhooks=[a_webhook()], providers=[IdentityProvider(alias="acme.sso")])
    wanted = desired(organization, realm=a_realm(admin_events=AdminEvents(details=True)))
    await world.settled(wanted)
    (live,) = await world.keycloak.organizations()
    world.keycloak.store.acting = "eve-id"
    attributes = {key: values for key, values in live["attributes"].items() if key != WEBHOOKS_MARK}
    await world.keycloak.update_organization(live["id"], {**live, "attributes": attributes})
    await world.keycloak.unlink_identity_provider(live["id"], "acme.sso")
    world.platform.endpoints._endpoints.clear()
    plan = await told(world, wanted, "admin-id")
    who = {change.address: change.attribution and change.attribution.user for change in plan.changes}
    assert who == {ACME_WEBHOOK: None, SSO: None}
