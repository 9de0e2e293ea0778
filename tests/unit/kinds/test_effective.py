"""The third side: what the platform does with what is stored."""

import pytest

from reconciler.model.finding import FieldStatus, Finding, Severity
from reconciler.model.manifest import Capabilities, DesiredState, Dpa, RateLimitTier
from tests.builders import ACME_CLIENT, a_client, a_dpa, a_partner, a_realm, an_organization, desired
from tests.fakes.store import Json
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ONE = desired(an_organization(partners=(a_partner(),)), realm=a_realm())


async def findings(world: World, wanted: DesiredState = ONE) -> list[tuple[str, Severity, FieldStatus]]:
    return [(found.code, found.severity, found.status) for found in (await world.plan(wanted)).findings]


async def a_world(wanted: DesiredState = ONE) -> World:
    world = World()
    world.platform.directory[str(a_partner().uuid)] = ("Autohaus Nord", "DE")
    return await world.settled(wanted)


def finding_about(path: str, found: tuple[Finding, ...]) -> Finding:
    return next(each for each in found if each.detail.startswith(path))


async def test_what_is_in_force_as_stored_is_no_finding() -> None:
    assert await findings(await a_world()) == []


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("name", "Other", "displayName: Keycloak has 'Acme', but GET /v1/me answers 'Other'."),
        ("dpaVersion", None, "dpa.version: Keycloak has '2026-01', but GET /v1/me answers nothing."),
        ("capabilities", {"allowMultiVinOrders": True}, "capabilities.allowMultiVinOrders: Keycloak has false, but"),
        ("authorizedPartners", [], "authorizedPartners: GET /v1/me does not list Autohaus Nord (DE) bb535472-"),
    ],
)
async def test_a_field_that_is_not_in_force_names_both_values(key: str, value: object, words: str) -> None:
    world = await a_world()
    world.platform.override = lambda answer: answer | {key: value}
    found = (await world.plan(ONE)).findings
    finding = finding_about(words.split(":", maxsplit=1)[0], found)
    assert words in finding.detail
    assert (finding.address, finding.severity, finding.status) == (ACME_CLIENT, Severity.ERROR, FieldStatus.LAGGING)


async def test_a_field_that_is_still_to_be_written_is_not_lagging() -> None:
    world = await a_world()
    changed = desired(an_organization(partners=(a_partner(),), tier=RateLimitTier.ENTERPRISE), realm=a_realm())
    assert await findings(world, changed) == []


async def test_a_capability_that_we_do_not_know_is_tolerated() -> None:
    world = await a_world()

    def with_news(answer: Json) -> Json:
        return answer | {"capabilities": {**answer["capabilities"], "allowBrandNew": True}}

    world.platform.override = with_news
    assert await findings(world) == []


async def test_a_manifest_that_does_not_name_a_partner_takes_any_name() -> None:
    partner = a_partner().model_copy(update={"name": None, "country": None})
    wanted = desired(an_organization(partners=(partner,)), realm=a_realm())
    assert await findings(await a_world(wanted), wanted) == []


@pytest.mark.parametrize(("dpa", "severity"), [(None, Severity.WARNING), (a_dpa("2025-01"), Severity.ERROR)])
async def test_a_dpa_that_is_not_accepted_is_an_error_only_where_the_manifest_says_it_is(
    dpa: Dpa | None, severity: Severity
) -> None:
    wanted = desired(an_organization(dpa=dpa), realm=a_realm())
    world = await a_world(wanted)
    assert await findings(world, wanted) == [("dpa-not-accepted", severity, FieldStatus.UNKNOWN)]


@pytest.mark.parametrize(
    "wanted",
    [
        desired(an_organization(suspended=True), realm=a_realm()),
        desired(an_organization(clients=[a_client(enabled=False)]), realm=a_realm()),
    ],
    ids=["suspended", "disabled"],
)
async def test_what_is_meant_to_get_no_answer_is_no_finding(wanted: DesiredState) -> None:
    assert await findings(await a_world(wanted), wanted) == []


async def test_a_refusal_that_a_pending_change_explains_is_no_finding() -> None:
    world = await a_world(desired(an_organization(suspended=True), realm=a_realm()))
    assert await findings(world, desired(an_organization(), realm=a_realm())) == []


async def test_any_other_refusal_is_an_error_with_its_reason() -> None:
    world = await a_world()
    world.platform.override = lambda answer: answer | {"organizationUuid": "nonsense"}
    assert await findings(world) == [("effective-unknown", Severity.ERROR, FieldStatus.UNKNOWN)]


async def test_partners_are_known_by_the_manifests_names_then_by_the_platforms() -> None:
    partners = (a_partner("A").model_copy(update={"name": None}), a_partner("B", None))
    wanted = desired(an_organization(partners=partners), realm=a_realm())
    plan = await (await a_world(wanted)).plan(wanted)
    assert plan.names == {
        str(partners[0].uuid): f"Trade Partner {str(partners[0].uuid)[:8]} (DE)",
        str(partners[1].uuid): "B",
    }


async def test_an_organization_with_every_capability_is_in_force() -> None:
    everything = Capabilities(
        rate_limit_tier=RateLimitTier.ENTERPRISE,
        allow_marketplace_led_kyc=True,
        allow_multi_vin_orders=True,
        allow_contact_personal_data=True,
        allow_kyc_document_download=True,
    )
    wanted = desired(an_organization(capabilities=everything), realm=a_realm())
    assert await findings(await a_world(wanted), wanted) == []
