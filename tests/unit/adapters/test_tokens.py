"""Access tokens: fetched once for many callers, early enough, and never shown."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from nt24_tokens.cached import BearerAuth, CachedToken
from nt24_tokens.token import Token
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.tokens import fetch_token
from reconciler.model.errors import AccessRefused, RequestFailed, Unreachable
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import Reply, Script, serving

pytestmark = pytest.mark.anyio

FORM = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "hunter2"}


class Issuer:
    """Give out tokens 1, 2, 3, …"""

    def __init__(self, lifetime: float = 300) -> None:
        self._lifetime = lifetime
        self.issued = 0

    async def fetch(self) -> Token:
        await asyncio.sleep(0)
        self.issued += 1
        return Token(str(self.issued), self._lifetime)


@asynccontextmanager
async def asking(script: Script, token: CachedToken | None = None) -> AsyncIterator[ApiClient]:
    async with serving(script) as url:
        auth = BearerAuth(token) if token else None
        async with ApiClient(Connection("Keycloak", url, attempts=1), auth=auth) as client:
            yield client


async def test_many_callers_share_one_fetch() -> None:
    issuer = Issuer()
    token = CachedToken(issuer.fetch, FakeClock(), Unreachable)
    assert set(await asyncio.gather(*(token.get() for _ in range(50)))) == {"1"}
    assert issuer.issued == 1


@pytest.mark.parametrize(("lifetime", "passed", "fetched"), [(300, 239, 1), (300, 240, 2), (60, 29, 1), (60, 30, 2)])
async def test_a_token_is_replaced_a_minute_before_it_ends_or_at_half_its_life(
    lifetime: float, passed: float, fetched: int
) -> None:
    issuer, clock = Issuer(lifetime), FakeClock()
    token = CachedToken(issuer.fetch, clock, Unreachable)
    await token.get()
    await clock.sleep(passed)
    await token.get()
    assert issuer.issued == fetched


async def test_only_the_token_that_was_refused_is_forgotten() -> None:
    issuer = Issuer()
    token = CachedToken(issuer.fetch, FakeClock(), Unreachable)
    await token.get()
    token.forget("another")
    kept = await token.get()
    token.forget("1")
    assert (kept, await token.get()) == ("1", "2")


async def test_a_refused_token_is_replaced_once() -> None:
    issuer, script = Issuer(), Script(Reply(401), Reply())
    async with asking(script, CachedToken(issuer.fetch, FakeClock(), Unreachable)) as client:
        assert (await client.get("/x")).is_success
    assert [seen.headers["Authorization"] for seen in script.seen] == ["Bearer 1", "Bearer 2"]


async def test_a_token_that_is_refused_twice_refuses_us() -> None:
    script = Script(Reply(401))
    async with asking(script, CachedToken(Issuer().fetch, FakeClock())) as client:
        with pytest.raises(AccessRefused):
            await client.get("/x")
    assert len(script.seen) == 2


async def test_a_token_is_asked_for_with_a_form() -> None:
    script = Script(Reply(200, json.dumps({"access_token": "abc", "expires_in": 300})))
    async with asking(script) as client:
        token = await fetch_token(client, "nt24-idp", FORM)
    (seen,) = script.seen
    assert (token.value, token.lifetime) == ("abc", 300)
    assert (seen.method, seen.path) == ("POST", "/realms/nt24-idp/protocol/openid-connect/token")
    assert seen.body == "grant_type=client_credentials&client_id=x&client_secret=hunter2"


@pytest.mark.parametrize("status", [400, 401])
async def test_wrong_credentials_are_refused_with_the_oauth_error(status: int) -> None:
    async with asking(Script(Reply(status, json.dumps({"error": "unauthorized_client"})))) as client:
        with pytest.raises(AccessRefused) as error:
            await fetch_token(client, "nt24-idp", FORM)
    assert isinstance(error.value.__cause__, RequestFailed)
    assert error.value.__cause__.code == "unauthorized_client"
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("body", ["[]", "{}", '{"access_token": "x", "expires_in": "soon"}', "no JSON"])
async def test_an_answer_without_a_token_is_not_keycloaks_own(body: str) -> None:
    async with asking(Script(Reply(200, body))) as client:
        with pytest.raises(Unreachable):
            await fetch_token(client, "nt24-idp", FORM)


def test_a_token_does_not_show_its_value() -> None:
    assert "abc" not in repr(Token("abc", 300))


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [
        ("300", 300), ('"300"', 300), ("0", 0), ("-5", 0), (None, 60), ("1.5", 1.5),
        ("null", None), ('"soon"', None), ("[]", None), ("1e999", None), ("NaN", None), ("1" * 400, None),
    ],
)  # fmt: skip
async def test_how_long_a_token_lives_is_a_number_or_it_is_no_token(
    lifetime: str | None, seconds: float | None
) -> None:
    rest = "" if lifetime is None else f', "expires_in": {lifetime}'
    async with asking(Script(Reply(200, f'{{"access_token": "abc"{rest}}}'))) as client:
        if seconds is not None:
            assert await fetch_token(client, "r", FORM) == Token("abc", seconds)
            return
        with pytest.raises(Unreachable, match="something else instead of JSON") as error:
            await fetch_token(client, "r", FORM)
    assert error.value.exit_code == 3
