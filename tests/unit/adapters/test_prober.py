"""The systems are asked as a program asks them; every outcome is a value, and no secret is in it."""

import json
import socket
import ssl
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.adapters import prober
from reconciler.adapters.connecting import certificate_at, failure_of
from reconciler.adapters.http import Connection
from reconciler.adapters.prober import HttpProber
from reconciler.adapters.vault import PlainSecret
from reconciler.model.probe import NoAnswer, ProbeAnswer, ProbeFailure, System
from tests.certificates import DAY, Authority, serving_tls
from tests.fakes.runtime import START, FakeClock
from tests.unit.adapters.serving import HANG_UP, Reply, Script, serving

pytestmark = pytest.mark.anyio

TOKEN = "eyJhbGciOiJub25lIn0.eyJhenAiOiJhcGktY2xpZW50LWFjbWUifQ.c2ln"


def probing(url: str, ca_file: Path | None = None, timeout: float = 10) -> AbstractAsyncContextManager[HttpProber]:
    side = Connection("Keycloak", url, ca_file=ca_file, timeout=timeout)
    return prober.connect(side, side, "nt24-idp", FakeClock())


async def test_a_token_is_asked_for_with_a_form_and_is_not_in_the_answer() -> None:
    script = Script(Reply(200, json.dumps({"access_token": TOKEN, "expires_in": 300})))
    async with serving(script) as url, probing(url) as probe:
        answer, token = await probe.ask_token("api-client-acme", PlainSecret("hunter2&x"))

    assert isinstance(answer, ProbeAnswer)
    assert token is not None
    assert token.claims == {"azp": "api-client-acme"}
    assert answer.document == {"expires_in": 300}
    assert answer.received == START
    assert TOKEN not in repr((answer, token))
    (seen,) = script.seen
    assert seen.path == "/realms/nt24-idp/protocol/openid-connect/token"
    assert seen.body == "grant_type=client_credentials&client_id=api-client-acme&client_secret=hunter2%26x"
    assert answer.request_id == seen.headers["X-Request-Id"]


async def test_nothing_is_asked_twice() -> None:
    script = Script(Reply(503), Reply(200))
    async with serving(script) as url, probing(url) as probe:
        answer = await probe.me(PlainSecret(TOKEN))

    assert isinstance(answer, ProbeAnswer)
    assert (answer.status, len(script.seen)) == (503, 1)


async def test_the_answer_s_own_request_id_and_trace_are_kept() -> None:
    body = json.dumps({"type": "https://x/problems/forbidden", "detail": "No.", "traceId": "req_1"})
    async with serving(Script(Reply(403, body, {"X-Request-Id": "theirs"}))) as url, probing(url) as probe:
        answer = await probe.me(PlainSecret(TOKEN))

    assert isinstance(answer, ProbeAnswer)
    assert (answer.code, answer.words, answer.trace_id, answer.request_id) == ("forbidden", "No.", "req_1", "theirs")


async def test_a_connection_that_breaks_is_a_value() -> None:
    async with serving(Script(HANG_UP)) as url, probing(url) as probe:
        answer = await probe.discovery()

    assert isinstance(answer, NoAnswer)
    assert answer.failure is ProbeFailure.BROKEN


async def test_a_port_where_nobody_listens_refuses_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with probing(f"http://127.0.0.1:{port}") as probe:
        answer = await probe.discovery()

    assert isinstance(answer, NoAnswer)
    assert answer.failure is ProbeFailure.CONNECTION_REFUSED


async def test_a_server_that_says_nothing_is_timed_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with probing(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2) as probe:
            answer = await probe.discovery()

    assert isinstance(answer, NoAnswer)
    assert answer.failure is ProbeFailure.TIMED_OUT


def test_a_name_that_nobody_knows_is_found_deep_in_the_chain() -> None:
    error = RuntimeError("outside")
    error.__cause__ = OSError("between")
    error.__cause__.__context__ = socket.gaierror(-2, "Name or service not known")

    assert failure_of(error) is ProbeFailure.UNKNOWN_HOST


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.mark.parametrize(
    ("settings", "failure"),
    [
        ({"ends_in": -DAY}, ProbeFailure.EXPIRED),
        ({"begins_in": DAY, "ends_in": 3 * DAY}, ProbeFailure.NOT_YET_VALID),
        ({"host": "idp.example"}, ProbeFailure.WRONG_HOST),
        ({"host": "127.0.0.2"}, ProbeFailure.WRONG_HOST),
    ],
    ids=["expired", "not-yet-valid", "other-name", "other-address"],
)
async def test_a_certificate_of_a_trusted_ca_may_be_wrong_in_other_ways(
    authority: Authority, settings: dict[str, object], failure: ProbeFailure
) -> None:
    file = authority.certificate(**settings)  # type: ignore[arg-type]
    with serving_tls(file) as url:
        async with probing(url, authority.file) as probe:
            answer = await probe.discovery()

    assert isinstance(answer, NoAnswer)
    assert answer.failure is failure


async def test_a_private_ca_is_trusted_only_if_it_is_named(authority: Authority) -> None:
    with serving_tls(authority.certificate()) as url:
        async with probing(url) as stranger, probing(url, authority.file) as friend:
            refused, answered = await stranger.discovery(), await friend.discovery()
            seen = await stranger.certificate(System.KEYCLOAK)

    assert isinstance(refused, NoAnswer)
    assert refused.failure is ProbeFailure.UNTRUSTED
    assert isinstance(answered, ProbeAnswer)
    assert seen is not None
    assert (seen.names, seen.issuer) == (("127.0.0.1",), "A Private CA")
    assert seen.not_after > datetime.now(UTC)


async def test_plain_http_behind_an_https_url_is_told_from_a_bad_certificate() -> None:
    async with serving(Script(Reply())) as url, probing(url.replace("http:", "https:")) as probe:
        answer = await probe.discovery()

    assert isinstance(answer, NoAnswer)
    assert answer.failure is ProbeFailure.NOT_TLS


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
async def test_where_no_certificate_can_be_had_there_is_none(url: str) -> None:
    assert await certificate_at(url, 5) is None


def test_a_tls_failure_that_nobody_knows_is_still_one_of_tls() -> None:
    assert failure_of(ssl.SSLError(1, "tlsv13 alert certificate required")).is_tls
