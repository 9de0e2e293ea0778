"""No answer is read without end, and none of any encoding is an internal error."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from reconciler.adapters import bounded
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.prober import connect
from reconciler.model.errors import OutcomeUnknown, Unreachable
from reconciler.model.probe import NoAnswer, ProbeFailure
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import Reply, Script, serving

pytestmark = pytest.mark.anyio


class Endless:
    """Send zeros without end, or one each ``pause`` seconds."""

    def __init__(self, pause: float | None = None) -> None:
        self._pause = pause
        self.asked = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(1 if self._pause else 2**16))
                await asyncio.sleep(self._pause or 0)
        except (ConnectionError, asyncio.CancelledError):
            return response


class Zipped:
    """Send what is small, and is not when it is unpacked; or what is not packed at all."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def answer(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=self._body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


@asynccontextmanager
async def asking(there: Endless | Zipped | Script) -> AsyncIterator[ApiClient]:
    async with serving(there) as url, ApiClient(Connection("Keycloak", url, timeout=0.1)) as http:
        yield http


@pytest.fixture(autouse=True)
def one_mebibyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MAX_MEBIBYTES", 1)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (Endless(), "the answer has more than 1 MiB"),
        (Endless(pause=0.02), "the answer was not complete after 1 s"),
        (Zipped(gzip.compress(bytes(2**21))), "the answer has more than 1 MiB"),
        (Zipped(b"no gzip"), "incorrect header check"),
    ],
)
async def test_an_answer_without_end_is_an_error_that_says_the_bound(there: Endless | Zipped, said: str) -> None:
    async with asking(there) as http:
        with pytest.raises(Unreachable) as error:
            await http.get("/admin/realms/r")
        with pytest.raises(OutcomeUnknown):
            await http.post("/admin/realms/r")
    assert said in error.value.message
    assert "It was asked GET /admin/realms/r" in error.value.message
    assert error.value.exit_code == 3
    if isinstance(there, Endless):
        assert there.asked == 2


async def test_doctor_names_it() -> None:
    async with serving(Endless()) as url, connect(Connection("Keycloak", url), None, "r", FakeClock()) as prober:
        answer = await prober.discovery()
    assert isinstance(answer, NoAnswer)
    assert answer.failure is ProbeFailure.ENDLESS


async def test_half_of_a_surrogate_pair_is_read_as_decoders_do() -> None:
    body = '{"\\ud800": ["a\\udfffb", "\\ud83d\\ude00", "\u2028\u0085", "\\u0000", {"c": "\\uD800"}]}'
    async with asking(Script(Reply(200, body))) as http:
        found = (await http.get("/x")).json()
    assert found == {"\ufffd": ["a\ufffdb", "\U0001f600", "\u2028\u0085", "\0", {"c": "\ufffd"}]}
    json.dumps(found, ensure_ascii=False).encode()
