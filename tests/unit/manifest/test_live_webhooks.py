"""Endpoints that are found on the platform, as webhooks of a manifest."""

import pytest

from reconciler.app.import_ import ImportRequest, import_
from reconciler.app.unattended import Unattended
from reconciler.manifest.from_live import Choice, Imported
from tests.builders import OWNER, REALM, a_realm, a_webhook, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ACME = desired(an_organization(webhooks=[a_webhook()]), realm=a_realm())


async def survey(world: World) -> Imported:
    return await import_(ImportRequest(Choice(OWNER, with_realm=True), REALM), world.systems, Unattended())


async def by_hand(world: World, url: str) -> str:
    body = {"url": url, "events": ["kyc.*"], "partnerIds": None, "status": "PAUSED"}
    return (await world.platform.create_webhook("api-client-acme", body, url)).id


async def test_what_is_ours_keeps_its_name_and_what_is_not_gets_one_from_its_url() -> None:
    world = await World().settled(ACME)
    await by_hand(world, "https://crm.example/nt24/Lead_Events")
    await by_hand(world, "https://other.example/compliance")
    found = (await survey(world)).desired
    names = [webhook.name for webhook in found.organizations[0].spec.webhooks]
    assert names == ["compliance", "compliance-2", "lead-events"]
    await world.settled(found)
    assert (await world.plan(found)).is_empty


async def test_an_endpoint_that_no_manifest_can_say_is_left_out_alone() -> None:
    world = await World().settled(ACME)
    unsayable = await by_hand(world, "https://user:pw@crm.example/leads")
    found = await survey(world)
    assert [str(each.address) for each in found.left_out] == [f"webhook/acme/{unsayable}"]
    assert "pw" not in found.left_out[0].reasons[0].removeprefix("Its url: ")[:40]
    assert [webhook.name for webhook in found.desired.organizations[0].spec.webhooks] == ["compliance"]
