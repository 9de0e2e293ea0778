"""What NT24 is asked for: what neither a change nor time will mend, and nothing else."""

import pytest

from reconciler.app.request import AskRequest, requests
from reconciler.app.unattended import Unattended
from reconciler.model.expectations import NOTHING_EXPECTED, DpaRequirement, Expectations
from reconciler.model.manifest import Capabilities, DesiredState, Partner, RateLimitTier
from reconciler.model.request import Agreement, Ask, Request, RequestReport
from tests.builders import A_DPA, ACME, a_client, a_dpa, a_realm, a_uuid, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

PLATFORM = Expectations(("authorizedPartners", "capabilities", "dpa"))
REQUIRED = DpaRequirement.model_validate({"required": "2026-07", "deadline": "2026-03-20"})
NORD, LAC = Partner(uuid=a_uuid("Autohaus Nord")), Partner(uuid=a_uuid("Garage du Lac"))
ONE = desired(an_organization(partners=[NORD]), realm=a_realm())


async def hour_old(wanted: DesiredState = ONE, expected: Expectations = NOTHING_EXPECTED) -> World:
    """Return a world that was applied an hour ago, by the manifests alone."""
    world = World()
    world.clock.passed = -3600
    await world.settled(wanted)
    world.clock.passed = 0
    world.expected = expected
    return world


async def report(world: World, wanted: DesiredState = ONE) -> RequestReport:
    return await requests(AskRequest(wanted, world.context()), world.systems, Unattended())


async def asked(world: World, wanted: DesiredState = ONE) -> Request:
    (found,) = (await report(world, wanted)).requests
    return found


async def test_where_all_is_in_force_there_is_nothing_to_ask_for() -> None:
    found = await report(await hour_old())
    assert (found.requests, found.unseen, found.pending, found.recent) == ((), {}, (), ())


async def test_fields_that_the_platform_decides_are_asked_for() -> None:
    wanted = desired(an_organization(partners=[LAC], tier=RateLimitTier.HIGH_VOLUME), realm=a_realm())
    found = await asked(await hour_old(expected=PLATFORM), wanted)
    assert found.asks == (Ask("capabilities.rateLimitTier", "STANDARD", "HIGH_VOLUME"),)
    assert (found.authorize, found.withdraw) == ((str(LAC.uuid),), (str(NORD.uuid),))
    assert (found.seen_as, found.written) == ("api-client-acme", None)


async def test_what_is_still_to_be_applied_is_not_asked_for() -> None:
    wanted = desired(an_organization(partners=[NORD], tier=RateLimitTier.HIGH_VOLUME), realm=a_realm())
    found = await report(await hour_old(), wanted)
    assert (found.requests, found.pending) == ((), (ACME,))


async def test_what_the_platform_overrides_is_asked_for_with_when_it_was_written() -> None:
    world = await hour_old()
    world.platform.override = lambda answer: answer | {"authorizedPartners": []}
    found = await asked(world)
    assert found.authorize == (str(NORD.uuid),)
    assert found.written is not None


async def test_what_was_written_just_now_may_still_come() -> None:
    world = await hour_old()
    world.clock.passed = -3590
    world.platform.override = lambda answer: answer | {"authorizedPartners": []}
    found = await report(world)
    assert (found.requests, found.recent) == ((), (ACME,))


async def test_an_acceptance_that_the_platform_does_not_have_is_to_be_recorded() -> None:
    newer = a_dpa("2026-07")
    wanted = desired(an_organization(partners=[NORD], dpa=newer), realm=a_realm())
    found = await asked(await hour_old(expected=Expectations(("dpa",), REQUIRED)), wanted)
    assert found.agreement == Agreement("2026-01", accepted=newer)


async def test_a_refusal_of_what_was_accepted_asks_to_record_it() -> None:
    world = await hour_old()
    world.platform.current_dpa = "2026-07"
    found = await asked(world)
    assert (found.agreement, found.seen_as) == (Agreement(None, accepted=A_DPA), "")


async def test_an_agreement_that_is_required_and_not_accepted_is_asked_for() -> None:
    found = await asked(await hour_old(expected=Expectations(dpa=REQUIRED)))
    assert found.agreement == Agreement("2026-01", required=REQUIRED)


async def test_where_nobody_accepted_anything_the_current_agreement_is_asked_for() -> None:
    wanted = desired(an_organization(partners=[NORD], dpa=None), realm=a_realm())
    assert (await asked(await hour_old(wanted), wanted)).agreement == Agreement(None)


async def test_an_agreement_that_is_in_force_is_not_asked_for_again() -> None:
    world = await hour_old(expected=Expectations(("dpa",), REQUIRED))
    world.platform.override = lambda answer: answer | {"dpaVersion": "2026-07"}
    silent = desired(an_organization(partners=[NORD], dpa=None), realm=a_realm())
    assert (await report(world, silent)).requests == ()


@pytest.mark.parametrize(
    "organization",
    [an_organization(suspended=True, dpa=None), an_organization(clients=[a_client(enabled=False)], dpa=None)],
    ids=["suspended", "disabled"],
)
async def test_for_an_organization_that_calls_nothing_nothing_is_asked(organization: object) -> None:
    wanted = desired(organization, realm=a_realm())  # type: ignore[arg-type]
    found = await report(await hour_old(wanted), wanted)
    assert (found.requests, found.unseen) == ((), {})


async def test_what_cannot_be_seen_is_said_and_not_asked_for() -> None:
    world = await hour_old(expected=Expectations(("capabilities",), REQUIRED))
    world.platform.mock = True
    found = await report(world)
    assert found.requests == ()
    assert "The platform API is a mock" in found.unseen[ACME]


async def test_only_the_organization_that_is_named_is_asked_about() -> None:
    wanted = desired(
        *(an_organization(name, capabilities=Capabilities(allow_multi_vin_orders=True)) for name in ("acme", "beta")),
        realm=a_realm(),
    )
    before = desired(an_organization("acme"), an_organization("beta"), realm=a_realm())
    world = await hour_old(before, PLATFORM)
    found = await requests(AskRequest(wanted, world.context(ACME)), world.systems, Unattended())
    assert [each.name for each in found.requests] == ["acme"]
