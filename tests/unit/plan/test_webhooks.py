"""Webhooks on the fake platform: which endpoint is which, what is unknown, and what is never touched."""

import pytest

from reconciler.app import workflow
from reconciler.model.change import Action, Verb
from reconciler.model.finding import FieldStatus, Severity
from reconciler.model.manifest import DesiredState, RateLimitTier
from reconciler.model.plan import Plan
from reconciler.model.webhook import Webhook, WebhookStatus
from reconciler.plan.context import Context
from tests.builders import (
    ACME_CLIENT,
    ACME_WEBHOOK,
    OWNER,
    REALM,
    a_client,
    a_realm,
    a_webhook,
    an_organization,
    desired,
)
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

URL = a_webhook().url


def acme(*webhooks: Webhook, ignore_changes: tuple[str, ...] = ()) -> DesiredState:
    return desired(an_organization(webhooks=webhooks, ignore_changes=ignore_changes), realm=a_realm())


def actions(plan: Plan) -> dict[str, Action]:
    return {str(change.address): change.action for change in plan.changes}


async def by_hand(world: World, url: str = "https://elsewhere.example") -> str:
    body = {"url": url, "events": ["kyc.*"], "partnerIds": None, "status": "ACTIVE"}
    return (await world.platform.create_webhook("api-client-acme", body, f"by hand {url}")).id


async def test_a_changed_url_changes_the_same_endpoint() -> None:
    world = await World().settled(acme(a_webhook()))
    plan = await world.plan(acme(a_webhook(url="https://new.example/x")))
    assert actions(plan) == {str(ACME_WEBHOOK): Action.UPDATE}
    assert [step.verb for step in plan.changes[0].steps] == [Verb.UPDATE_WEBHOOK, Verb.MARK_WEBHOOK]


async def test_a_changed_name_keeps_the_endpoint() -> None:
    world = await World().settled(acme(a_webhook()))
    (before,) = await world.platform.webhooks("api-client-acme")
    after = acme(a_webhook("other", url=URL))
    await world.settled(after)
    assert await world.platform.webhooks("api-client-acme") == (before,)
    assert (await world.plan(after)).is_empty


async def test_an_endpoint_of_the_same_url_is_adopted() -> None:
    world = await World().settled(acme())
    await by_hand(world, URL)
    plan = await world.plan(acme(a_webhook()))
    assert actions(plan) == {str(ACME_WEBHOOK): Action.ADOPT}
    await world.settled(acme(a_webhook()))
    assert len(await world.platform.webhooks("api-client-acme")) == 1


async def test_an_endpoint_that_nothing_explains_is_left_alone_with_a_warning() -> None:
    world = await World().settled(acme(a_webhook()))
    unknown = await by_hand(world)
    plan = await world.plan(acme(a_webhook()))
    assert plan.is_empty
    assert [str(address) for address in plan.unmanaged] == [f"webhook/acme/{unknown}"]
    assert [(f.code, f.severity) for f in plan.findings] == [("webhook-undeclared", Severity.WARNING)]


async def test_webhooks_are_deleted_before_their_client_and_organization() -> None:
    world = await World().settled(acme(a_webhook()))
    plan = await world.plan(desired(realm=a_realm()))
    assert [str(change.address).partition("/")[0] for change in plan.changes] == ["webhook", "client", "organization"]
    assert plan.changes[1].depends_on == (ACME_WEBHOOK,)
    assert (await world.execute(plan)).is_complete
    assert world.platform.endpoints._endpoints == {}


async def test_a_webhook_that_is_deleted_and_declared_again_is_created_again() -> None:
    world = await World().settled(acme(a_webhook()))
    for _ in range(2):
        await world.settled(acme())
        await world.settled(acme(a_webhook()))
        assert len(await world.platform.webhooks("api-client-acme")) == 1


async def test_what_the_platform_paused_is_drift_unless_it_is_ignored() -> None:
    world = await World().settled(acme(a_webhook()))
    world.platform.endpoints.auto_pause(URL, "It failed.")
    plan = await world.plan(acme(a_webhook()))
    assert plan.changes[0].is_drift
    assert "It failed." in plan.findings[0].detail
    ignoring = acme(a_webhook(), ignore_changes=("spec.webhooks[*].status",))
    assert str(ACME_WEBHOOK) not in actions(await world.plan(ignoring))


async def test_without_a_dpa_webhooks_are_unknown_and_nothing_is_planned() -> None:
    waiting = desired(an_organization(dpa=None, webhooks=[a_webhook()]), realm=a_realm())
    world = await World().settled(waiting)
    plan = await world.plan(waiting)
    assert plan.is_empty
    found = [finding for finding in plan.findings if finding.address == ACME_WEBHOOK]
    assert [(f.code, f.severity, f.status) for f in found] == [
        ("dpa-not-accepted", Severity.WARNING, FieldStatus.UNKNOWN)
    ]
    # Once somebody has accepted, one apply does all of it.
    await world.settled(acme(a_webhook()))
    assert (await world.plan(acme(a_webhook()))).is_empty


