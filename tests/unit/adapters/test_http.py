"""How answers and silences of a live system become errors of ours."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.request_log import REQUEST_ID
from reconciler.adapters.required_roles import explain_forbidden
from reconciler.model.errors import (
    AccessRefused,
    Conflict,
    LiveSystemError,
    NotFound,
    OutcomeUnknown,
    RequestFailed,
    Unreachable,
    WrongUsage,
)
from tests.unit.adapters.serving import HANG_UP, Reply, Script, serving

pytestmark = pytest.mark.anyio

AT_ONCE = {"Retry-After": "0"}
PAGE = Reply(200, "<html>Please log in</html>", {"Content-Type": "text/html; charset=utf-8"})


@asynccontextmanager
async def asking(script: Script, *, attempts: int = 1, **options: Any) -> AsyncIterator[ApiClient]:
    async with (
        serving(script) as url,
        ApiClient(Connection("Keycloak", url, timeout=5, attempts=attempts), **options) as client,
    ):
        yield client


async def get_error(reply: Reply | None, method: str = "GET", path: str = "/x", **options: Any) -> Any:
    """Return the error that a request ends with."""
    async with asking(Script(reply), **options) as client:
        with pytest.raises((LiveSystemError, RequestFailed)) as error:
            await client.request(method, path)
        return error.value


def a_closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_a_good_answer_is_returned_and_counted() -> None:
    async with asking(Script(Reply(200, '{"a": 1}'))) as client:
        assert (await client.get("/x")).json() == {"a": 1}
        assert client.sent == 1


@pytest.mark.parametrize("path", ["/clients/1/roles/..", "/clients/1/nodes/.", "/clients/1/roles/..%2F..", "/../x"])
async def test_an_object_that_is_called_like_a_step_is_never_mistaken_for_the_one_above(path: str) -> None:
    script = Script()
    async with asking(script) as client:
        with pytest.raises(RequestFailed, match="has no path"):
            await client.request("DELETE", path)
    assert script.seen == []


async def test_every_request_has_an_id_that_errors_quote() -> None:
    script = Script(Reply(400))
    async with asking(script) as client:
        with pytest.raises(RequestFailed) as error:
            await client.get("/x")
    assert f"GET /x (request {script.seen[0].headers[REQUEST_ID]})" in error.value.message


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_busy_system_is_asked_again(method: str) -> None:
    script = Script(Reply(503, headers=AT_ONCE), Reply(429, headers=AT_ONCE), Reply())
    async with asking(script, attempts=4) as client:
        assert (await client.request(method, "/x")).is_success
    assert len(script.seen) == 3


@pytest.mark.parametrize("failure", [Reply(500), Reply(400, '{"error": "unknown_error"}')], ids=["500", "400"])
async def test_a_read_that_failed_inside_of_the_system_is_asked_again(failure: Reply) -> None:
    script = Script(failure, Reply())
    async with asking(script, attempts=2) as client:
        assert (await client.get("/x")).is_success
        assert client.sent == 1, "retries are none of their own"
    assert len(script.seen) == 2


async def test_a_read_that_keeps_failing_ends_with_the_failure() -> None:
    failure = Reply(500)
    async with asking(Script(failure, failure, Reply()), attempts=2) as client:
        with pytest.raises(RequestFailed):
            await client.get("/x")


@pytest.mark.parametrize(
    ("method", "reply"),
    [("GET", Reply(400, '{"error": "invalid_request"}')), ("PUT", Reply(500)), ("POST", Reply(500))],
    ids=["a refused read", "a failed PUT", "a failed POST"],
)
async def test_other_failures_are_not_repeated(method: str, reply: Reply) -> None:
    script = Script(reply, Reply())
    async with asking(script, attempts=4) as client:
        with pytest.raises(RequestFailed):
            await client.request(method, "/x")
    assert len(script.seen) == 1


async def test_a_post_is_never_repeated_blind() -> None:
    script = Script(Reply(503, headers=AT_ONCE), Reply())
    async with asking(script, attempts=4) as client:
        with pytest.raises(Unreachable):
            await client.post("/x", json={})
    assert len(script.seen) == 1


async def test_a_token_request_is_a_post_that_may_be_repeated() -> None:
    script = Script(Reply(503, headers=AT_ONCE), Reply())
    async with asking(script, attempts=4, retry_post=True) as client:
        assert (await client.post("/x", data={})).is_success


async def test_a_system_that_stays_busy_says_when_to_come_back() -> None:
    error = await get_error(Reply(503, headers={"Retry-After": "7"}))
    assert isinstance(error, Unreachable)
    assert "503 Service Unavailable" in error.message
    assert error.remedy == "It is overloaded; try again in 7 s."


async def test_a_web_page_is_no_answer() -> None:
    error = await get_error(PAGE)
    assert isinstance(error, Unreachable)
    assert "a web page instead of JSON (200 OK)" in error.message
    assert "proxy" in error.remedy


async def test_a_busy_page_of_a_proxy_is_a_busy_system() -> None:
    error = await get_error(Reply(502, "<html>Bad gateway</html>", {"Content-Type": "text/html"}))
    assert isinstance(error, Unreachable)
    assert error.remedy == "It is overloaded; try again later."


async def test_a_redirect_is_not_followed_and_named() -> None:
    script = Script(Reply(302, headers={"Location": "https://login.example/"}))
    async with asking(script) as client:
        with pytest.raises(Unreachable, match=r"a redirect to https://login\.example/"):
            await client.get("/x")
    assert len(script.seen) == 1


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/admin/realms/r/clients", "view-clients"),
        ("POST", "/admin/realms/r/clients", "manage-clients"),
        ("PUT", "/admin/realms/r/organizations/1", "manage-organizations"),
        ("GET", "/admin/realms/r/organizations/1/members", "view-organizations and view-users"),
        ("GET", "/admin/realms/r/organizations/1/invitations", "manage-organizations"),
        ("GET", "/admin/realms/r/organizations/members/1/organizations", "view-organizations and view-users"),
        ("PUT", "/admin/realms/r/users/1", "manage-users"),
        ("PUT", "/admin/realms/r", "manage-realm"),
        ("GET", "/admin/realms/r/admin-events", "view-events"),
        ("POST", "/admin/realms", "create-realm"),
    ],
)
async def test_a_403_names_the_role_that_is_missing(method: str, path: str, role: str) -> None:
    error = await get_error(Reply(403), method, path, explain_forbidden=explain_forbidden)
    assert isinstance(error, AccessRefused)
    assert role in error.remedy


async def test_a_403_on_an_unknown_path_still_says_what_to_do() -> None:
    error = await get_error(Reply(403), path="/somewhere", explain_forbidden=explain_forbidden)
    assert "README" in error.remedy


async def test_a_401_refuses_us_and_keeps_the_systems_own_code() -> None:
    error = await get_error(Reply(401, '{"error": "invalid_token", "error_description": "expired"}'))
    assert isinstance(error, AccessRefused)
    assert isinstance(error.__cause__, RequestFailed)
    assert (error.__cause__.status, error.__cause__.code) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFound), (409, Conflict), (400, RequestFailed), (500, RequestFailed)]
)
async def test_a_refusal_has_its_own_class_and_status(status: int, kind: type[RequestFailed]) -> None:
    error = await get_error(Reply(status))
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"errorMessage": "Client x already exists"}, "", ": Client x already exists."),
        ({"error": "invalid_client", "error_description": "Bad."}, "invalid_client", ": invalid_client: Bad."),
        (
            {"type": "https://x/errors/dpa-not-accepted", "title": "t", "detail": "Accept it.", "traceId": "7"},
            "dpa-not-accepted",
            ": dpa-not-accepted: Accept it (trace 7).",
        ),
        ([], "", "with 400 Bad Request."),
        ("nonsense", "", "with 400 Bad Request."),
    ],
)
async def test_the_systems_own_words_are_kept(body: object, code: str, words: str) -> None:
    error = await get_error(Reply(400, json.dumps(body)))
    assert error.code == code
    assert words in error.message


async def test_an_answer_that_is_no_json_is_not_quoted() -> None:
    assert "secret" not in (await get_error(Reply(500, "secret stack trace"))).message


async def test_a_long_explanation_is_cut() -> None:
    assert len((await get_error(Reply(400, json.dumps({"errorMessage": "x" * 5000})))).message) < 500


async def test_where_nobody_listens_the_system_cannot_be_reached() -> None:
    url = a_closed_port()
    async with ApiClient(Connection("Keycloak", url, attempts=1)) as client:
        for method in ("GET", "POST"):
            with pytest.raises(Unreachable) as error:
                await client.request(method, "/x")
            assert f"Keycloak cannot be reached at {url}" in error.value.message


async def test_a_read_that_breaks_off_is_tried_again() -> None:
    script = Script(HANG_UP, Reply())
    async with asking(script, attempts=2) as client:
        assert (await client.get("/x")).is_success


async def test_a_read_that_keeps_breaking_off_cannot_reach_the_system() -> None:
    assert isinstance(await get_error(HANG_UP), Unreachable)


async def test_a_post_that_breaks_off_leaves_its_outcome_unknown() -> None:
    error = await get_error(HANG_UP, "POST")
    assert isinstance(error, OutcomeUnknown)
    assert "POST /x" in error.message


async def test_no_more_requests_are_in_flight_than_the_connection_allows() -> None:
    script = Script(Reply())
    async with (
        serving(script) as url,
        ApiClient(Connection("Keycloak", url, parallelism=2)) as client,
    ):
        await asyncio.gather(*(client.get("/x") for _ in range(20)))
    assert len(script.seen) == 20


def test_a_certificate_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    connection = Connection("Keycloak", "https://kc.example", ca_file=tmp_path / "ca.pem")
    with pytest.raises(WrongUsage, match="certificate file for Keycloak"):
        ApiClient(connection)


def test_a_key_that_does_not_belong_to_its_certificate_is_wrong_usage(tmp_path: Path) -> None:
    certificate = tmp_path / "client.pem"
    certificate.write_text("no PEM", encoding="ascii")
    with pytest.raises(WrongUsage, match="certificate file for Keycloak"):
        ApiClient(Connection("Keycloak", "https://kc.example", certificate_file=certificate))
