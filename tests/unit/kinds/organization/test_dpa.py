"""Agreements: which are missing, outdated or about to be, and what nobody can tell."""

import pytest

from reconciler.model.expectations import DpaRequirement, Expectations
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import Capabilities, DesiredState, Dpa
from tests.builders import A_DPA, ACME, a_client, a_dpa, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

PERSONAL = Capabilities(allow_contact_personal_data=True, allow_kyc_document_download=True)
BEFORE, AFTER = "2026-03-20", "2026-02-15"
"""Deadlines around the tests' present, 2026-03-01."""


def requiring(deadline: str = BEFORE, notice: str = "30d") -> Expectations:
    return Expectations(
        dpa=DpaRequirement.model_validate({"required": "2026-07", "deadline": deadline, "notice": notice})
    )


def one(dpa: Dpa | None = A_DPA, capabilities: Capabilities | None = None) -> DesiredState:
    return desired(an_organization(dpa=dpa, capabilities=capabilities), realm=a_realm())


async def found(
    wanted: DesiredState, expected: Expectations, *, effective: bool = True, current: str = "2026-01"
) -> list[Finding]:
    """Return what is said of the organization itself, once everything is applied."""
    world = World(expected=expected, effective=effective)
    world.platform.current_dpa = current
    await world.settled(wanted)
    return [each for each in (await world.plan(wanted)).findings if each.address == ACME]


@pytest.mark.parametrize(
    ("notice", "severity"), [("30d", Severity.WARNING), ("19d", Severity.WARNING), ("18d", Severity.INFO)]
)
async def test_an_agreement_that_ends_soon_is_a_warning_within_the_notice(notice: str, severity: Severity) -> None:
    (finding,) = await found(one(), requiring(BEFORE, notice))
    assert (finding.code, finding.severity, finding.path) == (Code.DPA_DUE, severity, "dpa.version")
    assert "all calls fail in 18 days" in finding.detail


async def test_the_deadline_itself_is_too_late() -> None:
    (finding,) = await found(one(), requiring("2026-03-01T12:00:00Z"), effective=False)
    assert (finding.code, finding.severity) == (Code.DPA_OUTDATED, Severity.ERROR)


async def test_a_day_is_its_first_moment_in_utc() -> None:
    assert (requiring("2026-03-20").dpa) == (requiring("2026-03-20T01:00:00+01:00").dpa)


async def test_an_overdue_agreement_is_told_with_its_days_where_nobody_was_asked() -> None:
    (finding,) = await found(one(), requiring(AFTER), effective=False)
    assert finding.detail.endswith("all calls fail since 2026-02-15 (14 days).")


async def test_an_overdue_agreement_that_the_platform_still_takes_does_not_claim_that_calls_fail() -> None:
    (finding,) = await found(one(), requiring(AFTER))
    assert finding.code is Code.DPA_OUTDATED
    assert "The platform still answers" in finding.detail


@pytest.mark.parametrize("deadline", [BEFORE, AFTER])
async def test_a_current_agreement_is_no_finding(deadline: str) -> None:
    assert await found(one(a_dpa("2026-07"), PERSONAL), requiring(deadline)) == []


@pytest.mark.parametrize("effective", [True, False])
async def test_without_settings_an_accepted_agreement_is_no_finding(effective: bool) -> None:
    assert await found(one(A_DPA, PERSONAL), Expectations(), effective=effective) == []


async def test_none_is_missing_where_the_platform_did_not_say_so_itself() -> None:
    (finding,) = await found(one(None), Expectations(), effective=False)
    assert (finding.code, finding.severity, finding.status) == (
        Code.DPA_MISSING,
        Severity.WARNING,
        FieldStatus.UNKNOWN,
    )
    assert await found(one(None), Expectations()) == []


@pytest.mark.parametrize(
    "organization",
    [
        an_organization(dpa=None, suspended=True),
        an_organization(dpa=None, clients=[a_client(enabled=False)]),
        an_organization(dpa=None, clients=[]),
    ],
    ids=["suspended", "disabled", "without clients"],
)
async def test_an_organization_that_calls_nothing_lacks_nothing(organization: object) -> None:
    wanted = desired(organization, realm=a_realm())  # type: ignore[arg-type]
    assert await found(wanted, requiring(AFTER)) == []


async def test_a_newer_agreement_that_is_still_to_be_written_is_no_finding() -> None:
    world = await World(expected=requiring(AFTER)).settled(one())
    codes = {finding.code for finding in (await world.plan(one(a_dpa("2026-07")))).findings}
    assert codes == set()


async def test_an_acceptance_that_nt24_does_not_know_is_to_be_asked_for() -> None:
    wanted = one(a_dpa("2026-07"))
    world = await World(expected=requiring()).settled(wanted)
    world.platform.override = lambda answer: answer | {"dpaVersion": "2026-01"}
    (finding,) = [each for each in (await world.plan(wanted)).findings if each.code is Code.DPA_DUE]
    assert "reconciler request acme" in finding.remedy


async def test_a_version_of_an_unknown_form_is_not_taken_for_old() -> None:
    world = await World(expected=requiring(AFTER)).settled(one())
    world.platform.override = lambda answer: answer | {"dpaVersion": "Rev. C"}
    assert Code.DPA_OUTDATED not in {each.code for each in (await world.plan(one())).findings}


async def test_what_is_left_to_the_platform_and_could_not_be_seen_is_no_finding() -> None:
    expected = Expectations(("dpa",), requiring(AFTER).dpa)
    assert await found(one(None, PERSONAL), expected, effective=False) == []


@pytest.mark.parametrize(
    ("dpa", "deadline", "current", "severity", "words"),
    [
        (None, BEFORE, "2026-01", Severity.WARNING, "no Data Processing Agreement is accepted"),
        (A_DPA, BEFORE, "2026-07", Severity.WARNING, "the platform does not take the agreement 2026-01"),
        (A_DPA, AFTER, "2026-07", Severity.WARNING, "the agreement 2026-01 is outdated since 2026-02-15"),
        (A_DPA, AFTER, "2026-01", Severity.ERROR, "GET /v1/me says that it is in force."),
    ],
)
async def test_personal_data_needs_a_current_agreement(
    dpa: Dpa | None, deadline: str, current: str, severity: Severity, words: str
) -> None:
    everything = await found(one(dpa, PERSONAL), requiring(deadline), current=current)
    flags = [each for each in everything if each.code is Code.PERSONAL_DATA_WITHOUT_DPA]
    assert [each.path for each in flags] == [
        "capabilities.allowContactPersonalData",
        "capabilities.allowKycDocumentDownload",
    ]
    assert {each.severity for each in flags} == {severity}
    assert all(words in each.detail for each in flags)
