"""What the platform decides is compared with what it answers, and never written."""

import pytest

from reconciler.model import layout
from reconciler.model.errors import WrongUsage
from reconciler.model.expectations import Authority, Decider, Expectations
from reconciler.model.finding import Code, FieldStatus, Severity
from reconciler.model.manifest import Capabilities, Partner, RateLimitTier
from reconciler.model.value import Representation
from reconciler.plan.saved import check_binding
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import plan_json
from tests.builders import ACME, REALM, a_dpa, a_realm, a_uuid, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

PLATFORM = Expectations(("authorizedPartners", "capabilities", "dpa"))
CAPABILITIES = Expectations(("capabilities",))
NORD, LAC = Partner(uuid=a_uuid("Autohaus Nord")), Partner(uuid=a_uuid("Garage du Lac"))
ONE = desired(an_organization(partners=[NORD]), realm=a_realm())


async def by_nt24(world: World, attributes: Representation) -> None:
    """Change attributes of the organization as somebody at NT24 does."""
    live = await world.keycloak.find_organization("acme")
    assert live is not None
    changed = {**live, "attributes": {**live["attributes"], **attributes}}
    await world.keycloak.update_organization(live["id"], changed)


async def attributes_of(world: World) -> Representation:
    live = await world.keycloak.find_organization("acme")
    assert live is not None
    attributes: Representation = live["attributes"]
    return attributes


async def test_nothing_of_it_is_created() -> None:
    world = World(expected=PLATFORM)
    await world.apply(ONE)
    written = await attributes_of(world)
    assert written.keys() == {layout.UUID, layout.OWNER_MARK, layout.APPLIED_MARK}
    assert not any(entry.startswith(("capabilities", "dpa", "authorized")) for entry in written[layout.APPLIED_MARK])
    assert (await world.plan(ONE)).is_empty


async def test_what_somebody_changes_of_it_in_keycloak_is_no_drift_and_stays() -> None:
    world = await World().settled(ONE)
    world.expected = PLATFORM
    decided = {
        layout.RATE_LIMIT_TIER: ["HIGH_VOLUME"],
        layout.PARTNERS: [str(LAC.uuid)],
        layout.DPA_VERSION: ["2026-03"],
    }
    await by_nt24(world, decided)
    assert (await world.plan(ONE)).is_empty
    await world.settled(desired(an_organization(partners=[NORD], description="New."), realm=a_realm()))
    assert (await attributes_of(world)).items() >= decided.items()


async def test_handing_a_field_over_to_the_platform_and_back_changes_nothing_by_itself() -> None:
    world = await World().settled(ONE)
    world.expected = PLATFORM
    assert (await world.plan(ONE)).is_empty
    world.expected = Expectations()
    assert (await world.plan(ONE)).is_empty


async def test_an_attribute_that_is_gone_is_not_put_back() -> None:
    world = await World().settled(ONE)
    world.expected = PLATFORM
    await by_nt24(world, {layout.RATE_LIMIT_TIER: [], "allowMultiVinOrders": []})
    assert (await world.plan(ONE)).is_empty


async def test_everything_else_of_the_organization_is_still_compared() -> None:
    world = await World().settled(ONE)
    world.expected = CAPABILITIES
    await by_nt24(world, {layout.RATE_LIMIT_TIER: ["HIGH_VOLUME"], "note": ["by hand"], layout.PARTNERS: []})
    (change,) = (await world.plan(ONE)).changes
    assert [field.path for field in change.field_changes] == ["authorizedPartners", "keycloak.attributes.note"]


async def test_adopting_leaves_it_alone() -> None:
    world = await World().settled(ONE)
    world.expected = PLATFORM
    decided = {layout.RATE_LIMIT_TIER: ["ENTERPRISE"]}
    await by_nt24(world, {**decided, layout.OWNER_MARK: [], layout.APPLIED_MARK: []})
    await world.settled(ONE)
    assert (await attributes_of(world)).items() >= decided.items()
    assert (await world.plan(ONE)).is_empty


async def test_a_difference_is_a_warning_that_names_both_sides_and_the_request() -> None:
    wanted = desired(an_organization(partners=[NORD], tier=RateLimitTier.HIGH_VOLUME), realm=a_realm())
    world = await World().settled(ONE)
    world.expected = CAPABILITIES
    (finding,) = (await world.plan(wanted)).findings
    assert (finding.address, finding.code, finding.path) == (
        ACME,
        Code.PLATFORM_DIFFERS,
        "capabilities.rateLimitTier",
    )
    assert (finding.severity, finding.status) == (Severity.WARNING, FieldStatus.OVERRIDDEN)
    assert "the manifest says 'HIGH_VOLUME', but GET /v1/me answers 'STANDARD'" in finding.detail
    assert "reconciler request acme" in finding.remedy


async def test_what_keycloak_has_beside_it_is_not_compared_with_what_is_in_force() -> None:
    world = await World().settled(ONE)
    world.expected = CAPABILITIES
    tier = {"capabilities": {"rateLimitTier": "STANDARD"}}
    await by_nt24(world, {layout.RATE_LIMIT_TIER: ["ENTERPRISE"]})
    world.platform.override = lambda answer: answer | tier
    assert (await world.plan(ONE)).findings == ()


async def test_an_agreement_that_no_manifest_declares_is_not_compared() -> None:
    world = await World().settled(ONE)
    world.expected = PLATFORM
    silent = desired(an_organization(partners=[NORD], dpa=None), realm=a_realm())
    assert (await world.plan(silent)).findings == ()


async def test_what_could_not_be_seen_is_no_difference() -> None:
    wanted = desired(an_organization(dpa=a_dpa("2026-07"), capabilities=Capabilities()), realm=a_realm())
    world = await World(effective=False).settled(ONE)
    world.expected = PLATFORM
    assert (await world.plan(wanted)).findings == ()


async def test_a_saved_plan_says_what_the_platform_decides_and_is_bound_to_it() -> None:
    world = World(expected=CAPABILITIES)
    saved = parse_plan(plan_json(await world.plan(ONE)), "acme.plan")
    assert saved.plan.platform_fields == ("capabilities",)
    check_binding(saved.plan, world.context())
    world.expected = Expectations()
    with pytest.raises(WrongUsage, match="decides capabilities, but now it decides nothing"):
        check_binding(saved.plan, world.context())


def test_settings_name_the_fields_as_manifests_do() -> None:
    decides = Authority(capabilities=Decider.PLATFORM, organization_uuid=Decider.PLATFORM)
    assert decides.of_platform == ("capabilities", "organizationUuid")


def test_a_field_is_the_platforms_with_all_that_is_below_it() -> None:
    assert PLATFORM.is_platforms("dpa.version")
    assert not PLATFORM.is_platforms("dpaVersion")


async def test_a_deletion_takes_it_along() -> None:
    world = await World().settled(ONE)
    world.expected = PLATFORM
    await world.settled(desired(realm=a_realm(REALM)))
    assert await world.keycloak.find_organization("acme") is None
