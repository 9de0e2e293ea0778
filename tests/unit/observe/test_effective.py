"""What the platform answers, and what is no answer: a mock's, and a difference that is older than any lag."""

from datetime import UTC, datetime

import pytest

from reconciler.model.address import Address
from reconciler.model.errors import AccessRefused, RequestFailed, WrongServer
from reconciler.model.finding import Code, FieldStatus
from reconciler.model.manifest import DesiredState
from tests.builders import REALM, a_client, a_partner, a_realm, a_webhook, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

NORD, LAC = a_partner(), a_partner("Garage du Lac", "CH")
ONE = desired(an_organization(partners=[NORD, LAC]), realm=a_realm())


async def hour_old(wanted: DesiredState = ONE) -> World:
    """Return a world that was applied an hour ago."""
    world = World()
    world.clock.passed = -3600
    for each in (NORD, LAC):
        world.platform.directory[str(each.uuid)] = (each.name or "", each.country or "")
    await world.settled(wanted)
    world.clock.passed = 0
    return world


async def statuses(world: World) -> list[tuple[Code, FieldStatus]]:
    return [(each.code, each.status) for each in (await world.plan(ONE)).findings]


async def test_where_all_is_in_force_nobody_asks_when_it_was_written() -> None:
    world = await hour_old()
    await world.plan(ONE)
    assert "events" not in world.keycloak.traffic.counts


async def test_what_differs_long_after_it_was_written_is_overridden() -> None:
    world = await hour_old()
    world.platform.override = lambda answer: answer | {"name": "Other"}
    assert await statuses(world) == [(Code.EFFECTIVE_DIFFERS, FieldStatus.OVERRIDDEN)]
    assert (await world.observe(ONE)).written["acme"] < datetime(2026, 3, 1, 11, 1, tzinfo=UTC)


async def test_what_differs_just_after_it_was_written_lags() -> None:
    world = await hour_old()
    world.clock.passed = -3540
    world.platform.override = lambda answer: answer | {"name": "Other"}
    assert await statuses(world) == [(Code.EFFECTIVE_DIFFERS, FieldStatus.LAGGING)]


async def test_without_the_right_to_read_events_it_may_still_be_a_lag() -> None:
    world = await hour_old()
    world.platform.directory[str(LAC.uuid)] = None
    world.keycloak.traffic.fail(AccessRefused("403 Forbidden."), method="events")
    assert await statuses(world) == [(Code.EFFECTIVE_DIFFERS, FieldStatus.LAGGING)]


async def test_a_partner_that_is_still_not_listed_is_unknown_to_nt24_and_named_once() -> None:
    two = desired(
        an_organization(partners=[NORD, LAC], clients=[a_client(), a_client("api-client-acme-crm")]), realm=a_realm()
    )
    world = await hour_old(two)
    world.platform.directory[str(LAC.uuid)] = None
    (finding,) = (await world.plan(two)).findings
    assert (finding.code, finding.status) == (Code.PARTNER_UNKNOWN, FieldStatus.OVERRIDDEN)
    assert finding.path == f"authorizedPartners[{LAC.uuid}]"
    assert "Garage du Lac (CH)" in finding.detail


async def test_a_partner_without_name_and_country_is_unknown_too() -> None:
    world = await hour_old()
    world.platform.override = lambda answer: (
        answer | {"authorizedPartners": [{"uuid": each["uuid"]} for each in answer["authorizedPartners"]]}
    )
    assert await statuses(world) == [(Code.PARTNER_UNKNOWN, FieldStatus.IN_SYNC)] * 2


async def test_many_partners_that_are_not_listed_are_one_finding() -> None:
    partners = [a_partner(str(number)) for number in range(30)]
    wanted = desired(an_organization(partners=partners), realm=a_realm())
    world = await hour_old(wanted)
    world.platform.override = lambda answer: answer | {"authorizedPartners": []}
    (finding,) = (await world.plan(wanted)).findings
    assert finding.code is Code.EFFECTIVE_DIFFERS
    assert "and 25 more" in finding.detail


async def test_a_mock_is_one_warning_whatever_it_answers() -> None:
    wanted = desired(an_organization(webhooks=[a_webhook()]), an_organization("beta"), realm=a_realm())
    world = await World().settled(wanted)
    world.platform.mock = True
    world.platform.override = lambda answer: answer | {"name": "string", "authorizedPartners": []}
    findings = (await world.plan(wanted)).findings
    assert [each.code for each in findings] == [Code.PLATFORM_IS_MOCK, Code.WEBHOOK_UNKNOWN]
    assert {str(each.severity) for each in findings} == {"warning", "info"}


async def test_an_apply_on_a_mock_does_not_wait_for_it_and_says_that_keycloak_alone_was_proven() -> None:
    world = World()
    world.platform.mock = True
    planned = await world.plan(ONE)
    await world.execute(planned)
    proof = await world.prove(planned, ONE)
    assert (proof.is_proven, proof.on_mock) == (True, True)
    nothing = await world.plan(ONE)
    assert (await world.prove(nothing, ONE)).on_mock


async def test_unknown_fields_and_words_of_the_platform_are_tolerated() -> None:
    world = await hour_old()
    world.platform.override = lambda answer: (
        answer
        | {
            "plan": {"tier": 7},
            "capabilities": answer["capabilities"] | {"allowBrandNew": True, "maxPartners": 12, "regions": ["EU"]},
            "authorizedPartners": [each | {"status": "NEW"} for each in answer["authorizedPartners"]],
        }
    )
    assert await statuses(world) == []
    world.platform.override = lambda answer: answer | {"capabilities": answer["capabilities"] | {"rateLimitTier": "X"}}
    assert await statuses(world) == [(Code.EFFECTIVE_DIFFERS, FieldStatus.OVERRIDDEN)]


async def test_a_platform_that_takes_no_token_at_all_stops_the_run_before_any_write() -> None:
    world = await World().settled(ONE)
    world.platform.failure = RequestFailed("The token is of another realm.", status=401, code="unauthorized")
    with pytest.raises(AccessRefused, match="of another realm") as error:
        await world.plan(ONE)
    assert REALM in error.value.remedy
    assert "--no-effective" in error.value.remedy


async def test_a_client_that_is_still_to_be_changed_may_be_refused_for_that() -> None:
    world = await World().settled(ONE)
    world.platform.failure = RequestFailed("The token has no audience.", status=401, code="unauthorized")
    changed = desired(an_organization(clients=[a_client(description="Other")], partners=[NORD, LAC]), realm=a_realm())
    assert (await world.plan(changed)).changes


async def test_what_is_no_platform_is_found_out_before_the_first_client_is_there() -> None:
    world = World()

    async def answers_nobody() -> bool:
        raise WrongServer("There is no /v1/me.")

    world.platform.is_mock = answers_nobody  # type: ignore[method-assign]
    with pytest.raises(WrongServer):
        await world.plan(ONE)
    assert world.keycloak.store.organizations == {}


async def test_a_realm_that_is_still_to_be_changed_may_be_the_reason_as_well() -> None:
    world = await World().settled(ONE)
    world.keycloak.store.the_realm()["accessTokenLifespan"] = 1
    world.platform.failure = RequestFailed("The token is of no integration.", status=401, code="unauthorized")
    assert [each.address for each in (await world.plan(ONE)).changes] == [Address.realm(REALM)]


async def test_a_look_at_a_few_does_not_tell_that_all_are_refused() -> None:
    world = await World().settled(ONE)
    world.platform.failure = RequestFailed("The token is of another realm.", status=401, code="unauthorized")
    assert (await world.plan(ONE, Address.organization("acme"))).findings
