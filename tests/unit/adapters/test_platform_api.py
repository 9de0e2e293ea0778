"""``GET /v1/me`` asked with a client's own token."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from reconciler.adapters.http import Connection
from reconciler.adapters.platform_api import NovatradeApi, connect
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import RequestFailed, Unreachable, WrongServer
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import HANG_UP, Reply, Script, serving

pytestmark = pytest.mark.anyio

TOKEN = Reply(200, json.dumps({"access_token": "no-hex-digits", "expires_in": 300}))
ME = Reply(
    200,
    json.dumps(
        {
            "organizationUuid": "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
            "name": "Acme",
            "authorizedPartners": [],
            "capabilities": {"rateLimitTier": "BRAND_NEW", "allowBrandNew": True},
            "brandNew": 1,
        }
    ),
)


def problem(status: int, kind: str) -> Reply:
    return Reply(status, json.dumps({"type": f"https://api.example/errors/{kind}", "detail": "Because."}))


@asynccontextmanager
async def asking(tokens: Script, platform: Script, *, secret: str = "hunter2") -> AsyncIterator[NovatradeApi]:
    vault = SecretVault()
    vault.strip({"clientId": "api-client-acme", "secret": secret})
    async with serving(tokens) as keycloak_url, serving(platform) as api_url:
        keycloak = Connection("Keycloak", keycloak_url, attempts=1)
        api = Connection("The platform", api_url, attempts=1)
        async with connect(api, keycloak, "nt24-idp", vault, FakeClock()) as found:
            yield found


async def refusal(
    tokens: Reply | None, platform: Reply | None = ME, client_id: str = "api-client-acme"
) -> RequestFailed:
    async with asking(Script(tokens), Script(platform)) as api:
        with pytest.raises(RequestFailed) as error:
            await api.me(client_id)
    return error.value


async def wrong_server(*answers: Reply) -> WrongServer:
    """Return what is said of answers to a question for webhooks, or, where it is one, for what is in force."""
    async with asking(Script(TOKEN), Script(*answers)) as api:
        with pytest.raises(WrongServer) as error:
            await (api.me if len(answers) == 1 else api.webhooks)("api-client-acme")
    assert "hunter2" not in f"{error.value} {error.value.remedy} {error.value.__cause__}"
    assert "no-hex-digits" not in f"{error.value} {error.value.remedy} {error.value.__cause__}"
    return error.value


async def test_a_client_asks_with_a_token_of_its_own_which_is_kept() -> None:
    tokens, platform = Script(TOKEN), Script(ME)
    async with asking(tokens, platform) as api:
        answers = [await api.me("api-client-acme") for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0].name == "Acme"
    assert [seen.headers["Authorization"] for seen in platform.seen] == ["Bearer no-hex-digits"] * 2
    assert len(tokens.seen) == 1


async def test_fields_and_values_that_we_do_not_know_are_tolerated() -> None:
    async with asking(Script(TOKEN), Script(ME)) as api:
        assert (await api.me("api-client-acme")).capabilities["rateLimitTier"] == "BRAND_NEW"


@pytest.mark.parametrize(
    ("status", "kind"), [(403, "dpa-not-accepted"), (403, "forbidden"), (401, "unauthorized"), (404, "not-found")]
)
async def test_the_platforms_own_word_for_a_refusal_is_kept(status: int, kind: str) -> None:
    error = await refusal(TOKEN, problem(status, kind))
    assert (error.status, error.code) == (status, kind)


async def test_a_client_that_gets_no_token_is_refused_with_the_oauth_error() -> None:
    error = await refusal(Reply(401, json.dumps({"error": "invalid_client", "error_description": "No."})))
    assert (error.status, error.code) == (401, "invalid_client")


async def test_a_client_whose_secret_was_never_seen_cannot_be_asked() -> None:
    error = await refusal(TOKEN, client_id="api-client-other")
    assert error.code == "no-secret"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{}", "(see organizationUuid, name"),
        ("[]", "returned an undocumented answer."),
        ("null", "returned an undocumented answer."),
        ("nonsense", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ('{"organizationUuid": "x", "name": "Acme"}', "(see organizationUuid"),
        ('{"organizationUuid": "x", "name": "Acme", "authorizedPartners": {}}', "authorizedPartners"),
    ],
)
async def test_an_answer_of_another_form_says_what_answered_where(body: str, said: str) -> None:
    error = await wrong_server(Reply(200, body))
    assert error.exit_code == 3
    assert error.message.startswith("GET /v1/me (request ")
    assert said in error.message


def a_page(*ids: str, more: bool) -> Reply:
    data = [{"id": each, "url": "https://erp.example"} for each in ids]
    return Reply(200, json.dumps({"data": data, "pagination": {"hasNext": more}}))


async def test_a_page_that_comes_twice_is_not_the_whole_and_a_webhook_that_comes_twice_is_one() -> None:
    error = await wrong_server(a_page("1", "2", more=True), a_page("1", "2", more=True))
    assert "a page that it had given before" in error.message
    assert error.exit_code == 3
    async with asking(Script(TOKEN), Script(a_page("1", "2", more=True), a_page("2", "3", "3", more=False))) as api:
        assert [each.id for each in await api.webhooks("api-client-acme")] == ["1", "2", "3"]


async def test_no_error_shows_a_secret() -> None:
    await wrong_server(Reply(200, "{}"))
    for tokens, platform in ((Reply(401), ME), (TOKEN, Reply(403))):
        error = await refusal(tokens, platform)
        assert "hunter2" not in f"{error} {error.remedy} {error.__cause__}"
        assert "no-hex-digits" not in f"{error} {error.remedy} {error.__cause__}"


async def test_a_platform_that_does_not_answer_cannot_be_reached() -> None:
    async with asking(Script(TOKEN), Script(HANG_UP)) as api:
        with pytest.raises(Unreachable, match="The platform"):
            await api.me("api-client-acme")


@pytest.mark.parametrize(("reply", "mock"), [(ME, True), (Reply(401), False), (Reply(403), False), (Reply(500), False)])
async def test_a_platform_that_answers_without_a_token_is_a_mock(reply: Reply, mock: bool) -> None:
    async with asking(Script(TOKEN), Script(*[reply] * 4)) as api:
        assert await api.is_mock() is mock


async def test_of_a_platform_that_is_silent_nobody_knows_whether_it_is_a_mock() -> None:
    async with asking(Script(TOKEN), Script(*[HANG_UP] * 4)) as api:
        with pytest.raises(Unreachable):
            await api.is_mock()


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (Reply(404, '{"type": "https://problems.novatrade24.com/not-found"}'), "There is no /v1/me below this URL."),
        (Reply(405), "There is no /v1/me below this URL."),
        (Reply(404, '{"error": "Unable to find matching target resource method"}'), "Keycloak answers at this URL."),
        (Reply(200, "<html>", {"Content-Type": "text/html"}), "the answer is a web page"),
        (Reply(302, "", {"Location": "/login"}), "the answer is a redirect to /login"),
    ],
)
async def test_what_is_no_platform_is_named(reply: Reply, cause: str) -> None:
    async with asking(Script(TOKEN), Script(reply)) as api:
        with pytest.raises(WrongServer, match=re.escape(cause)) as error:
            await api.is_mock()
        assert "URL" in error.value.remedy
