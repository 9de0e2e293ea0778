"""What a rotation says of the platform: that it was asked only where it was."""

from dataclasses import replace

import pytest

from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.secret_trial import TokenProof
from reconciler.adapters.vault import PlainSecret
from reconciler.model.address import Address
from reconciler.ports import Secret
from reconciler.rotate.handover import hand_over
from tests.fakes.proof import FakeProof
from tests.properties.test_rotations import NAME, Shop

pytestmark = pytest.mark.anyio


class Unasked(FakeProof):
    """Proves secrets as with ``--no-effective``."""

    async def ask_platform(self, client_id: str, secret: Secret) -> str | None:
        return None


async def test_a_platform_that_is_not_asked_does_not_answer() -> None:
    shop = await Shop.open()
    address = Address.client("acme", NAME)
    assert "GET /v1/me answers" in await hand_over(shop.tools, address)
    said = await hand_over(replace(shop.tools, proof=Unasked(shop.world.keycloak)), address)
    assert "GET /v1/me was not asked (--no-effective)" in said
    assert "GET /v1/me answers" not in said


async def test_without_a_platform_nothing_is_asked() -> None:
    async with ApiClient(Connection("Keycloak", "http://127.0.0.1:9")) as http:
        assert await TokenProof(http, None, "nt24").ask_platform("api-client-acme", PlainSecret("x")) is None
