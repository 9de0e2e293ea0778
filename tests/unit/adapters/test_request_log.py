"""What is told of requests: enough to find one in a server's own log, and nothing that could open a door."""

import logging
from contextlib import suppress
from typing import Any

import pytest

from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.request_log import REQUEST_ID
from reconciler.adapters.tokens import fetch_token
from reconciler.model.errors import ReconcilerError, Unreachable
from tests.unit.adapters.serving import HANG_UP, Reply, Script, serving

pytestmark = pytest.mark.anyio

TRACE = 5
AT_ONCE = {"Retry-After": "0"}
SECRET = "a-secret-that-must-never-show"


@pytest.fixture(autouse=True)
def _all(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(TRACE, logger="reconciler")


async def ask(script: Script, method: str = "GET", path: str = "/x", *, attempts: int = 3, **options: Any) -> None:
    async with (
        serving(script) as url,
        ApiClient(Connection("Keycloak", url, timeout=5, attempts=attempts)) as client,
    ):
        with suppress(ReconcilerError):
            await client.request(method, path, **options)


def told(caplog: pytest.LogCaptureFixture, event: str = "request") -> list[dict[str, Any]]:
    return [record.fields for record in caplog.records if getattr(record, "event", "") == event]  # type: ignore[attr-defined]


async def test_a_request_is_told_with_what_a_server_s_log_finds_it_by(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(Reply(201, "{}"))
    await ask(script, "POST", "/admin/realms/nt24-idp/clients", json={})

    (fields,) = told(caplog)
    assert fields.pop("duration_ms") >= 0
    assert fields == {
        "system": "Keycloak",
        "method": "POST",
        "path": "/admin/realms/nt24-idp/clients",
        "status": 201,
        "bytes": 2,
        "retries": 0,
        "request_id": script.seen[0].headers[REQUEST_ID],
    }


async def test_retries_are_counted_and_keep_the_request_s_id(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(Reply(503, headers=AT_ONCE), Reply(429, headers=AT_ONCE), Reply())
    await ask(script)

    assert [fields["retries"] for fields in told(caplog)] == [2]
    assert [fields["attempt"] for fields in told(caplog, "attempt")] == [1, 2, 3]
    assert len({seen.headers[REQUEST_ID] for seen in script.seen}) == 1


async def test_a_request_without_an_answer_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    await ask(Script(HANG_UP), attempts=1)

    assert [fields["failure"] for fields in told(caplog)] != []
    assert "no answer" in caplog.text


async def test_of_a_query_only_what_is_no_secret_is_told(caplog: pytest.LogCaptureFixture) -> None:
    await ask(Script(Reply()), path="/x", params={"first": "0", "client_secret": SECRET, "accessToken": SECRET})

    assert told(caplog)[0]["query"] == "first=0&client_secret=…&accessToken=…"
    assert SECRET not in caplog.text


async def test_a_query_is_told_with_the_second_v_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="reconciler")
    await ask(Script(Reply(503, headers=AT_ONCE), Reply()), params={"first": "0"})

    assert "first" not in caplog.text
    assert told(caplog, "attempt") == []


async def test_nothing_is_told_unless_it_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="reconciler")
    await ask(Script(Reply()))

    assert told(caplog) == []


async def test_neither_bodies_nor_headers_are_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reply = Reply(200, f'{{"access_token": "{SECRET}", "expires_in": 60}}', {"X-Session": SECRET})
    async with serving(Script(reply)) as url, ApiClient(Connection("Keycloak", url), retry_post=True) as client:
        await fetch_token(client, "nt24-idp", {"client_id": "acme", "client_secret": SECRET})

    ours = [record for record in caplog.records if record.name.startswith("reconciler")]
    assert [record.fields["path"] for record in ours] == ["/realms/nt24-idp/protocol/openid-connect/token"]  # type: ignore[attr-defined]
    assert not any(SECRET in str(vars(record)) for record in ours)


async def test_an_answer_that_is_no_token_is_reported_with_the_request_s_id() -> None:
    script = Script(Reply(200, "[]"))
    async with serving(script) as url, ApiClient(Connection("Keycloak", url), retry_post=True) as client:
        with pytest.raises(Unreachable) as error:
            await fetch_token(client, "nt24-idp", {})

    assert f"(request {script.seen[0].headers[REQUEST_ID]})" in error.value.message
