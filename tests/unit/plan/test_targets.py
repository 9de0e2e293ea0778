"""A target that names nothing is refused: a typing mistake must not pass for success."""

import pytest

from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.plan.targets import check_targets
from tests.builders import a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ACME, BETA = an_organization("acme"), an_organization("beta")
NAMED = [
    Address.organization("acme"),
    Address.client("acme", "api-client-acme"),
    Address.organization("beta"),
    Address.client("beta", "api-client-beta"),
]


@pytest.mark.parametrize("target", NAMED, ids=str)
async def test_what_is_declared_or_live_can_be_named(target: Address) -> None:
    world = await World(effective=False).settled(desired(ACME, BETA, realm=a_realm()))
    declared = desired(ACME, realm=a_realm())
    check_targets(declared, await world.plan(declared, target))


@pytest.mark.parametrize(
    ("target", "close"),
    [
        (Address.organization("acne"), "organization/acme"),
        (Address.client("acme", "api-client-acne"), "client/acme/api-client-acme"),
        (Address.webhook("acme", "orders"), ""),
    ],
    ids=str,
)
async def test_what_is_nowhere_is_refused_with_what_is_close(target: Address, close: str) -> None:
    world = await World(effective=False).settled(desired(ACME, realm=a_realm()))
    declared = desired(ACME, realm=a_realm())
    with pytest.raises(WrongUsage, match=str(target)) as refused:
        check_targets(declared, await world.plan(declared, target))
    assert close in (refused.value.remedy or "")
