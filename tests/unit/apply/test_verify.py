"""The proof: look again until nothing is left, or patience ends."""

import pytest

from reconciler.apply.verify import is_open, rests_on, verify
from reconciler.model.address import Address
from reconciler.model.finding import FieldStatus, Severity
from reconciler.model.outcome import Verification
from reconciler.model.plan import Plan
from tests.builders import ACME, ACME_CLIENT, ACME_WEBHOOK, a_change, a_finding, a_plan
from tests.fakes.runtime import FakeClock, SilentProgress

pytestmark = pytest.mark.anyio

LAGGING = a_finding(ACME_CLIENT)


class Looker:
    """Answer with the given plans, the last of them for ever."""

    def __init__(self, *plans: Plan) -> None:
        self._plans = list(plans)
        self.targets: list[tuple[Address, ...]] = []

    async def look(self, targets: tuple[Address, ...]) -> Plan:
        self.targets.append(targets)
        return self._plans.pop(0) if len(self._plans) > 1 else self._plans[0]


async def verified(looker: Looker, patience: float = 5, progress: SilentProgress | None = None) -> Verification:
    return await verify(looker.look, (ACME,), FakeClock(), progress or SilentProgress(), patience)


async def test_where_nothing_is_left_one_look_is_enough() -> None:
    looker = Looker(a_plan())
    assert await verified(looker) == Verification((), (), 0.0)
    assert looker.targets == [(ACME,)]


async def test_an_effect_that_comes_late_is_waited_for() -> None:
    looker, progress = Looker(a_plan(findings=[LAGGING]), a_plan(findings=[LAGGING]), a_plan()), SilentProgress()
    result = await verified(looker, progress=progress)
    assert result.is_proven
    assert result.waited == 2
    assert progress.waits == [(1, 0.0), (1, 1.0)]


async def test_an_effect_that_never_comes_is_overridden() -> None:
    result = await verified(Looker(a_plan(findings=[LAGGING])))
    assert not result.is_proven
    assert [(f.code, f.status) for f in result.findings] == [("effective-differs", FieldStatus.OVERRIDDEN)]
    assert result.waited == 5


async def test_what_could_not_be_asked_stays_unknown() -> None:
    unknown = a_finding(status=FieldStatus.UNKNOWN)
    assert (await verified(Looker(a_plan(findings=[unknown])), patience=0)).findings == (unknown,)


async def test_a_change_that_did_not_hold_is_left_over() -> None:
    change = a_change()
    assert (await verified(Looker(a_plan(change)))).residual == (change,)


async def test_a_change_that_cannot_be_made_is_not_waited_for() -> None:
    assert (await verified(Looker(a_plan(a_change(blocked="protected"))))).is_proven


async def test_only_what_is_left_is_looked_at_again() -> None:
    looker = Looker(a_plan(a_change(ACME), findings=[LAGGING]), a_plan(findings=[LAGGING]), a_plan())
    await verified(looker)
    assert looker.targets == [(ACME,), (ACME, ACME_CLIENT), (ACME_CLIENT,)]


async def test_what_failed_is_not_waited_for_and_neither_are_its_effects() -> None:
    webhook = a_finding(ACME_WEBHOOK)
    left = a_plan(a_change(ACME), findings=[LAGGING, webhook])
    result = await verify(Looker(left).look, (ACME,), FakeClock(), SilentProgress(), 5, failed=frozenset({ACME}))
    assert result == Verification((), (), 0.0, left_out=frozenset({ACME}))
    assert result.is_proven


async def test_what_was_done_is_waited_for_whatever_else_failed() -> None:
    failed = frozenset({Address.client("acme", "api-client-acme-2")})
    left = a_plan(a_change(ACME), findings=[LAGGING])
    result = await verify(Looker(left).look, (ACME,), FakeClock(), SilentProgress(), 5, failed=failed)
    assert [change.address for change in result.residual] == [ACME]
    assert [finding.address for finding in result.findings] == [ACME_CLIENT]


@pytest.mark.parametrize(
    ("address", "failed", "does_rest"),
    [
        (ACME_CLIENT, ACME_CLIENT, True),
        (ACME_CLIENT, ACME, True),
        (ACME_CLIENT, Address.realm("nt24-idp"), True),
        (ACME_WEBHOOK, ACME_CLIENT, True),
        (ACME, ACME_CLIENT, False),
        (ACME_CLIENT, Address.client("acme", "another"), False),
        (ACME_CLIENT, Address.organization("beta"), False),
    ],
)
def test_an_effect_rests_on_its_resource_its_organization_and_the_realm(
    address: Address, failed: Address, does_rest: bool
) -> None:
    assert rests_on(address, frozenset({failed})) is does_rest


@pytest.mark.parametrize(
    ("severity", "status", "is_waited_for"),
    [
        (Severity.ERROR, FieldStatus.LAGGING, True),
        (Severity.ERROR, FieldStatus.UNKNOWN, True),
        (Severity.ERROR, FieldStatus.DRIFTED, False),
        (Severity.WARNING, FieldStatus.UNKNOWN, False),
        (Severity.WARNING, FieldStatus.IN_SYNC, False),
    ],
)
def test_only_errors_that_may_pass_are_waited_for(severity: Severity, status: FieldStatus, is_waited_for: bool) -> None:
    assert is_open(a_finding(severity=severity, status=status)) is is_waited_for


async def test_nobody_waits_for_what_was_overridden_before_anything_was_written() -> None:
    overridden = a_finding(status=FieldStatus.OVERRIDDEN)
    looker = Looker(a_plan(findings=[overridden, LAGGING]), a_plan(findings=[overridden]))
    result = await verify(looker.look, (ACME,), FakeClock(), SilentProgress(), 60, [overridden])
    assert (result.findings, result.is_proven, result.waited) == ((overridden,), False, 1)