async def test_without_the_platform_webhooks_are_not_planned() -> None:
    world = World(effective=False)
    assert str(ACME_WEBHOOK) not in actions(await world.plan(acme(a_webhook())))


async def test_organizations_without_webhooks_are_not_asked_for_any() -> None:
    world = await World().settled(acme())
    await world.plan(acme())
    assert world.keycloak.traffic.counts["webhooks"] == 0


async def test_a_webhook_is_paused_instead_of_deleted_softly() -> None:
    world = await World().settled(acme(a_webhook()))
    context = Context(REALM, OWNER, soft_delete=True)
    assert (await world.execute(await workflow.plan(acme(), world.systems, context))).is_complete
    assert [each.status for each in await world.platform.webhooks("api-client-acme")] == [WebhookStatus.PAUSED]
    assert (await world.plan(acme())).is_empty


async def test_the_webhooks_of_an_organization_that_is_suspended_softly_are_paused_before_it() -> None:
    world = await World().settled(acme(a_webhook()))
    context = Context(REALM, OWNER, soft_delete=True)
    plan = await workflow.plan(desired(realm=a_realm()), world.systems, context)
    kinds = [str(change.address).partition("/")[0] for change in plan.changes]
    assert kinds == ["webhook", "client", "organization"]
    assert [change.depends_on for change in plan.changes] == [(), (ACME_WEBHOOK,), (ACME_CLIENT, ACME_WEBHOOK)]
    assert (await world.execute(plan)).is_complete
    assert [each.status for each in world.platform.endpoints._endpoints.values()] == [WebhookStatus.PAUSED]
    assert (await workflow.plan(desired(realm=a_realm()), world.systems, context)).is_empty


async def test_endpoints_that_outlive_their_organization_are_told() -> None:
    world = await World().settled(acme(a_webhook()))
    world.platform.current_dpa = "2027-01"
    plan = await world.plan(desired(realm=a_realm()))
    assert [str(change.address).partition("/")[0] for change in plan.changes] == ["client", "organization"]
    (found,) = plan.findings
    assert (found.address, found.code, found.severity) == (ACME_WEBHOOK, "webhook-left-behind", Severity.WARNING)


async def test_a_webhook_that_goes_while_its_organization_changes_takes_its_mark_along() -> None:
    world = await World().settled(acme(a_webhook()))
    after = desired(an_organization(tier=RateLimitTier.ENTERPRISE), realm=a_realm())
    await world.settled(after)
    assert (await world.plan(after)).is_empty


async def test_a_saved_plan_that_renames_the_client_of_a_webhook_passes_its_preflight() -> None:
    world = await World().settled(acme(a_webhook()))
    renamed = a_client("api-client-acme-erp", previous=("api-client-acme",))
    after = desired(an_organization(clients=[renamed], webhooks=[a_webhook(events=("kyc.*",))]), realm=a_realm())
    plan = await world.plan(after)
    assert {str(change.address).partition("/")[0] for change in plan.changes} == {"webhook", "client"}
    assert await workflow.moved_since(plan, world.systems, 4) == ()
    assert (await world.execute(plan)).is_complete
    assert (await world.plan(after)).is_empty


async def test_a_saved_plan_that_enables_the_client_of_a_webhook_passes_its_preflight() -> None:
    clients = [a_client(), a_client("api-client-acme-crm", enabled=False)]
    world = await World().settled(desired(an_organization(clients=clients, webhooks=[a_webhook()]), realm=a_realm()))
    enabled = [a_client(), a_client("api-client-acme-crm")]
    webhook = a_webhook(client="api-client-acme-crm", events=("kyc.*",))
    plan = await world.plan(desired(an_organization(clients=enabled, webhooks=[webhook]), realm=a_realm()))
    assert await workflow.moved_since(plan, world.systems, 4) == ()
    assert (await world.execute(plan)).is_complete


async def test_the_named_client_manages_the_webhook() -> None:
    clients = [a_client(), a_client("api-client-acme-crm")]
    webhook = a_webhook(client="api-client-acme-crm")
    wanted = desired(an_organization(clients=clients, webhooks=[webhook]), realm=a_realm())
    plan = await World().plan(wanted)
    change = next(each for each in plan.changes if each.address == ACME_WEBHOOK)
    assert {step.body["client"] for step in change.steps} == {"api-client-acme-crm"}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", ["create_webhook", "update_organization"])
async def test_a_creation_that_is_cut_off_is_never_doubled(method: str, after: bool) -> None:
    world = await World().settled(acme())
    plan = await world.plan(acme(a_webhook()))
    world.keycloak.traffic.cut(method=method, after=after)
    await world.execute(plan)
    world.keycloak.traffic.forget()
    await world.settled(acme(a_webhook()))
    assert len(await world.platform.webhooks("api-client-acme")) == 1
    assert (await world.plan(acme(a_webhook()))).is_empty
