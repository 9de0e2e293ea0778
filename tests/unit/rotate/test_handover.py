"""What a rotation says of the platform: that it was asked only where it was."""

from dataclasses import replace

import pytest

from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.secret_trial import TokenProof
from reconciler.adapters.vault import PlainSecret
from reconciler.model.address import Address
from reconciler.ports import Secret
from reconciler.rotate.abort import abort
from reconciler.rotate.confirm import confirm
from reconciler.rotate.handover import hand_over
from reconciler.rotate.start import start
from tests.fakes.proof import FakeProof
from tests.properties.test_rotations import NAME, Shop

pytestmark = pytest.mark.anyio


class Unasked(FakeProof):
    """Proves secrets as with ``--no-effective``."""

    async def ask_platform(self, client_id: str, secret: Secret) -> str | None:
        return None


@pytest.mark.parametrize("is_asked", [True, False])
async def test_a_platform_that_is_not_asked_does_not_answer(is_asked: bool) -> None:
    shop = await Shop.open()
    address = Address.client("acme", NAME)
    tools = shop.tools if is_asked else replace(shop.tools, proof=Unasked(shop.world.keycloak))
    expected = "GET /v1/me answers" if is_asked else "GET /v1/me was not called (--no-effective)"
    runs = {
        "deliver": await hand_over(tools, address),
        "start": await start(tools, address, None, abandon_old=False),
        "abort": await abort(tools, address),
        "confirm": await confirm(tools, address, None),
    }
    for said in runs.values():
        (told,) = [line for line in said if "GET /v1/me" in line]
        assert told.endswith(expected)
    assert runs["confirm"][0] == f"the current secret is accepted; {expected}"


async def test_without_a_platform_nothing_is_asked() -> None:
    async with ApiClient(Connection("Keycloak", "http://127.0.0.1:9")) as http:
        assert await TokenProof(http, None, "nt24").ask_platform("api-client-acme", PlainSecret("x")) is None
