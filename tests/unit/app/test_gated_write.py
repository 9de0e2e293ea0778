"""The gated way of a write: its order, and that nothing is written where a gate is closed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace

import pytest

from reconciler._version import __version__
from reconciler.app.apply import ApplyRequest, SavedRequest, apply, apply_saved
from reconciler.app.drift import DriftRequest, Watch
from reconciler.app.drift import drift as use_case
from reconciler.app.fix import FixRequest, fix
from reconciler.app.gated_write import Ending, Terms, WritePorts
from reconciler.app.unattended import Unattended
from reconciler.manifest.recognition import PassedOver
from reconciler.model.address import Kind
from reconciler.model.errors import GuardRefused, Halted, PolicyRefused, RequestFailed, SinkFailed, StalePlan
from reconciler.model.finding import Code
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.model.policy import Approval, Condition, PlacedPolicy, Policy, PolicyEffect
from reconciler.model.value import Representation
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.ports import Interruption, Journal, Lock, Systems
from reconciler.ports.run_events import Planned
from reconciler.review.plan_file import SavedPlan
from tests.builders import a_client, a_partner, a_realm, an_organization, desired
from tests.fakes.run_events import RememberedEvents
from tests.fakes.runtime import MemorySink
from tests.fakes.world import World

pytestmark = pytest.mark.anyio
WANTED = desired(an_organization("acme", clients=(a_client("api-client-acme"),)), realm=a_realm())
WITHOUT_REALM = desired(*WANTED.organizations)
ASK = PlacedPolicy(Policy(name="two", when=Condition(), then=PolicyEffect.REQUIRE_APPROVAL, message="Ask."), "x:1")


class Never(Interruption):
    """Interrupt a run after its writes, or never."""

    is_requested = False

    async def check(self) -> None:
        """Let every write start."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield


class FakeLock(Lock):
    """Say in what order it is taken and given back."""

    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.lost = False

    @property
    def is_lost(self) -> bool:
        return self.lost

    async def acquire(self, patience: float) -> None:
        self.order.append("lock")

    async def release(self) -> None:
        if self.order.count("lock") > self.order.count("unlock"):
            self.order.append("unlock")

    async def check(self) -> None:
        if self.lost:
            raise Halted("the lock is lost")


class FullSink(MemorySink):
    """Have no room."""

    async def check(self) -> None:
        raise SinkFailed("There is no room.")


class Stand:
    """A world, and what a write needs of it."""

    def __init__(self, *, answer: bool = True) -> None:
        self.world = World()
        self.events = RememberedEvents(answer=answer)
        self.lock = FakeLock(self.events.order)
        self.interruption = Never()
        self.sink: MemorySink | None = MemorySink()

    @property
    def ports(self) -> WritePorts:
        @asynccontextmanager
        async def systems() -> AsyncIterator[Systems]:
            self.events.order.append("open")
            yield replace(self.world.systems, sink=self.sink)

        @asynccontextmanager
        async def locked() -> AsyncIterator[Lock]:
            await self.lock.acquire(0)
            try:
                yield self.lock
            finally:
                await self.lock.release()

        def journal(_: Plan) -> nullcontext[Journal]:
            return nullcontext(self.world.journal)

        return WritePorts(systems=systems, lock=locked, journal=journal, interruption=self.interruption)

    def request(self, terms: Terms, wanted: DesiredState = WANTED) -> ApplyRequest:
        return ApplyRequest(wanted, self.world.context(), terms)

    @property
    def has_written(self) -> bool:
        return bool(self.world.journal.entries)


async def test_everything_happens_in_its_order() -> None:
    stand = Stand()
    result = await apply(stand.request(Terms(asks=True)), stand.ports, stand.events)
    assert (result.ending, result.is_done) == (Ending.VERIFIED, True)
    assert stand.events.order == [
        "open", "lock", "Reading", "Planned", "confirm", "Applying", "Written", "Verifying", "Verified", "unlock",
    ]  # fmt: skip


