"""The realm's keys are read when they are needed, and not more often."""

import asyncio

import httpx
import pytest

from reconciler.sandbox.platform.keys import RealmKeys
from reconciler.sandbox.platform.problems import KeycloakUnavailable
from tests.unit.sandbox.platform.builders import a_jwk, a_key


class Jwks:
    """A realm's JWKS endpoint."""

    def __init__(self) -> None:
        self.kids = ["key-1"]
        self.status = 200
        self.reads = 0
        self.now = 0.0
        transport = httpx.MockTransport(self._answer)
        self.keys = RealmKeys(httpx.AsyncClient(transport=transport), "http://kc.test/certs", clock=lambda: self.now)

    def knows(self, kid: str) -> bool:
        return asyncio.run(self.keys.find(kid)) is not None

    def _answer(self, _: httpx.Request) -> httpx.Response:
        self.reads += 1
        encryption = {**a_jwk("enc", a_key()), "use": "enc", "alg": "RSA-OAEP"}
        return httpx.Response(self.status, json={"keys": [encryption, *(a_jwk(kid, a_key()) for kid in self.kids)]})


def test_keys_are_read_once() -> None:
    jwks = Jwks()

    assert jwks.knows("key-1")
    assert jwks.knows("key-1")
    assert jwks.reads == 1


def test_an_unknown_key_makes_them_read_again() -> None:
    jwks = Jwks()
    jwks.knows("key-1")
    jwks.now += 10
    jwks.kids = ["key-2"]

    assert jwks.knows("key-2")
    assert not jwks.knows("key-1")


def test_many_tokens_with_unknown_keys_share_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    jwks = Jwks()
    paused = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)
        jwks.now += seconds

    async def ask() -> None:
        jwks.now = 10.0
        await jwks.keys.find("key-1")
        monkeypatch.setattr(asyncio, "sleep", pause)
        jwks.now += 0.25
        await asyncio.gather(*(jwks.keys.find(f"unknown-{number}") for number in range(20)))

    asyncio.run(ask())
    assert jwks.reads == 2
    assert paused == [0.75]


def test_old_keys_are_read_again() -> None:
    jwks = Jwks()
    jwks.knows("key-1")
    jwks.now += 301
    jwks.kids = []

    assert not jwks.knows("key-1")


def test_keys_for_encryption_sign_nothing() -> None:
    assert not Jwks().knows("enc")


def test_a_realm_that_does_not_exist_has_no_keys() -> None:
    jwks = Jwks()
    jwks.status = 404

    assert not jwks.knows("key-1")


def test_a_keycloak_in_trouble_is_said_to_be_unavailable() -> None:
    jwks = Jwks()
    jwks.status = 502

    with pytest.raises(KeycloakUnavailable, match="answered 502"):
        jwks.knows("key-1")


def test_a_keycloak_that_does_not_answer_is_said_to_be_unavailable() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    keys = RealmKeys(httpx.AsyncClient(transport=httpx.MockTransport(refuse)), "http://kc.test/certs")

    with pytest.raises(KeycloakUnavailable, match="refused"):
        asyncio.run(keys.find("key-1"))
