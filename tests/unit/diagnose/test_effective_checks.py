"""What is in force for a client: its budget, the DPA, partners and capabilities."""

import pytest

from reconciler.diagnose.run import diagnose
from reconciler.diagnose.session import Asked
from reconciler.model import layout
from reconciler.model.diagnosis import CheckStatus
from reconciler.model.errors import ExitCode
from reconciler.model.expectations import DpaRequirement
from reconciler.model.probe import ProbeAnswer
from tests.builders import a_uuid
from tests.unit.diagnose.builders import FakeProber, a_session, an_organization, check, codes, me, problem, stored

pytestmark = pytest.mark.anyio

DPA = problem("dpa-not-accepted", 403, "The agreement 2026-01 must be accepted first.")


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({layout.DPA_VERSION: []}, "dpa-missing"),
        ({layout.DPA_ACCEPTED_AT: []}, "dpa-missing"),
        ({layout.DPA_VERSION: ["2025-01"]}, "dpa-outdated"),
    ],
)
async def test_the_record_tells_a_missing_dpa_from_an_outdated_one(attributes: dict[str, list[str]], code: str) -> None:
    record = stored(organizations=(an_organization(attributes),))
    diagnosis = await diagnose(a_session(FakeProber(on_me=DPA), stored=record))

    assert codes(check(diagnosis, "dpa")) == [code]
    assert check(diagnosis, "dpa").causes[0].certain
    assert codes(check(diagnosis, "me")) == []
    assert check(diagnosis, "me").summary.endswith("(see dpa)")
    assert check(diagnosis, "partners").summary == "GET /v1/me does not tell"
    assert diagnosis.exit_code is ExitCode.ERROR


async def test_without_the_record_both_are_possible() -> None:
    found = check(await diagnose(a_session(FakeProber(on_me=DPA))), "dpa")

    assert codes(found) == ["dpa-missing", "dpa-outdated"]
    assert all(cause.tell for cause in found.causes)


async def test_a_version_that_me_leaves_out_is_no_problem() -> None:
    answer = me(dpaVersion=None, dpaAcceptedAt=None)

    assert check(await diagnose(a_session(FakeProber(on_me=answer))), "dpa").status is CheckStatus.OK


@pytest.mark.parametrize(("day", "words"), [("2099-12-31", "from 2099-12-31 on"), ("2020-01-01", "since 2020-01-01")])
async def test_a_version_that_will_not_do_is_a_warning_while_calls_are_answered(day: str, words: str) -> None:
    required = DpaRequirement.model_validate({"required": "2026-07", "deadline": day})
    diagnosis = await diagnose(a_session(FakeProber(on_me=me(dpaVersion="2026-01")), asked=Asked(dpa=required)))

    found = check(diagnosis, "dpa")
    assert (found.status, codes(found)) == (CheckStatus.WARNING, ["dpa-due"])
    assert words in found.causes[0].what
    assert diagnosis.exit_code is ExitCode.DONE


async def test_the_required_version_is_fine() -> None:
    required = DpaRequirement.model_validate({"required": "2026-07", "deadline": "2020-01-01"})
    diagnosis = await diagnose(a_session(FakeProber(on_me=me(dpaVersion="2026-07")), asked=Asked(dpa=required)))

    assert check(diagnosis, "dpa").status is CheckStatus.OK


async def test_a_refusal_for_the_rate_is_explained_once_with_its_wait() -> None:
    headers = {"retry_after": "7", "x_ratelimit_limit": "300", "x_ratelimit_remaining": "0"}
    diagnosis = await diagnose(a_session(FakeProber(on_me=problem("rate-limited", 429, **headers))))

    assert codes(check(diagnosis, "me")) == []
    assert codes(check(diagnosis, "rate-limit")) == ["rate-limited"]
    assert dict(check(diagnosis, "rate-limit").evidence)["Retry-After"] == "7"
    assert diagnosis.exit_code is ExitCode.UNREACHABLE


@pytest.mark.parametrize("remaining", ["", "many", "-1"])
async def test_headers_that_say_nothing_are_skipped(remaining: str) -> None:
    answer = ProbeAnswer(200, {"x-ratelimit-limit": "300", "x-ratelimit-remaining": remaining}, me().document)
    found = check(await diagnose(a_session(FakeProber(on_me=answer))), "rate-limit")

    assert (found.status, found.summary) == (CheckStatus.SKIPPED, "the answer has no X-RateLimit headers")


async def test_a_partner_is_authorized_or_not() -> None:
    known, stranger = str(a_uuid("nord")), str(a_uuid("lac"))
    yes = await diagnose(a_session(asked=Asked(partner=known)))
    no = await diagnose(a_session(asked=Asked(partner=stranger)))
    none = await diagnose(a_session(FakeProber(on_me=me(authorizedPartners=[]))))

    assert check(yes, "partners").summary == f"the organization may act for Nord ({known})"
    assert codes(check(no, "partners")) == ["partner-not-authorized"]
    assert (check(none, "partners").status, codes(check(none, "partners"))) == (CheckStatus.WARNING, ["no-partners"])


@pytest.mark.parametrize(
    ("name", "summary", "found"),
    [
        ("allowMultiVinOrders", "allowMultiVinOrders is on", []),
        ("rateLimitTier", "rateLimitTier is STANDARD", []),
        ("allowContactPersonalData", "allowContactPersonalData is off", ["capability-missing"]),
        ("allowEverything", "there is no capability allowEverything", ["capability-unknown"]),
    ],
)
async def test_a_capability_is_on_off_or_unknown(name: str, summary: str, found: list[str]) -> None:
    result = check(await diagnose(a_session(asked=Asked(capability=name))), "capabilities")

    assert result.summary == summary
    assert codes(result) == found
