"""What happens to what no manifest declares any more, and to what another reconciler owns."""

from dataclasses import replace

import pytest

from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.change import Action, Verb
from reconciler.model.errors import GuardRefused
from reconciler.model.finding import Code, Severity
from reconciler.model.layout import OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.outcome import Status
from reconciler.model.plan import Plan
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.drift import drift_of
from reconciler.plan.guards import check_guards
from reconciler.review.inventory import inventory_of
from reconciler.review.plan_text import plan_text
from tests.builders import ACME, ACME_CLIENT, OWNER, a_client, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

BETA, BETA_CLIENT = Address.organization("beta"), Address.client("beta", "api-client-beta")
BOTH = desired(an_organization("acme"), an_organization("beta"), realm=a_realm())
ONE = desired(an_organization("acme"), realm=a_realm())


async def plan(
    world: World,
    wanted: DesiredState,
    *,
    soft_delete: bool = False,
    allow_delete: bool = False,
    allow_takeover: bool = False,
) -> Plan:
    context = replace(
        world.context(), soft_delete=soft_delete, allow_delete=allow_delete, allow_takeover=allow_takeover
    )
    return await workflow.plan(wanted, world.systems, context)


async def softly_deleted() -> World:
    world = await World().settled(BOTH)
    applied = await world.execute(await plan(world, ONE, soft_delete=True))
    assert applied.is_complete
    return world


async def test_a_manifest_that_is_gone_plans_a_delete() -> None:
    found = await (await World().settled(BOTH)).plan(ONE)
    assert [(c.address, c.action) for c in found.changes] == [(BETA_CLIENT, Action.DELETE), (BETA, Action.DELETE)]


async def test_with_soft_delete_it_plans_to_suspend_and_to_disable() -> None:
    found = await plan(await World().settled(BOTH), ONE, soft_delete=True)
    assert [(c.address, c.action) for c in found.changes] == [(BETA_CLIENT, Action.UPDATE), (BETA, Action.UPDATE)]
    assert [[field.path for field in change.field_changes] for change in found.changes] == [
        ["enabled", SOFT_DELETED_MARK],
        [SOFT_DELETED_MARK, "suspended"],
    ]
    assert not any(change.is_drift for change in found.changes)


@pytest.mark.parametrize("consent", [{}, {"soft_delete": True}, {"soft_delete": True, "allow_delete": True}])
async def test_after_a_soft_delete_the_plan_is_empty(consent: dict[str, bool]) -> None:
    found = await plan(await softly_deleted(), ONE, **consent)
    assert found.is_empty
    assert {BETA, BETA_CLIENT} <= {*found.unchanged}


async def test_what_is_retired_is_a_note_of_the_plan_and_listed_as_such() -> None:
    found = await plan(await softly_deleted(), ONE)

    assert verdict_of(found) is Verdict.IN_SYNC
    assert [(f.address, f.severity) for f in found.findings if f.code is Code.RETIRED] == [(BETA, Severity.INFO)]
    assert {item.address for item in inventory_of(found).items if item.note.startswith("retired")} == {
        BETA,
        BETA_CLIENT,
    }


async def test_after_a_soft_delete_allowing_deletes_plans_them() -> None:
    world = await softly_deleted()
    found = await plan(world, ONE, allow_delete=True)
    assert [(c.address, c.action) for c in found.changes] == [(BETA_CLIENT, Action.DELETE), (BETA, Action.DELETE)]
    assert (await world.execute(found)).is_complete
    assert (await plan(world, ONE)).is_empty


async def test_a_manifest_that_comes_back_revives_what_was_softly_deleted() -> None:
    world = await softly_deleted()
    found = await world.plan(BOTH)
    assert [(c.address, c.action) for c in found.changes] == [(BETA, Action.UPDATE), (BETA_CLIENT, Action.UPDATE)]
    assert verdict_of(drift_of(found)) is Verdict.IN_SYNC
    assert (await world.execute(found)).is_complete
    assert (await world.plan(BOTH)).is_empty