async def test_what_was_not_read_is_a_finding_of_the_plan_that_is_applied_and_no_reason_to_write() -> None:
    stand = Stand()
    other = PassedOver("other.yaml", "ConfigMap (v1)")
    first = await apply(replace(stand.request(Terms()), passed_over=(other,)), stand.ports, stand.events)
    again = await apply(replace(stand.request(Terms()), passed_over=(other,)), stand.ports, stand.events)
    assert [result.ending for result in (first, again)] == [Ending.VERIFIED, Ending.VERIFIED]
    assert again.plan.is_empty
    for result in (first, again):
        (finding,) = (each for each in result.plan.findings if each.code is Code.FILES_PASSED_OVER)
        assert "1 file was not read: other.yaml: ConfigMap (v1)." in finding.detail


async def test_the_lock_is_given_back_before_the_proof_where_nothing_is_written() -> None:
    stand = Stand()
    await stand.world.settled(WANTED)
    result = await apply(stand.request(Terms(asks=True)), stand.ports, stand.events)
    assert (result.ending, result.is_done) == (Ending.VERIFIED, True)
    assert stand.events.order == ["open", "lock", "Reading", "Planned", "unlock", "Verifying", "Verified"]


async def switched_off(stand: Stand, **settings: bool) -> None:
    """Apply everything; then somebody switches the realm's settings, and a partner of acme goes meanwhile."""
    await stand.world.settled(desired(an_organization("acme", partners=[a_partner()]), realm=a_realm()))
    stand.world.keycloak.store.the_realm().update(settings)
    stand.events.order.clear()
    stand.world.journal.entries.clear()


async def test_organizations_that_are_off_are_switched_on_and_the_rest_is_planned_in_the_same_run() -> None:
    stand = Stand()
    await switched_off(stand, organizationsEnabled=False)
    result = await apply(stand.request(Terms(asks=True)), stand.ports, stand.events)
    assert (result.ending, result.is_done) == (Ending.VERIFIED, True)
    round_of_writes = ["Reading", "Planned", "confirm", "Applying", "Written"]
    assert stand.events.order == ["open", "lock", *round_of_writes * 2, "Verifying", "Verified", "unlock"]
    assert [str(outcome.change.address) for outcome in result.applied.outcomes] == [
        "realm/nt24-idp",
        "organization/acme",
    ]
    again = await apply(stand.request(Terms()), stand.ports, stand.events)
    assert not again.plan.changes


async def test_whoever_says_no_to_the_rest_has_the_realm_changed_and_nothing_else() -> None:
    stand = Stand()
    await switched_off(stand, organizationsEnabled=False)
    answers = iter([True, False])

    async def confirm(plan: Plan) -> bool:
        return next(answers)

    stand.events.confirm = confirm  # type: ignore[method-assign]
    result = await apply(stand.request(Terms(asks=True)), stand.ports, stand.events)
    assert (result.ending, result.is_done, result.applied.has_written) == (Ending.DECLINED, False, True)


async def test_what_refuses_the_rest_does_not_hide_that_the_realm_was_written() -> None:
    stand = Stand()
    await switched_off(stand, organizationsEnabled=False)
    when = Condition(kind=(Kind.ORGANIZATION,))
    rule = PlacedPolicy(Policy(name="none", when=when, then=PolicyEffect.DENY, message="No."), "x:1")
    result = await apply(stand.request(Terms(policies=(rule,))), stand.ports, stand.events)
    assert (result.ending, result.is_done, result.applied.has_written) == (Ending.UNVERIFIED, False, True)
    assert isinstance(result.failure, PolicyRefused)


async def test_a_realm_that_does_not_open_is_written_once_more_and_no_oftener() -> None:
    stand = Stand()
    await switched_off(stand, organizationsEnabled=False)
    update, written = stand.world.keycloak.update_realm, list[str]()

    async def keeps_it_off(representation: Representation) -> None:
        written.append("realm")
        await update(representation)
        stand.world.keycloak.store.the_realm()["organizationsEnabled"] = False

    stand.world.keycloak.update_realm = keeps_it_off  # type: ignore[method-assign]
    result = await apply(stand.request(Terms(patience=0.1)), stand.ports, stand.events)
    assert (result.is_done, len(written)) == (False, 2)


