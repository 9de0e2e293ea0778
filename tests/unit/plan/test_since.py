"""What of a plan is of this change of the manifests."""

import asyncio
from datetime import UTC, datetime

import click
import pytest

from reconciler.app import workflow
from reconciler.model import layout
from reconciler.model.address import Address
from reconciler.model.change import Change, FieldChange, Reason
from reconciler.model.expectations import NOTHING_EXPECTED, IgnoredField
from reconciler.model.manifest import Capabilities, DesiredState, RateLimitTier
from reconciler.model.origin import Base, Origin, Resolved
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskLevel
from reconciler.model.value import Value
from reconciler.plan.since import Before, since
from reconciler.review.plan_text import plan_text
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
from tests.scenarios.situations import UNSHARED, put_attributes, put_people

BASE = Base("main", "1" * 40)
BETA = Address.organization("beta")


def compared(applied: DesiredState, base: DesiredState, head: DesiredState, **attributes: str) -> Plan:
    """Return the plan for ``head`` beside that for ``base``, where somebody changed attributes since the last apply."""

    async def run() -> Plan:
        world = await World().settled(applied)
        if attributes:
            await put_attributes(world, {key: [value] for key, value in attributes.items()})
        snapshot_plan = await world.plan(head)
        return since(snapshot_plan, head, await world.plan(base), Before(base, BASE))

    return asyncio.run(run())


def one(plan: Plan, address: Address) -> Change:
    return next(change for change in plan.changes if change.address == address)


def origins(change: Change) -> dict[str, Origin | None]:
    return {field.path: field.origin for field in change.field_changes}


def acme(tier: RateLimitTier = RateLimitTier.STANDARD, name: str = "Acme") -> DesiredState:
    return desired(an_organization(display_name=name, capabilities=Capabilities(rate_limit_tier=tier)), realm=a_realm())


TIER = "capabilities.rateLimitTier"


def test_what_only_the_manifests_change_is_of_this_change() -> None:
    plan = compared(acme(), acme(), acme(RateLimitTier.HIGH_VOLUME))
    change = one(plan, ACME)
    assert (change.origin, origins(change)) == (Origin.THIS_CHANGE, {TIER: Origin.THIS_CHANGE})


def test_what_differs_for_the_base_too_was_there_before() -> None:
    plan = compared(acme(), acme(), acme(), **{layout.RATE_LIMIT_TIER: "ENTERPRISE"})
    assert (one(plan, ACME).origin, origins(one(plan, ACME))) == (Origin.DRIFT_BEFORE, {TIER: Origin.DRIFT_BEFORE})


def test_what_was_merged_and_not_applied_was_there_before() -> None:
    plan = compared(acme(), acme(RateLimitTier.HIGH_VOLUME), acme(RateLimitTier.HIGH_VOLUME))
    assert one(plan, ACME).origin is Origin.DRIFT_BEFORE


def test_a_field_that_drifted_and_is_changed_is_both_and_says_what_the_base_says() -> None:
    plan = compared(acme(), acme(), acme(RateLimitTier.HIGH_VOLUME), **{layout.RATE_LIMIT_TIER: "ENTERPRISE"})
    [field] = one(plan, ACME).field_changes
    assert (field.origin, field.before, field.at_base, field.after) == (
        Origin.BOTH,
        "ENTERPRISE",
        "STANDARD",
        "HIGH_VOLUME",
    )


def test_a_resource_with_fields_of_both_says_so() -> None:
    plan = compared(acme(), acme(), acme(name="Acme Motors"), **{layout.RATE_LIMIT_TIER: "ENTERPRISE"})
    change = one(plan, ACME)
    assert change.origin is Origin.BOTH
    assert origins(change) == {TIER: Origin.DRIFT_BEFORE, "displayName": Origin.THIS_CHANGE}


def test_drift_that_the_manifests_take_over_is_settled() -> None:
    plan = compared(acme(), acme(), acme(RateLimitTier.ENTERPRISE), **{layout.RATE_LIMIT_TIER: "ENTERPRISE"})
    assert plan.base is not None
    assert Resolved(ACME, TIER) in plan.base.resolved


def test_a_manifest_that_is_taken_away_deletes_by_this_change() -> None:
    both = desired(an_organization(), an_organization("beta"), realm=a_realm())
    plan = compared(both, both, desired(an_organization(), realm=a_realm()))
    assert {change.address: change.origin for change in plan.changes} == {
        BETA: Origin.THIS_CHANGE,
        Address.client("beta", "api-client-beta"): Origin.THIS_CHANGE,
    }


def test_a_deletion_that_was_due_before_is_not_of_this_change() -> None:
    one_left = desired(an_organization(), realm=a_realm())
    plan = compared(desired(an_organization(), an_organization("beta"), realm=a_realm()), one_left, one_left)
    assert {change.origin for change in plan.changes} == {Origin.DRIFT_BEFORE}


def test_a_deletion_that_this_change_takes_back_is_settled() -> None:
    both = desired(an_organization(), an_organization("beta"), realm=a_realm())
    plan = compared(both, desired(an_organization(), realm=a_realm()), both)
    assert plan.is_empty
    assert plan.base is not None
    assert Resolved(BETA) in plan.base.resolved


