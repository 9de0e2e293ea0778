"""Clients of one organization share everything but their secrets."""

import pytest

from reconciler.model.finding import Code
from reconciler.model.manifest import Partner
from tests.builders import ACME, a_client, a_realm, a_uuid, an_organization, desired
from tests.fakes.store import Json
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

CRM = "api-client-acme-crm"
TWO = desired(
    an_organization(clients=[a_client(), a_client(CRM)], partners=[Partner(uuid=a_uuid("Autohaus Nord"))]),
    realm=a_realm(),
)


async def codes(world: World) -> list[Code]:
    return [each.code for each in (await world.plan(TWO)).findings if each.address == ACME]


async def test_the_same_answers_are_no_finding() -> None:
    assert await codes(await World().settled(TWO)) == []


async def test_answers_that_differ_from_keycloak_alike_are_no_finding_of_siblings() -> None:
    world = await World().settled(TWO)
    world.platform.override = lambda answer: answer | {"name": "Other"}
    assert await codes(world) == []


async def test_each_field_that_differs_is_named_with_who_gets_what() -> None:
    world = await World().settled(TWO)
    world.platform.overrides[CRM] = lambda answer: answer | {"name": "Other", "authorizedPartners": []}
    found = [each for each in (await world.plan(TWO)).findings if each.code is Code.SIBLINGS_DIFFER]
    assert [each.path for each in found] == ["authorizedPartners", "displayName"]
    assert "api-client-acme gets 'Acme', api-client-acme-crm gets 'Other'" in found[1].detail
    assert "api-client-acme-crm lacks Trade Partner bb535472 (DE)" in found[0].detail


async def test_different_organizations_are_one_finding_not_one_for_each_field() -> None:
    def other(answer: Json) -> Json:
        return answer | {"organizationUuid": "00000000-0000-4000-8000-000000000000", "name": "Other"}

    world = await World().settled(TWO)
    world.platform.overrides[CRM] = other
    assert await codes(world) == [Code.SIBLING_ORGANIZATIONS_DIFFER]


async def test_a_client_that_got_no_answer_is_not_compared() -> None:
    world = await World().settled(TWO)
    world.platform.overrides[CRM] = lambda answer: answer | {"organizationUuid": "nonsense"}
    assert await codes(world) == []