async def test_drift_of_the_realm_that_hides_organizations_is_drift_and_no_gap() -> None:
    stand = Stand()
    await switched_off(stand, organizationsEnabled=False)
    plan = await stand.world.plan(WANTED)
    assert (plan.opens_realm, verdict_of(plan), plan.findings) == (True, Verdict.CHANGES, ())
    without = await stand.world.plan(WITHOUT_REALM)
    assert verdict_of(without) is Verdict.INCOMPLETE
    assert [each.code for each in without.findings] == [Code.ORGANIZATIONS_OFF]


async def test_a_disabled_realm_is_said_once_and_not_of_each_client() -> None:
    stand = Stand()
    await switched_off(stand, enabled=False)
    stand.world.platform.failure = RequestFailed("Realm not enabled", status=403, code="access_denied")
    assert (await stand.world.plan(WANTED)).findings == ()
    without = await stand.world.plan(WITHOUT_REALM)
    assert [each.code for each in without.findings] == [Code.REALM_DISABLED]


async def test_nothing_is_written_without_a_yes() -> None:
    stand = Stand(answer=False)
    result = await apply(stand.request(Terms(asks=True)), stand.ports, stand.events)
    assert (result.ending, result.is_done) == (Ending.DECLINED, False)
    assert not stand.has_written
    assert stand.events.order[-1] == "unlock"


async def test_nothing_is_written_where_a_guard_refuses() -> None:
    stand = Stand()
    await stand.world.settled(WANTED)
    stand.world.journal.entries.clear()
    with pytest.raises(GuardRefused):
        await apply(stand.request(Terms(), desired(realm=a_realm())), stand.ports, stand.events)
    assert not stand.has_written


async def test_nothing_is_written_where_a_policy_asks_for_an_approval() -> None:
    stand = Stand()
    with pytest.raises(PolicyRefused):
        await apply(stand.request(Terms(policies=(ASK,))), stand.ports, stand.events)
    assert not stand.has_written


async def test_nobody_is_asked_where_secrets_cannot_be_delivered() -> None:
    stand = Stand()
    stand.sink = FullSink()
    with pytest.raises(SinkFailed):
        await apply(stand.request(Terms(asks=True)), stand.ports, stand.events)
    assert "confirm" not in stand.events.order
    assert not stand.has_written


async def test_a_saved_plan_that_a_policy_stops_opens_nothing() -> None:
    stand = Stand()
    saved = SavedPlan(await stand.world.plan(WANTED), __version__, "f")
    with pytest.raises(PolicyRefused):
        await apply_saved(SavedRequest(saved, Terms(policies=(ASK,))), stand.ports, stand.events)
    assert stand.events.order == ["Planned"]


async def test_a_saved_plan_needs_the_approval_of_its_own_fingerprint() -> None:
    stand = Stand()
    saved = SavedPlan(await stand.world.plan(WANTED), __version__, "f")
    yes = Approval("f", ("two",), "Jane", stand.world.clock.now())
    result = await apply_saved(SavedRequest(saved, Terms(policies=(ASK,), approvals=(yes,))), stand.ports, stand.events)
    assert result.is_done
    assert stand.events.order[:5] == ["Planned", "Approved", "open", "lock", "Reading"]


async def test_nothing_of_a_saved_plan_is_written_where_something_moved() -> None:
    stand = Stand()
    saved = SavedPlan(await stand.world.plan(WANTED), __version__, "f")
    await stand.world.settled(WANTED)
    stand.world.journal.entries.clear()
    with pytest.raises(StalePlan):
        await apply_saved(SavedRequest(saved, Terms()), stand.ports, stand.events)
    assert stand.events.order == ["Planned", "open", "lock", "Reading", "Outdated", "unlock"]
    # What was approved, whatever today's policies add to the plan.
    assert [told.fingerprint for told in stand.events.told if isinstance(told, Planned)] == [saved.fingerprint]
    assert not stand.has_written


