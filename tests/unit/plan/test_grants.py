"""Grants that end: what a plan makes of them before and after their end, by the clock of the server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.app import workflow
from reconciler.kinds.grants import grants_of, in_force
from reconciler.model.change import Action, Reason
from reconciler.model.errors import PolicyRefused, StalePlan
from reconciler.model.finding import Code
from reconciler.model.grant import Grant, is_taken_back
from reconciler.model.lifecycle import Lifecycle
from reconciler.model.manifest import Capabilities, DesiredState, Partner, TimedFlag
from reconciler.model.plan import Plan
from reconciler.model.policy import Condition, PlacedPolicy, Policy, PolicyEffect
from reconciler.model.risk import RiskLevel
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.declared_diff import declared_changes
from reconciler.plan.drift import drift_of
from reconciler.plan.guards import check_guards
from reconciler.plan.policy import check_policies, evaluated
from reconciler.plan.saved import check_ends
from reconciler.plan.settings_changes import changed_ends
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text
from tests.builders import ACME, OWNER, REALM, a_partner, a_realm, a_uuid, an_organization, desired
from tests.fakes.runtime import START
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
END = START + 10 * DAY
PARTNERS = "authorizedPartners"
FLAG = "capabilities.allowContactPersonalData"
PILOT = TimedFlag(value=True, until=END, reason="pilot")
STAYS, GOES = a_partner("Autohaus Nord"), Partner(uuid=a_uuid("Garage"), name="Garage", until=END)
ENDS = desired(
    an_organization("acme", partners=[STAYS, GOES], capabilities=Capabilities(allow_contact_personal_data=PILOT)),
    an_organization("beta"),
    realm=a_realm(),
)


def fields_of(plan: Plan) -> dict[str, tuple[object, object]]:
    return {
        f"{change.address} {field.path}": (field.before, field.after)
        for change in plan.changes
        for field in change.field_changes
        if not field.path.startswith("reconciler/")
    }


def codes(plan: Plan) -> set[Code]:
    return {finding.code for finding in plan.findings} & {Code.GRANT_ENDS, Code.GRANT_ENDED, Code.POLICY_NOT_HELD}


async def later(days: int, wanted: DesiredState = ENDS) -> World:
    """Return a world in which everything was applied, some days afterwards."""
    world = await World().settled(wanted)
    world.clock.passed += days * DAY.total_seconds()
    return world


def live(world: World, alias: str) -> dict[str, list[str]]:
    """Return the attributes of an organization in Keycloak."""
    organization = world.keycloak.store.organization_named(alias)
    assert organization is not None
    found: dict[str, list[str]] = organization["attributes"]
    return found


TAKEN_BACK = {
    f"organization/acme {FLAG}": (True, False),
    "organization/acme authorizedPartners": (
        tuple(sorted([str(STAYS.uuid), str(GOES.uuid)])),
        (str(STAYS.uuid),),
    ),
}


async def test_until_its_end_a_grant_is_like_any_other_and_warned_of_in_its_last_month() -> None:
    found = await (await later(9)).plan(ENDS)

    assert (verdict_of(found), codes(found)) == (Verdict.IN_SYNC, {Code.GRANT_ENDS})
    text = plan_text(found)
    assert f"{FLAG} is granted until 2026-03-11 12:00 UTC, 1 day from now (pilot)." in text
    assert f"The partner Garage {GOES.uuid} is granted until 2026-03-11 12:00 UTC, 1 day from now." in text


async def test_from_its_end_on_the_manifest_means_that_it_is_not_granted() -> None:
    world = await later(10)

    found = await world.plan(ENDS)

    assert fields_of(found) == TAKEN_BACK
    assert {field.reason for change in found.changes for field in change.field_changes} == {Reason.MANIFEST_CHANGED}
    assert not drift_of(found).changes, "nobody changed it in Keycloak"
    assert codes(found) == {Code.GRANT_ENDED}
    assert (await world.execute(found)).is_complete
    assert not (await world.plan(ENDS)).changes


async def test_what_has_ended_is_not_granted_to_a_new_organization() -> None:
    world = World()
    world.clock.passed = 10 * DAY.total_seconds()

    await world.settled(ENDS)

    attributes = live(world, "acme")
    assert attributes["authorizedPartners"] == [str(STAYS.uuid)]
    assert attributes["allowContactPersonalData"] == ["false"]


async def test_a_saved_plan_does_not_grant_beyond_the_end() -> None:
    world = World()
    found = await world.plan(ENDS)

    assert found.ended_since(END - DAY) == ()
    assert {grant.path for grant in found.ended_since(END)} == {"authorizedPartners", FLAG}
    others = replace(found, changes=tuple(each for each in found.changes if each.address.alias == "beta"))
    assert others.ended_since(END) == (), "it writes nothing of what ends"
    described = desired(an_organization("acme", description="new", partners=[STAYS, GOES]), realm=a_realm())
    assert (await (await later(0)).plan(described)).ended_since(END) == (), "it grants nothing that was not there"


async def test_expired_takes_back_and_does_nothing_else() -> None:
    """Whatever else differs, in the same field, in the same organization or elsewhere, stays as it is."""
    world = await later(10)
    by_hand = str(a_uuid("by hand"))
    live(world, "acme")["authorizedPartners"].append(by_hand)
    live(world, "acme")["rateLimitTier"] = ["ENTERPRISE"]
    live(world, "beta")["rateLimitTier"] = ["ENTERPRISE"]
    wanted = ENDS.model_copy(
        update={"organizations": (*ENDS.organizations, an_organization("gamma"))},
    )
    context = replace(world.context(), expired=True)

    found = await workflow.plan(wanted, world.systems, context)
    applied = await world.execute(found)

    assert applied.is_complete
    partners = tuple(sorted([str(STAYS.uuid), str(GOES.uuid), by_hand]))
    assert fields_of(found) == {
        f"organization/acme {FLAG}": (True, False),
        "organization/acme authorizedPartners": (
            partners,
            tuple(each for each in partners if each != str(GOES.uuid)),
        ),
    }
    assert verdict_of(found) is Verdict.CHANGES
    again = await workflow.plan(wanted, world.systems, context)
    assert not again.changes
    assert verdict_of(again) is Verdict.CHANGES, "a plan that leaves something out claims nothing of the whole"
    rest = await world.plan(wanted)
    assert {change.address.alias: change.action for change in rest.changes if change.address.names[0] != "gamma"} == {
        "acme": Action.UPDATE,
        "beta": Action.UPDATE,
    }
    by_path = {f.path: f.reason for change in rest.changes if change.address == ACME for f in change.field_changes}
    assert by_path["authorizedPartners"] is not Reason.MANIFEST_CHANGED
    assert (await world.execute(rest)).is_complete
    assert not (await world.plan(wanted)).changes


async def test_policies_report_the_end_of_a_grant_and_do_not_hold_it_back() -> None:
    world = await later(10)
    rules = [
        PlacedPolicy(Policy(name=name, when=when, then=PolicyEffect.DENY, message="No."), "reconciler.yaml:1")
        for name, when in (
            ("partners", Condition(path=("authorizedPartners",))),
            ("all", Condition(action=(Action.UPDATE,))),
        )
    ]

    context = replace(world.context(), expired=True)

    found = evaluated(await workflow.plan(ENDS, world.systems, context), rules, "")
    check_policies(found, "", (), "")
    check_guards(found, allow_delete=False, force=False)

    assert Code.POLICY_NOT_HELD in codes(found)
    assert evaluated(found, rules, "") == found
    # The end may have come with the change that is reviewed; and a file may say anything of its grants.
    for held in (await world.plan(ENDS), parse_plan(plan_json(found), "x").plan):
        with pytest.raises(PolicyRefused):
            check_policies(evaluated(held, rules, ""), "", (), "")


async def test_expired_leaves_alone_what_is_ignored_and_what_the_platform_decides() -> None:
    ignoring = ENDS.organizations[0].model_copy(
        update={"lifecycle": Lifecycle(ignore_changes=("spec.authorizedPartners",))}
    )
    wanted = desired(ignoring, ENDS.organizations[1], realm=a_realm())
    world = await later(10, wanted)
    context = replace(world.context(), expired=True)

    assert set(fields_of(await workflow.plan(wanted, world.systems, context))) == {f"organization/acme {FLAG}"}
    decided = replace(context, expected=replace(world.expected, platform_fields=("authorizedPartners", FLAG)))
    assert fields_of(await workflow.plan(ENDS, world.systems, decided)) == {}


async def test_a_plan_for_ends_claims_nothing_of_the_rest() -> None:
    world = await later(0)
    found = await workflow.plan(ENDS, world.systems, replace(world.context(), expired=True))
    assert "Nothing else was compared (--expired)." in plan_text(found)
    assert "match" not in plan_text(found)


async def test_what_ends_while_somebody_is_asked_is_not_granted() -> None:
    world = World()
    found = await world.plan(ENDS)
    check_ends(found, END - DAY)
    with pytest.raises(StalePlan, match="which ended 2026-03-11T12:00:00Z, and 1 more grant"):
        check_ends(found, END)


@pytest.mark.parametrize(
    ("until", "level"), [(END + DAY, RiskLevel.HIGH), (None, RiskLevel.HIGH), (END - DAY, RiskLevel.LOW)]
)
def test_another_end_is_a_difference_of_manifests_with_its_own_risk(until: datetime | None, level: RiskLevel) -> None:
    before = an_organization("acme", partners=[GOES])
    after = an_organization("acme", partners=[GOES.model_copy(update={"until": until})])

    (change,) = declared_changes(desired(before), desired(after), REALM, OWNER)
    (setting,) = changed_ends(desired(before), desired(after), ())

    path = f"until.authorizedPartners[{GOES.uuid}]"
    assert [(field.path, field.risk.level) for field in change.field_changes] == [(path, level)]
    assert (setting.path, setting.risk.level) == (f"organization/acme.{path}", RiskLevel.HIGH)


async def test_a_plan_document_holds_what_ends() -> None:
    found = await (await later(0)).plan(ENDS)
    assert parse_plan(plan_json(found), "x").plan.grants == found.grants != ()


@given(st.integers(-3, 3), st.integers(-3, 3))
def test_a_grant_holds_until_its_end_exclusively(partner: int, flag: int) -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    manifest = an_organization(
        "acme",
        partners=[Partner(uuid=a_uuid("x"), until=moment + partner * DAY)],
        capabilities=Capabilities(
            allow_multi_vin_orders=TimedFlag(value=True, until=moment + flag * DAY, reason="r"),
            allow_marketplace_led_kyc=True,
        ),
    )

    (found,) = in_force(DesiredState(organizations=(manifest,)), moment).organizations

    assert bool(found.spec.authorized_partners) is (partner > 0)
    assert bool(found.spec.capabilities.allow_multi_vin_orders) is (flag > 0)
    assert found.spec.capabilities.allow_marketplace_led_kyc is True
    assert all(grant.holds(moment) for grant in grants_of(found))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("a", "b"), ("a",), True),
        (("b",), None, True),
        (("a", "b"), ("a", "c"), False),
        (("a", "b"), (), False),
        (("a",), ("a",), False),
        (None, ("b",), False),
    ],
)
def test_only_taking_back_what_has_ended_is_the_end_of_a_grant(
    before: tuple[str, ...] | None, after: tuple[str, ...] | None, expected: bool
) -> None:
    assert is_taken_back(PARTNERS, before, after, (Grant(ACME, PARTNERS, END, "b"),)) is expected
    assert not is_taken_back("other", before, after, (Grant(ACME, PARTNERS, END, "b"),))
