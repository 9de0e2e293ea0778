"""The token providers, blocking and asynchronous alike, against an endpoint on loopback."""

import asyncio
import copy
import logging
import pickle
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from reconciler.integrator import AsyncTokenProvider, TokenProvider, TokenRefused, Unreachable, WrongUsage
from tests.unit.nt24_tokens.issuing import Endpoint, a_token, issuing

SECRET = "correct-horse-battery"
REFUSAL = (401, {"error": "unauthorized_client", "error_description": "Invalid client or Invalid client credentials"})

Provider = TokenProvider | AsyncTokenProvider


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with issuing() as served:
        yield served


@pytest.fixture(params=[TokenProvider, AsyncTokenProvider])
def kind(request: pytest.FixtureRequest) -> Callable[..., Provider]:
    kind: Callable[..., Provider] = request.param
    return kind


def token_of(provider: Provider) -> str:
    if isinstance(provider, TokenProvider):
        return provider.token()
    return asyncio.run(provider.token())


def get(provider: Provider, url: str) -> httpx.Response:
    if isinstance(provider, TokenProvider):
        with httpx.Client(auth=provider, trust_env=False) as client:
            return client.get(url)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(auth=provider, trust_env=False) as client:
            return await client.get(url)

    return asyncio.run(ask())


def set_back(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the machine's monotonic clock stand ``seconds`` later."""
    before = time.monotonic
    monkeypatch.setattr("time.monotonic", lambda: before() + seconds)


def test_a_token_is_asked_for_with_a_form_and_kept(kind: Callable[..., Provider], endpoint: Endpoint) -> None:
    provider = kind(endpoint.url, "api-client-acme", SECRET)
    assert [token_of(provider), token_of(provider)] == ["1", "1"]
    assert endpoint.forms == [
        {"grant_type": ["client_credentials"], "client_id": ["api-client-acme"], "client_secret": [SECRET]}
    ]


def test_many_threads_share_one_fetch(endpoint: Endpoint) -> None:
    provider = TokenProvider(endpoint.url, "api-client-acme", SECRET)
    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(lambda _: provider.token(), range(200))) == {"1"}
    assert len(endpoint.forms) == 1


def test_many_tasks_share_one_fetch(endpoint: Endpoint) -> None:
    provider = AsyncTokenProvider(endpoint.url, "api-client-acme", SECRET)

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(provider.token() for _ in range(200)))

    assert set(asyncio.run(all_at_once())) == {"1"}
    assert set(asyncio.run(all_at_once())) == {"1"}  # in another event loop
    assert len(endpoint.forms) == 1


def test_a_task_that_is_cancelled_leaves_the_token_to_the_others(endpoint: Endpoint) -> None:
    provider = AsyncTokenProvider(endpoint.url, "api-client-acme", SECRET)

    async def cancelled() -> str:
        first = asyncio.create_task(provider.token())
        second = asyncio.create_task(provider.token())
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(cancelled()) in {"1", "2"}


def test_it_authorizes_an_http_client(kind: Callable[..., Provider], endpoint: Endpoint) -> None:
    assert get(kind(endpoint.url, "api-client-acme", SECRET), f"{endpoint.url}/api").status_code == 200
    assert endpoint.sent == ["1"]


def test_a_token_that_the_api_refuses_is_replaced_once(kind: Callable[..., Provider], endpoint: Endpoint) -> None:
    endpoint.good = {"2"}
    provider = kind(endpoint.url, "api-client-acme", SECRET)
    assert get(provider, f"{endpoint.url}/api").status_code == 200
    endpoint.good = {"none"}
    assert get(provider, f"{endpoint.url}/api").status_code == 401
    assert endpoint.sent == ["1", "2", "2", "3"]


def test_a_body_that_cannot_be_sent_again_is_not(endpoint: Endpoint) -> None:
    endpoint.good = {"2"}
    provider = TokenProvider(endpoint.url, "api-client-acme", SECRET)
    with httpx.Client(auth=provider, trust_env=False) as client:
        answers = [client.post(f"{endpoint.url}/api", content=iter([b"x"])).status_code for _ in range(2)]
    assert answers == [401, 200]


def test_each_provider_refuses_the_other_kind_of_client(endpoint: Endpoint) -> None:
    provider = TokenProvider(endpoint.url, "api-client-acme", SECRET)
    other = AsyncTokenProvider(endpoint.url, "api-client-acme", SECRET)
    with httpx.Client(auth=other) as client, pytest.raises(RuntimeError, match="use TokenProvider"):
        client.get(endpoint.url)

    async def ask() -> None:
        async with httpx.AsyncClient(auth=provider) as client:
            await client.get(endpoint.url)

    with pytest.raises(RuntimeError, match="use AsyncTokenProvider"):
        asyncio.run(ask())


def test_a_rotated_secret_is_taken_up_with_the_next_token(kind: Callable[..., Provider], endpoint: Endpoint) -> None:
    secrets = iter(["old", "new"])
    provider = kind(endpoint.url, "api-client-acme", lambda: next(secrets))
    token = token_of(provider)
    provider.forget(token)
    token_of(provider)
    assert [form["client_secret"] for form in endpoint.forms] == [["old"], ["new"]]