def test_what_is_new_is_of_this_change_and_so_is_a_renamed_client() -> None:
    base = desired(an_organization(), realm=a_realm())
    renamed = a_client("api-client-acme-erp", previous=("api-client-acme",))
    head = desired(an_organization(clients=(renamed,)), an_organization("beta"), realm=a_realm())
    plan = compared(base, base, head)
    assert {change.origin for change in plan.changes} == {Origin.THIS_CHANGE}
    assert one(plan, Address.client("acme", "api-client-acme-erp")).renamed_from == "api-client-acme"


def test_a_creation_that_was_due_before_and_is_changed_is_both() -> None:
    realm = desired(realm=a_realm())
    plan = compared(realm, acme(), acme(RateLimitTier.HIGH_VOLUME))
    change = one(plan, ACME)
    assert (change.origin, origins(change)[TIER], origins(change)["displayName"]) == (
        Origin.BOTH,
        Origin.BOTH,
        Origin.DRIFT_BEFORE,
    )
    assert one(plan, ACME_CLIENT).origin is Origin.DRIFT_BEFORE


@pytest.mark.parametrize(
    ("base", "is_known"),
    [(Base("main", "1" * 40, unknown=(ACME,)), True), (Base("main", "1" * 40), False)],
)
def test_what_is_invalid_at_the_base_has_no_origin(base: Base, is_known: bool) -> None:
    async def run() -> Plan:
        world = await World().settled(desired(realm=a_realm()))
        before = Before(desired(realm=a_realm()), base, absent_is_known=is_known)
        return since(await world.plan(acme()), acme(), await world.plan(before.desired), before)

    assert {change.origin for change in asyncio.run(run()).changes} == {None}


def test_an_object_that_is_taken_out_whole_is_not_of_this_change_where_the_base_alters_it() -> None:
    def plan(path: str, before: Value, after: Value) -> Plan:
        field = FieldChange(path, before, after, Reason.KEYCLOAK_CHANGED)
        return a_plan(a_change(ACME, field_changes=(field,)))

    before = Before(desired(), BASE)
    found = since(plan("keycloak.mapper", {"a": "1"}, None), desired(), plan("keycloak.mapper.a", "1", "2"), before)
    assert origins(one(found, ACME)) == {"keycloak.mapper": Origin.BOTH}


def test_the_realm_says_where_its_changes_come_from() -> None:
    plan = compared(desired(realm=a_realm()), desired(realm=a_realm()), desired(realm=a_realm(lifespan=120)))
    assert one(plan, Address.realm(REALM)).origin is Origin.THIS_CHANGE


@pytest.mark.anyio
async def test_what_other_settings_lead_to_is_of_this_change() -> None:
    """Somebody who stops sharing organizations with people removes them, though no manifest differs."""
    world = await World().settled(acme())
    await put_people(world)
    world.expected = UNSHARED
    origins_by_base = []
    for expected in (NOTHING_EXPECTED, UNSHARED):
        before = Before(acme(), BASE, expected=expected)
        plan = await workflow.plan(acme(), world.systems, world.context(), before)
        origins_by_base.append(set(origins(one(plan, ACME)).values()))
    assert origins_by_base == [{Origin.THIS_CHANGE}, {Origin.DRIFT_BEFORE}]


@pytest.mark.anyio
async def test_what_another_owner_s_name_leads_to_is_of_this_change() -> None:
    """Whoever takes the name of another reconciler deletes what that one has, and no manifest of ours declares."""
    world = await World(owner="others").settled(desired(an_organization("beta"), realm=a_realm()))
    origins_by_base = []
    for owner in (OWNER, ""):
        before = Before(desired(realm=a_realm()), BASE, owner=owner)
        plan = await workflow.plan(desired(realm=a_realm()), world.systems, world.context(), before)
        origins_by_base.append(one(plan, BETA).origin)
    assert origins_by_base == [Origin.THIS_CHANGE, Origin.DRIFT_BEFORE]


def ignoring(*paths: str, year: int = 2027) -> DesiredState:
    until = datetime(year, 3, 31, tzinfo=UTC)
    entries = tuple(IgnoredField(path=path, reason="26.8 adds it", until=until) for path in paths)
    return desired(an_organization(ignore_changes=entries), realm=a_realm())


NEW, OTHER = "keycloak.attributes.brand.new", "keycloak.attributes.other"


def test_a_manifest_that_ignores_more_of_keycloak_is_of_high_risk_though_nothing_differs() -> None:
    plan = compared(ignoring(NEW), ignoring(NEW), ignoring(NEW, OTHER))
    assert plan.base is not None
    (setting,) = plan.base.settings
    assert setting.path == f"organization/acme.lifecycle.ignoreChanges.{OTHER}"
    assert (setting.before, setting.risk.level, setting.risk.code) == (None, RiskLevel.HIGH, "fields-ignored")
    text = click.unstyle(plan_text(plan))
    assert "Settings, and ignored fields of Keycloak, changed here" in text
    assert "Risk: 1 high" in text


def test_a_manifest_that_ignores_a_field_for_longer_is_of_high_risk_and_one_that_ignores_less_is_not() -> None:
    longer = compared(ignoring(NEW), ignoring(NEW), ignoring(NEW, year=2028))
    less = compared(ignoring(NEW, OTHER), ignoring(NEW, OTHER), ignoring(NEW))
    assert longer.base is not None
    assert less.base is not None
    assert [each.risk.code for each in longer.base.settings] == ["fields-ignored"]
    assert less.base.settings == ()
