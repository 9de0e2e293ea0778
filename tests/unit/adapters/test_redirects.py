"""Whatever holds a secret or a token follows no redirect: neither leaves for another host."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from nt24_tokens import AsyncTokenProvider, TokenError, TokenProvider
from reconciler.adapters import prober
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.notifier import notify
from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import ReconcilerError
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import Reply, Script, serving

pytestmark = pytest.mark.anyio

SECRET = PlainSecret("hunter2")


async def api_client(url: str) -> None:
    async with ApiClient(Connection("Keycloak", url)) as client:
        await client.get("/x", headers={"Authorization": "Bearer t"})


async def probed_token(url: str) -> None:
    side = Connection("Keycloak", url)
    async with prober.connect(side, side, "nt24-idp", FakeClock()) as probe:
        await probe.ask_token("api-client-acme", SECRET)


async def probed_me(url: str) -> None:
    side = Connection("Keycloak", url)
    async with prober.connect(side, side, "nt24-idp", FakeClock()) as probe:
        await probe.me(SECRET)


async def provider(url: str) -> None:
    await asyncio.to_thread(TokenProvider(url, "api-client-acme", "hunter2").token)


async def async_provider(url: str) -> None:
    await AsyncTokenProvider(url, "api-client-acme", "hunter2").token()


async def notification(url: str) -> None:
    await notify("RECONCILER_NOTIFY_URL", f"{url}/hook", {"text": "drift"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("send", [api_client, probed_token, probed_me, provider, async_provider, notification])
async def test_nothing_is_sent_to_where_a_redirect_points(send: Callable[[str], Awaitable[None]], status: int) -> None:
    elsewhere = Script(Reply(200, '{"access_token": "t", "expires_in": 300}'))
    async with serving(elsewhere) as there:
        asked = Script(Reply(status, headers={"Location": f"{there}/realms/x"}))
        async with serving(asked) as url:
            with suppress(ReconcilerError, TokenError):
                await send(url)
    assert asked.seen
    assert elsewhere.seen == []