async def test_a_lost_lock_halts_and_nothing_is_looked_at() -> None:
    stand = Stand()
    stand.lock.lost = True
    result = await apply(stand.request(Terms()), stand.ports, stand.events)
    assert result.ending is Ending.HALTED
    assert "Verifying" not in stand.events.order


async def test_an_interrupted_write_is_not_looked_at() -> None:
    stand = Stand()
    stand.interruption.is_requested = True
    result = await apply(stand.request(Terms()), stand.ports, stand.events)
    assert result.ending is Ending.INTERRUPTED
    assert "Verifying" not in stand.events.order


async def test_drift_is_put_back_the_same_way() -> None:
    stand = Stand()
    await stand.world.settled(WANTED)
    request = await drifted(stand)
    result = await fix(request, stand.ports, stand.events)
    assert result.is_done
    assert stand.events.order == [
        "open", "lock", "Reading", "Planned", "Applying", "Written", "Verifying", "Verified", "unlock",
    ]  # fmt: skip
    assert (await stand.world.plan(WANTED)).is_empty


async def test_without_drift_nothing_is_put_back() -> None:
    stand = Stand()
    await stand.world.settled(WANTED)
    drift = (
        await use_case(DriftRequest(WANTED, stand.world.context(), Watch()), stand.world.systems, Unattended())
    ).drift
    result = await fix(FixRequest(WANTED, stand.world.context(), drift, Terms()), stand.ports, stand.events)
    assert (result.ending, result.is_done) == (Ending.NOTHING_TO_WRITE, True)
    assert stand.events.order == ["Planned"], "nobody waits for the lock, and nothing is read"


async def test_what_needs_an_approval_is_not_put_back() -> None:
    stand = Stand()
    await stand.world.settled(WANTED)
    stand.world.journal.entries.clear()
    request = await drifted(stand)
    with pytest.raises(PolicyRefused):
        await fix(replace(request, terms=Terms(policies=(ASK,))), stand.ports, stand.events)
    assert not stand.has_written


async def drifted(stand: Stand) -> FixRequest:
    """End the membership of the client's service account, and return the request that puts it back."""
    world = stand.world
    organization = world.keycloak.store.organization_named("acme")
    assert organization is not None
    user = world.keycloak.by_hand.user_id("service-account-api-client-acme")
    await world.keycloak.remove_member(organization["id"], user)
    drift = (await use_case(DriftRequest(WANTED, world.context(), Watch()), world.systems, Unattended())).drift
    assert not drift.is_empty
    return FixRequest(WANTED, world.context(), drift, Terms())


REFUSED = RequestFailed("The token is of another realm.", status=401, code="unauthorized")


@pytest.mark.parametrize("saved", [False, True])
async def test_a_platform_that_takes_no_token_is_not_waited_for_until_patience_ends(saved: bool) -> None:
    stand = Stand()
    stand.world.platform.failure = REFUSED
    terms = Terms(patience=600)
    if saved:
        plan = SavedPlan(await stand.world.plan(WANTED), __version__, "f")
        result = await apply_saved(SavedRequest(plan, terms), stand.ports, stand.events)
    else:
        result = await apply(stand.request(terms), stand.ports, stand.events)
    assert (result.ending, result.is_done) == (Ending.UNVERIFIED, False)
    assert result.failure is not None
    assert "another realm" in result.failure.message
    assert "must be of one environment" in result.failure.remedy
    assert stand.world.clock.monotonic() < 20


async def test_a_platform_that_soon_takes_the_tokens_of_a_new_realm_is_waited_for() -> None:
    stand = Stand()
    stand.world.platform.failure = REFUSED
    sleep = stand.world.clock.sleep

    async def slept(seconds: float) -> None:
        await sleep(seconds)
        if stand.world.clock.monotonic() > 5:
            stand.world.platform.failure = None

    stand.world.clock.sleep = slept  # type: ignore[method-assign]
    result = await apply(stand.request(Terms(patience=600)), stand.ports, stand.events)
    assert result.is_done
