"""Who shares a token shares a failure, too: nobody waits longer than its deadline, whatever Keycloak does."""

import asyncio
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from nt24_tokens import AsyncTokenProvider, TokenError, TokenProvider, TokenRefused, Unreachable
from tests.unit.nt24_tokens.issuing import Answer, Endpoint, a_token, issuing

REFUSAL: Answer = (401, {"error": "unauthorized_client", "error_description": "Invalid client credentials"})


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with issuing() as served:
        yield served


@contextmanager
def talking(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """Accept connections on loopback, and do with each as told."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        over = threading.Event()

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=spoken, args=(connection,), daemon=True).start()

        def spoken(connection: socket.socket) -> None:
            with connection:
                try:
                    speak(connection)
                    over.wait(30)
                except OSError:
                    pass

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def say_nothing(connection: socket.socket) -> None:
    """Leave the caller waiting."""


def trickle(connection: socket.socket) -> None:
    """Send a byte from time to time, so that no single read times out."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)


def never_end(connection: socket.socket) -> None:
    """Send more than any token response is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


def failure_of(provider: TokenProvider) -> TokenError:
    with pytest.raises(TokenError) as error:
        provider.token()
    return error.value


def test_many_threads_share_one_refusal_and_each_raises_its_own(endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: REFUSAL
    provider = TokenProvider(endpoint.url, "api-client-acme", "revoked")
    with ThreadPoolExecutor(50) as pool:
        failures = list(pool.map(lambda _: failure_of(provider), range(200)))
    assert len(endpoint.forms) == 1
    assert {type(each) for each in failures} == {TokenRefused}
    assert len({id(each) for each in failures}) == 200


def test_many_tasks_share_one_refusal(endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: REFUSAL
    provider = AsyncTokenProvider(endpoint.url, "api-client-acme", "revoked")

    async def all_at_once() -> list[str | BaseException]:
        return await asyncio.gather(*(provider.token() for _ in range(200)), return_exceptions=True)

    assert {type(each) for each in asyncio.run(all_at_once())} == {TokenRefused}
    assert len(endpoint.forms) == 1


def test_another_secret_is_tried_at_once(endpoint: Endpoint) -> None:
    endpoint.answer = lambda number: REFUSAL if number == 1 else a_token("good")
    secret = ["revoked"]
    provider = TokenProvider(endpoint.url, "api-client-acme", lambda: secret[0])
    assert isinstance(failure_of(provider), TokenRefused)
    assert isinstance(failure_of(provider), TokenRefused)
    secret[0] = "new"
    assert provider.token() == "good"
    assert len(endpoint.forms) == 2


def test_the_same_secret_is_tried_again_after_a_while(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint.answer = lambda number: REFUSAL if number == 1 else a_token("good")
    provider = TokenProvider(endpoint.url, "api-client-acme", "given back")
    failure_of(provider)
    before = time.monotonic
    monkeypatch.setattr("time.monotonic", lambda: before() + 6)
    assert provider.token() == "good"


@pytest.mark.parametrize("speak", [say_nothing, trickle])
def test_nobody_waits_longer_than_the_deadline(speak: Callable[[socket.socket], None]) -> None:
    with talking(speak) as url:
        provider = TokenProvider(url, "api-client-acme", "secret", deadline=0.5)
        started = time.monotonic()
        with ThreadPoolExecutor(100) as pool:
            failures = list(pool.map(lambda _: failure_of(provider), range(100)))
        assert {type(each) for each in failures} == {Unreachable}
        # The time-outs of httpx alone would let the first wait for 30 s, and each of the others after it.
        assert time.monotonic() - started < 20
        other = AsyncTokenProvider(url, "api-client-acme", "secret", deadline=0.1)
        with pytest.raises(Unreachable, match=r"in time|within"):
            asyncio.run(other.token())


def test_an_answer_that_never_ends_is_no_token_response() -> None:
    with talking(never_end) as url:
        failure = failure_of(TokenProvider(url, "api-client-acme", "secret"))
    assert "is not Keycloak's token endpoint" in failure.message


def test_a_function_that_fails_to_give_the_secret_jams_nobody(endpoint: Endpoint) -> None:
    answers: list[str | Exception] = [OSError("no such file"), "\ud800", "secret"]

    def read() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    provider = TokenProvider(endpoint.url, "api-client-acme", read)
    with pytest.raises(OSError, match="no such file"):
        provider.token()
    with pytest.raises(UnicodeEncodeError):
        provider.token()
    assert provider.token() == "1"


def test_event_loops_in_several_threads_share_one_fetch(endpoint: Endpoint) -> None:
    provider = AsyncTokenProvider(endpoint.url, "api-client-acme", "secret")

    def loop(_: int) -> str:
        return asyncio.run(provider.token())

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(loop, range(32))) == {"1"}
    assert len(endpoint.forms) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_child_process_asks_for_itself(endpoint: Endpoint) -> None:
    """The thread that asks is not in the child, and what it held would be held for ever."""
    asked, go_on = threading.Event(), threading.Event()

    def held(number: int) -> Answer:
        if number == 1:
            asked.set()
            go_on.wait(30)
        return a_token(str(number))

    endpoint.answer = held
    provider = TokenProvider(endpoint.url, "api-client-acme", "secret", deadline=20)
    waiting = threading.Thread(target=provider.token)
    waiting.start()
    assert asked.wait(10)
    child = os.fork()
    if child == 0:
        os._exit(0 if provider.token() == "2" else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    go_on.set()
    waiting.join()
    assert status == 0


def test_the_public_cas_are_loaded_once(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []

    def counted(**_: object) -> ssl.SSLContext:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return made[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", counted)
    provider = TokenProvider(endpoint.url.replace("http:", "https:"), "api-client-acme", "secret", deadline=2)
    failure_of(provider)
    before = time.monotonic
    monkeypatch.setattr("time.monotonic", lambda: before() + 6)
    failure_of(provider)
    assert len(made) == 1