def test_setting_the_clock_changes_nothing(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = TokenProvider(endpoint.url, "api-client-acme", SECRET)
    provider.token()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert provider.token() == "1"


def test_a_token_that_still_serves_is_used_while_keycloak_is_away(
    kind: Callable[..., Provider], endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = kind(endpoint.url, "api-client-acme", SECRET)
    token_of(provider)
    endpoint.answer = lambda _: (503, {})
    set_back(monkeypatch, 250)
    assert token_of(provider) == "1"
    set_back(monkeypatch, 50)
    with pytest.raises(Unreachable):
        token_of(provider)


def test_a_busy_keycloak_is_asked_again(kind: Callable[..., Provider], endpoint: Endpoint) -> None:
    endpoint.answer = lambda number: (503, {}) if number == 1 else a_token(str(number))
    assert token_of(kind(endpoint.url, "api-client-acme", SECRET)) == "2"


def test_a_refusal_carries_the_oauth_error_and_is_not_repeated(
    kind: Callable[..., Provider], endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: REFUSAL
    with pytest.raises(TokenRefused, match="Invalid client credentials") as error:
        token_of(kind(endpoint.url, "api-client-acme", SECRET))
    assert (error.value.status, error.value.code) == (401, "unauthorized_client")
    assert "secret" in error.value.remedy
    assert len(endpoint.forms) == 1


@pytest.mark.parametrize(
    "answer",
    [(200, "<html>"), (200, {}), (200, []), (401, "<html>"), (404, "no"), a_token("a\r\nX-Evil: 1"), a_token("ä")],
)
def test_an_answer_of_something_else_is_said_to_be_that(endpoint: Endpoint, answer: tuple[int, object]) -> None:
    endpoint.answer = lambda _: answer
    with pytest.raises(Unreachable, match="is not Keycloak's token endpoint"):
        TokenProvider(endpoint.url, "api-client-acme", SECRET).token()


ECHO = (401, {"error": "invalid_client", "error_description": f"client_secret={SECRET} is wrong"})


def test_a_refusal_that_repeats_the_secret_is_told_without_it(endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: ECHO
    with pytest.raises(TokenRefused, match="401 invalid_client: what it said repeats the secret") as error:
        TokenProvider(endpoint.url, "api-client-acme", SECRET).token()
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(error.tb) if "/nt24-tokens/" in frame.f_code.co_filename]
    assert frames
    assert SECRET not in repr(frames)


@pytest.mark.parametrize("answer", [REFUSAL, ECHO, (503, {}), (200, {})])
def test_no_secret_shows_anywhere(
    kind: Callable[..., Provider], endpoint: Endpoint, answer: tuple[int, object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider = kind(endpoint.url, "api-client-acme", SECRET)
    token_of(provider)
    endpoint.answer = lambda _: answer
    provider.forget("1")
    with pytest.raises((TokenRefused, Unreachable)) as error:
        token_of(provider)
    shown = [
        repr(provider),
        str(provider),
        str(vars(provider)),
        caplog.text,
        "".join(traceback.format_exception(error.value)),
    ]
    assert SECRET not in "".join(shown)


def test_no_frame_of_an_error_knows_the_secret() -> None:
    """What reporters of errors collect: the local variables of every frame of the whole chain."""
    provider = TokenProvider("http://127.0.0.1:1", "api-client-acme", SECRET)
    with pytest.raises(Unreachable) as error:
        provider.token()
    seen: list[Any] = []
    failure: BaseException | None = error.value
    while failure is not None:
        frames = [frame for frame, _ in traceback.walk_tb(failure.__traceback__)]
        seen += [
            value
            for frame in frames
            if "test_providers" not in frame.f_code.co_filename
            for value in frame.f_locals.values()
        ]
        failure = failure.__cause__ or failure.__context__
    assert seen
    assert SECRET not in repr(seen)


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_neither_pickled_nor_copied(kind: Callable[..., Provider], act: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        act(kind("https://idp.example", "api-client-acme", SECRET))


def test_plain_http_to_another_machine_is_refused(kind: Callable[..., Provider]) -> None:
    with pytest.raises(WrongUsage, match="plain HTTP") as error:
        kind("http://idp.example", "api-client-acme", SECRET)
    assert "allow_http=True" in error.value.remedy
    kind("http://idp.example", "api-client-acme", SECRET, allow_http=True)


def test_a_client_without_a_secret_is_refused(kind: Callable[..., Provider]) -> None:
    with pytest.raises(WrongUsage, match="secret"):
        kind("https://idp.example", "api-client-acme", "")


def test_the_environment_says_who_asks(kind: Any, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"KEYCLOAK_URL": endpoint.url, "NT24_CLIENT_ID": "api-client-acme", "NT24_CLIENT_SECRET": SECRET}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NT24_REALM", "elsewhere")
    provider = kind.from_environment(timeout=5)
    assert token_of(provider) == "1"
    assert "/realms/elsewhere/" in repr(provider)
    monkeypatch.delenv("NT24_CLIENT_SECRET")
    with pytest.raises(WrongUsage, match="NT24_CLIENT_SECRET must be set"):
        kind.from_environment()
