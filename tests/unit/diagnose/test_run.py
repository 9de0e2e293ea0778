"""The walk through the checks: each needs those before it, and says why it was not made."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.adapters.vault import PlainSecret
from reconciler.diagnose.run import CHECKS, diagnose
from reconciler.diagnose.session import Asked
from reconciler.diagnose.stored import SecretMatch
from reconciler.model import layout
from reconciler.model.diagnosis import CheckName, CheckStatus
from reconciler.model.errors import AccessRefused, ExitCode
from reconciler.model.probe import NoAnswer, ProbeAnswer, ProbeFailure, System
from reconciler.model.rotation import SecretTimes
from tests.builders import a_uuid
from tests.fakes.runtime import START
from tests.unit.diagnose.builders import (
    NOW,
    SECRET,
    FakeProber,
    TextToken,
    a_certificate,
    a_session,
    an_organization,
    check,
    claims,
    codes,
    discovery,
    me,
    oauth,
    problem,
    stored,
)

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def test_every_check_is_made_once_and_in_the_order_of_the_names() -> None:
    diagnosis = await diagnose(a_session(stored=stored()))

    assert [each.name for each in diagnosis.checks] == [each for each in CheckName if each is not CheckName.ANSWER]
    assert {each.status for each in diagnosis.checks} == {CheckStatus.OK, CheckStatus.SKIPPED}
    assert diagnosis.exit_code is ExitCode.DONE


def test_checks_need_only_what_comes_before_them() -> None:
    for number, each in enumerate(CHECKS):
        assert set(each.needs) <= {earlier.name for earlier in CHECKS[:number]}


@pytest.mark.parametrize("failure", [failure for failure in ProbeFailure if not failure.is_tls])
async def test_nothing_is_asked_of_a_keycloak_that_is_not_there(failure: ProbeFailure) -> None:
    prober = FakeProber(on_discovery=NoAnswer(failure, "in its own words", "r1"))
    diagnosis = await diagnose(a_session(prober))

    found = check(diagnosis, "keycloak")
    assert (found.status, codes(found)) == (CheckStatus.FAILED, [failure])
    assert found.causes[0].remedy
    assert "idp.example" in found.causes[0].what or failure is ProbeFailure.PROXY
    assert dict(found.evidence) == {"detail": "in its own words", "X-Request-Id": "r1"}
    assert "token" not in prober.asked
    assert check(diagnosis, "token").summary == "keycloak failed"
    assert check(diagnosis, "api").status is CheckStatus.OK
    assert diagnosis.exit_code is ExitCode.UNREACHABLE


@pytest.mark.parametrize("failure", [failure for failure in ProbeFailure if failure.is_tls])
async def test_a_certificate_that_is_refused_fails_tls_and_not_the_server(failure: ProbeFailure) -> None:
    diagnosis = await diagnose(a_session(FakeProber(on_discovery=NoAnswer(failure, "why", "r1"))))

    assert check(diagnosis, "keycloak").status is CheckStatus.OK
    assert codes(check(diagnosis, "keycloak-tls")) == [failure]
    assert check(diagnosis, "realm").summary == "keycloak-tls failed"
    assert diagnosis.exit_code is ExitCode.UNREACHABLE


async def test_the_certificate_is_shown_and_a_near_end_is_a_warning() -> None:
    near = FakeProber(certificates={System.KEYCLOAK: a_certificate(5 * DAY), System.API: a_certificate(90 * DAY)})
    diagnosis = await diagnose(a_session(near))

    assert codes(check(diagnosis, "keycloak-tls")) == ["certificate-ends-soon"]
    assert dict(check(diagnosis, "keycloak-tls").evidence)["issued by"] == "A Private CA"
    assert check(diagnosis, "api-tls").status is CheckStatus.OK
    assert diagnosis.exit_code is ExitCode.DONE


PAGE = ProbeAnswer(200, {"content-type": "text/html; charset=utf-8"}, None)
REDIRECT = ProbeAnswer(302, {"location": "https://login.example"}, None)


@pytest.mark.parametrize("answer", [PAGE, REDIRECT, ProbeAnswer(200, {}, None)], ids=["page", "redirect", "no-json"])
async def test_what_answers_in_a_system_s_place_is_recognized(answer: ProbeAnswer) -> None:
    at_keycloak = await diagnose(a_session(FakeProber(on_discovery=answer)))
    at_api = await diagnose(a_session(FakeProber(on_nonsense=answer)))

    assert codes(check(at_keycloak, "keycloak")) == codes(check(at_api, "api")) == ["answered-by-another"]


async def test_an_overloaded_system_is_asked_again_later() -> None:
    busy = ProbeAnswer(503, {"retry-after": "5"}, None)
    found = check(await diagnose(a_session(FakeProber(on_nonsense=busy))), "api")

    assert codes(found) == ["overloaded"]
    assert "in 5 s" in found.causes[0].remedy


LATER = {
    "broken": NoAnswer(ProbeFailure.BROKEN, "cut", "r1"),
    "other-certificate": NoAnswer(ProbeFailure.EXPIRED, "expired meanwhile", "r1"),
    "overloaded": ProbeAnswer(502, {}, None),
    "page": PAGE,
}


@pytest.mark.parametrize("answer", LATER.values(), ids=LATER)
async def test_a_system_that_answered_before_may_not_any_more(answer: ProbeAnswer | NoAnswer) -> None:
    at_token = await diagnose(a_session(FakeProber(on_token=answer)))
    at_me = await diagnose(a_session(FakeProber(on_me=answer), program_token=TextToken(claims())))

    (cause,) = codes(check(at_token, "token"))
    assert codes(check(at_me, "me")) == codes(check(at_me, "program-token")) == [cause]
    assert cause in {"connection-broken", "certificate-expired", "overloaded", "answered-by-another"}
    assert at_token.exit_code is at_me.exit_code is ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ProbeAnswer(404, document={"error": "Realm does not exist"}), "wrong-realm"),
        (ProbeAnswer(404, document={"error": "Unable to find matching target resource method"}), "not-keycloak"),
        (ProbeAnswer(200, document={"no": "issuer"}), "not-keycloak"),
        (ProbeAnswer(404, document={"type": "https://api.novatrade24.com/problems/not-found"}), "keycloak-is-api"),
        (ProbeAnswer(401, document={"type": "https://api.novatrade24.com/problems/unauthorized"}), "keycloak-is-api"),
    ],
)
async def test_a_realm_that_is_not_there_is_told_from_a_wrong_base_path(answer: ProbeAnswer, code: str) -> None:
    assert codes(check(await diagnose(a_session(FakeProber(on_discovery=answer))), "realm")) == [code]


async def test_an_issuer_of_another_name_is_a_warning_with_the_url_to_use() -> None:
    other = "https://login.example/realms/nt24-idp"
    prober = FakeProber(on_discovery=discovery(other), token=TextToken(claims(iss=other)))
    diagnosis = await diagnose(a_session(prober))

    found = check(diagnosis, "realm")
    assert (found.status, codes(found)) == (CheckStatus.WARNING, ["issuer-mismatch"])
    assert "Set KEYCLOAK_URL to https://login.example," in found.causes[0].remedy
    assert check(diagnosis, "claims").status is CheckStatus.OK


async def test_a_token_of_another_issuer_than_the_realm_s_own_word_is_a_warning() -> None:
    diagnosis = await diagnose(a_session(FakeProber(token=TextToken(claims(iss="https://elsewhere.example")))))

    assert codes(check(diagnosis, "claims")) == ["issuer-differs"]


async def test_an_administrator_s_login_that_fails_is_a_warning_and_no_more() -> None:
    session = a_session()

    async def refused() -> None:
        raise AccessRefused("Keycloak refused the login.", remedy="Check it.")

    session.read_stored = refused  # type: ignore[assignment]
    diagnosis = await diagnose(session)

    assert codes(check(diagnosis, "admin-api")) == ["admin-login-refused"]
    assert check(diagnosis, "token").status is CheckStatus.OK
    assert diagnosis.exit_code is ExitCode.DONE


async def test_the_secret_is_tried_without_what_surrounds_it() -> None:
    prober = FakeProber(accepted="inner")
    diagnosis = await diagnose(a_session(prober, trimmed=("api-client-acme", PlainSecret("inner"))))
    other = await diagnose(a_session(FakeProber(accepted="another"), trimmed=("x", PlainSecret("inner"))))

    assert codes(check(diagnosis, "token")) == ["blanks-around-secret"]
    assert codes(check(other, "token"))[0] == "wrong-secret"


async def test_a_refusal_that_the_record_does_not_explain_is_explained_by_the_answer() -> None:
    prober = FakeProber(on_token=oauth("unauthorized_client", "Invalid client or Invalid client credentials"))
    diagnosis = await diagnose(a_session(prober, stored=stored()))

    assert codes(check(diagnosis, "token"))[0] == "wrong-secret"
    assert not check(diagnosis, "token").causes[0].certain


async def test_an_answer_that_nobody_knows_says_whom_to_ask() -> None:
    assert codes(check(await diagnose(a_session(FakeProber(on_token=oauth("teapot")))), "token")) == ["unexplained"]


async def test_a_secret_that_will_not_last_is_a_warning() -> None:
    record = stored(secret=SecretMatch.OLD)
    times = SecretTimes(None, START + 3 * DAY, START - DAY, START + DAY)
    diagnosis = await diagnose(a_session(stored=replace(record, times=times)))

    found = check(diagnosis, "token")
    assert (found.status, codes(found)) == (CheckStatus.WARNING, ["old-secret-used", "secret-ends-soon"])
    assert "1 d" in found.causes[0].what


@pytest.mark.parametrize(("made", "way"), [(NOW - 120, "ahead of"), (NOW + 120, "behind")])
async def test_a_clock_that_is_off_is_a_warning(made: int, way: str) -> None:
    diagnosis = await diagnose(a_session(FakeProber(token=TextToken(claims(iat=made)))))

    found = check(diagnosis, "clock")
    assert codes(found) == ["clock-skew"]
    assert found.summary == f"2 min {way} Keycloak's"


async def test_an_api_whose_clock_is_off_is_told_from_one_that_trusts_another_issuer() -> None:
    late = problem("unauthorized", 401, "The token has expired.", date="Sun, 01 Mar 2026 13:00:00 GMT")
    other = problem("unauthorized", 401, "No.", date="Sun, 01 Mar 2026 12:00:01 GMT")
    skewed, foreign = [await diagnose(a_session(FakeProber(on_me=answer))) for answer in (late, other)]

    assert codes(check(skewed, "me")) == ["api-clock-skew"]
    assert "1 h ahead of" in check(skewed, "me").causes[0].what
    assert codes(check(foreign, "me")) == ["token-of-another-issuer"]
    assert skewed.exit_code is ExitCode.UNREACHABLE


MOCKS = {
    "takes-any-token": me(),
    "violations": ProbeAnswer(401, {"sl-violations": "[]"}, {"type": "https://api.example/problems/unauthorized"}),
    "own-error": ProbeAnswer(404, {}, {"type": "https://stoplight.io/prism/errors#NO_PATH_MATCHED_ERROR"}),
}


@pytest.mark.parametrize("answer", MOCKS.values(), ids=MOCKS)
async def test_a_mock_is_recognized_and_nothing_is_concluded_from_it(answer: ProbeAnswer) -> None:
    prober = FakeProber(on_nonsense=answer)
    diagnosis = await diagnose(a_session(prober))

    assert codes(check(diagnosis, "api")) == ["mock"]
    assert prober.asked.count("me") == 1
    assert check(diagnosis, "me").summary == check(diagnosis, "dpa").summary == "api failed"
    assert diagnosis.exit_code is ExitCode.ERROR


async def test_a_base_path_that_is_wrong_is_named() -> None:
    diagnosis = await diagnose(a_session(FakeProber(on_nonsense=problem("not-found", 404))))

    assert codes(check(diagnosis, "api")) == ["api-path-wrong"]


async def test_an_answer_of_another_form_names_the_fields() -> None:
    found = check(await diagnose(a_session(FakeProber(on_me=me(organizationUuid="x", name=None)))), "me")

    assert codes(found) == ["answer-of-another-form"]
    assert "organizationUuid, name" in found.causes[0].what


async def test_fields_and_values_that_nobody_knows_yet_are_tolerated() -> None:
    answer = me(brandNew=1, capabilities={"rateLimitTier": "PLATINUM", "allowTeleport": True})
    diagnosis = await diagnose(a_session(FakeProber(on_me=answer), asked=Asked(capability="allowTeleport")))

    assert check(diagnosis, "capabilities").summary == "allowTeleport is on"


async def test_an_internal_error_shuts_the_program_out() -> None:
    diagnosis = await diagnose(a_session(FakeProber(on_me=problem("internal-error", 500))))

    assert codes(check(diagnosis, "me")) == ["internal-error"]
    assert dict(check(diagnosis, "me").evidence)["traceId"] == "req_1"
    assert diagnosis.exit_code is ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    ("organization", "code"),
    [
        (an_organization(enabled=False), "organization-suspended"),
        (an_organization({layout.UUID: []}), "organization-unknown-to-platform"),
        (an_organization(), "platform-behind"),
    ],
)
async def test_a_403_in_spite_of_the_claim_is_explained_by_the_record(
    organization: dict[str, object], code: str
) -> None:
    prober = FakeProber(on_me=problem("forbidden", 403))
    diagnosis = await diagnose(a_session(prober, stored=stored(organizations=(organization,))))

    assert codes(check(diagnosis, "me")) == [code]


async def test_what_keycloak_has_but_the_platform_does_not_follow_is_said() -> None:
    lagging = an_organization(
        {"allowContactPersonalData": ["true"], layout.PARTNERS: [str(a_uuid("nord")), str(a_uuid("lac"))]}
    )
    asked = Asked(str(a_uuid("lac")), "allowContactPersonalData")
    diagnosis = await diagnose(a_session(stored=stored(organizations=(lagging,)), asked=asked))

    assert codes(check(diagnosis, "partners")) == codes(check(diagnosis, "capabilities")) == ["platform-behind"]
    assert diagnosis.exit_code is ExitCode.ERROR


async def test_a_budget_that_is_nearly_used_up_is_a_warning() -> None:
    few = me()
    low = ProbeAnswer(200, {**few.headers, "x-ratelimit-remaining": "12"}, few.document)
    found = check(await diagnose(a_session(FakeProber(on_me=low))), "rate-limit")

    assert (found.status, codes(found)) == (CheckStatus.WARNING, ["rate-limit-near"])
    assert found.summary == "12 of 300 requests a minute are left (read)"


TOKENS = {
    "token-unreadable": TextToken(None),
    "token-expired": TextToken(claims(exp=NOW - 60)),
    "token-of-another-issuer": TextToken(claims(iss="https://idp.example/realms/other")),
    "token-of-another-client": TextToken(claims(azp="api-client-other")),
    "token-of-another-kind": TextToken(claims(typ="ID")),
    "token-without-organization": TextToken(claims(organization=None)),
}


@pytest.mark.parametrize(("code", "token"), TOKENS.items(), ids=TOKENS)
async def test_a_program_s_token_is_looked_at_before_it_is_tried(code: str, token: TextToken) -> None:
    diagnosis = await diagnose(a_session(program_token=token))

    assert codes(check(diagnosis, "program-token")) == [code]
    assert diagnosis.exit_code is ExitCode.ERROR


async def test_logins_that_failed_lately_are_counted_by_error_and_address() -> None:
    millis = NOW * 1000
    logins = (
        {"time": millis - 1, "error": "invalid_client_credentials", "ipAddress": "10.0.0.7"},
        {"time": millis - 2_000},
        {"time": millis - 3_000, "error": "invalid_client_credentials", "ipAddress": "10.0.0.7"},
        {"time": millis - 4_000, "error": "something_new", "ipAddress": "10.0.0.8"},
        {"time": millis - 90_000_000, "error": "client_disabled"},
    )
    found = check(await diagnose(a_session(stored=stored(logins=logins))), "program-logins")

    assert found.summary == "1 succeeded and 3 failed within a day"
    assert codes(found) == ["wrong-secret", "login-failed"]
    assert found.causes[0].what == "2 logins failed: The secret is not this client's."
    assert dict(found.evidence)["invalid_client_credentials"] == "2 from 10.0.0.7, the last at 2026-03-01T11:59:59Z"


async def test_nothing_that_is_found_shows_the_secret_or_a_token() -> None:
    for prober in (FakeProber(), FakeProber(on_token=oauth("invalid_client")), FakeProber(on_me=problem("x", 403))):
        diagnosis = await diagnose(a_session(prober, stored=stored(), program_token=TextToken(claims(exp=1))))

        assert SECRET not in repr(diagnosis)
        assert "payload" not in repr(diagnosis)


@pytest.mark.parametrize(
    ("release", "told"), [("26.7.5", "Keycloak 26.7.5"), (None, "Keycloak's version is not shown to this login")]
)
async def test_the_server_s_release_is_said_and_a_hidden_one_is_no_fault(release: str | None, told: str) -> None:
    found = check(await diagnose(a_session(stored=replace(stored(), release=release))), CheckName.ADMIN)
    assert found.status is CheckStatus.OK
    assert told in found.summary