async def test_what_was_softly_deleted_and_enabled_by_hand_is_drift_and_is_suspended_again() -> None:
    world = await softly_deleted()
    beta = await world.keycloak.find_organization("beta")
    assert beta is not None
    await world.keycloak.update_organization(beta["id"], {**beta, "enabled": True})
    found = await world.plan(ONE)
    assert [(c.address, c.action, c.is_drift) for c in found.changes] == [(BETA, Action.UPDATE, True)]


async def test_a_client_that_is_gone_from_its_manifest_is_disabled_alone() -> None:
    two = an_organization("acme", clients=[a_client(), a_client("api-client-acme-crm")])
    world = await World().settled(desired(two, realm=a_realm()))
    found = await plan(world, ONE, soft_delete=True)
    assert [c.address.name for c in found.changes] == ["api-client-acme-crm"]


@pytest.mark.parametrize("consent", [{"allow_delete": True}, {"soft_delete": True}])
async def test_prevent_destroy_blocks_removal_and_lets_the_rest_go_on(consent: dict[str, bool]) -> None:
    kept = an_organization("beta", prevent_destroy=True)
    world = await World().settled(desired(an_organization("acme"), kept, realm=a_realm()))
    changed = desired(an_organization("acme", display_name="Acme 2"), realm=a_realm())
    found = await plan(world, changed, **consent)
    check_guards(found, allow_delete=False, force=False)
    applied = await world.execute(found)
    assert {str(o.change.address): o.status for o in applied.outcomes} == {
        str(ACME): Status.DONE,
        str(BETA): Status.SKIPPED,
        str(BETA_CLIENT): Status.SKIPPED,
    }
    assert any("lifecycle.preventDestroy" in outcome.detail for outcome in applied.outcomes)


async def test_the_guard_against_deletes_names_both_ways_out() -> None:
    found = await (await World().settled(BOTH)).plan(ONE)
    with pytest.raises(GuardRefused) as refused:
        check_guards(found, allow_delete=False, force=False)
    assert "--allow-delete" in refused.value.remedy
    assert "--soft-delete" in refused.value.remedy


async def test_the_guard_against_too_much_counts_soft_deletes_and_names_its_flag() -> None:
    many = [an_organization(f"org-{number}") for number in range(6)]
    world = await World().settled(desired(*many, realm=a_realm()))
    found = await plan(world, desired(*many[:3], realm=a_realm()), soft_delete=True)
    with pytest.raises(GuardRefused, match="6 of 13 resources, more than 30%") as refused:
        check_guards(found, allow_delete=False, force=False)
    assert "--force" in refused.value.remedy
    check_guards(found, allow_delete=False, force=True)


async def test_the_guard_does_not_count_what_is_blocked() -> None:
    many = [an_organization(f"org-{number}", prevent_destroy=True) for number in range(6)]
    world = await World().settled(desired(*many, realm=a_realm()))
    check_guards(await world.plan(desired(realm=a_realm())), allow_delete=False, force=False)


async def with_two_owners() -> tuple[World, World]:
    """Two reconcilers of one realm; the first owns the realm and acme, the second beta."""
    first = await World().settled(ONE)
    second = World(owner="other-team")
    second.keycloak, second.platform = first.keycloak, first.platform
    await second.settled(desired(an_organization("beta")))
    return first, second


async def test_two_owners_of_one_realm_do_not_meddle_with_each_other() -> None:
    first, second = await with_two_owners()
    for world, wanted, foreign, owner in (
        (first, ONE, (BETA, BETA_CLIENT), "other-team"),
        (second, desired(an_organization("beta")), (ACME, ACME_CLIENT), OWNER),
    ):
        found = await plan(world, wanted)
        assert found.is_empty
        assert verdict_of(drift_of(found)) is Verdict.IN_SYNC
        assert found.findings == ()
        assert found.owners == dict.fromkeys(foreign, owner)
        assert f"Managed by '{owner}', left alone (1 organization, 1 client)" in plan_text(found)


async def test_what_another_reconciler_owns_is_blocked_and_says_whose_it_is() -> None:
    first, _ = await with_two_owners()
    found = await first.plan(BOTH)
    assert {c.address for c in found.changes} == {BETA, BETA_CLIENT}
    assert all("'other-team'" in c.blocked and "--allow-takeover" in c.blocked for c in found.changes)


async def test_takeover_changes_the_owner_and_is_shown() -> None:
    first, second = await with_two_owners()
    found = await plan(first, BOTH, allow_takeover=True)
    assert [[(f.path, f.before, f.after) for f in c.field_changes] for c in found.changes] == [
        [(OWNER_MARK, "other-team", OWNER)],
        [(OWNER_MARK, "other-team", OWNER)],
    ]
    assert (await first.execute(found)).is_complete
    assert (await plan(first, BOTH)).is_empty
    assert {*(await plan(second, desired())).owners.values()} == {OWNER}


async def test_a_member_that_another_reconciler_manages_is_only_mentioned() -> None:
    first, _ = await with_two_owners()
    acme, user = await first.keycloak.find_organization("acme"), await account(first, "api-client-beta")
    assert acme is not None
    await first.keycloak.add_member(acme["id"], user)
    assert [(f.code, f.severity.value) for f in (await first.plan(ONE)).findings] == [("member-of-other-owner", "info")]


async def account(world: World, client_id: str) -> str:
    client = await world.keycloak.find_client(client_id)
    assert client is not None
    user = await world.keycloak.service_account(client["id"])
    assert user is not None
    return str(user["id"])


RENAMED = desired(
    an_organization("acme", clients=[a_client("api-client-new", previous=("api-client-acme",))]), realm=a_realm()
)


async def test_a_previous_id_renames_the_live_client_and_keeps_its_service_account() -> None:
    world = await World().settled(ONE)
    before = await account(world, "api-client-acme")
    found = await world.plan(RENAMED)
    assert [(str(c.address), c.action, c.renamed_from) for c in found.changes] == [
        ("client/acme/api-client-new", Action.UPDATE, "api-client-acme")
    ]
    assert [step.verb for step in found.changes[0].steps] == [Verb.UPDATE_CLIENT]
    assert verdict_of(drift_of(found)) is Verdict.IN_SYNC
    assert found.findings == ()
    applied = await world.execute(found)
    assert applied.is_complete, applied
    assert await account(world, "api-client-new") == before
    assert (await world.plan(RENAMED)).is_empty


async def test_a_renamed_client_takes_its_other_changes_along() -> None:
    world = await World().settled(ONE)
    client = a_client("api-client-new", previous=("api-client-acme",), description="ERP", lifespan=120)
    wanted = desired(an_organization("acme", clients=[client]), realm=a_realm())
    found = await world.plan(wanted)
    assert [f.path for f in found.changes[0].field_changes] == ["clientId", "accessTokenLifespan", "description"]
    assert (await world.execute(found)).is_complete
    assert (await world.plan(wanted)).is_empty


async def test_a_previous_id_without_our_mark_renames_nothing() -> None:
    world = World()
    other = World(owner="other-team")
    other.keycloak, other.platform = world.keycloak, world.platform
    await other.settled(ONE)
    found = await plan(world, RENAMED, allow_takeover=True)
    assert Action.CREATE in {c.action for c in found.changes if c.address.name == "api-client-new"}


async def test_where_both_ids_exist_the_previous_one_is_deleted() -> None:
    both = an_organization("acme", clients=[a_client(), a_client("api-client-new")])
    world = await World().settled(desired(both, realm=a_realm()))
    found = await world.plan(RENAMED)
    assert [(c.address.name, c.action) for c in found.changes if c.action is Action.DELETE] == [
        ("api-client-acme", Action.DELETE)
    ]
