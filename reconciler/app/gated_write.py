"""The one gated path on which a plan is carried out (docs/decisions.md, 150).

In this order: lock, read, plan, guards, policies, sink, a person's yes, writes, proof. Whatever does not hold ends it
before anything is written. What of it needs no server comes first where the plan is known already.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from reconciler.app import workflow
from reconciler.apply.verify import Look
from reconciler.model.errors import LiveSystemError, ReconcilerError, RequestFailed
from reconciler.model.expectations import DEFAULT_GUARDS, Guards
from reconciler.model.outcome import Applied, Verification
from reconciler.model.plan import Plan
from reconciler.model.policy import Approval, PlacedPolicy
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.guards import check_guards
from reconciler.plan.policy import check_policies, evaluated
from reconciler.plan.saved import check_ends
from reconciler.ports import Events, Interruption, Journal, Lock, SecretSink, Systems
from reconciler.ports.run_events import Applying, Approved, Planned, SecretsUnheard, Verified, Verifying, Written

_NOTHING_APPLIED: Final = Applied(())


class WriteSource(Protocol):
    """What is written comes from manifests, from a saved plan, or from what drifted."""

    @property
    def saved(self) -> Plan | None:
        """Return the plan that is known before anything is read; None where it is made under the lock."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return what approvals are bound to; empty where there can be none."""
        ...

    @property
    def saved_as(self) -> str:
        """Return the file that holds the plan; empty where none does."""
        ...

    def is_over(self, plan: Plan) -> bool:
        """Tell whether there is nothing to write, nor to prove."""
        ...

    async def read(self, systems: Systems, events: Events) -> Plan:
        """Return the plan, made of what is live now, or still as it was saved.

        Raises:
            StalePlan: It is not.
        """
        ...

    def again(self, systems: Systems) -> Look:
        """Return what looks whether what was written holds."""
        ...

    def shows_effect(self, plan: Plan) -> bool:
        """Tell whether the proof asks the platform, where there is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a write is held to: the rules of its environment, and what a person has allowed; ``patience`` in seconds."""

    policies: tuple[PlacedPolicy, ...] = ()
    environment: str = ""
    guards: Guards = DEFAULT_GUARDS
    allow_delete: bool = False
    force: bool = False
    approvals: tuple[Approval, ...] = ()
    asks: bool = False
    """Whether somebody must say yes to the plan that was made."""
    only_file: str = ""
    """The manifest that was read, where no other one was; empty otherwise."""
    patience: float = 60.0
    parallelism: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePorts:
    """What a write needs from outside; the systems are opened, and the lock is taken, when it is their turn."""

    systems: Callable[[], AbstractAsyncContextManager[Systems]]
    lock: Callable[[], AbstractAsyncContextManager[Lock]]
    journal: Callable[[Plan], AbstractContextManager[Journal]]
    interruption: Interruption


class Ending(Enum):
    """Say how far a write came; closed."""

    NOTHING_TO_WRITE = auto()
    NO_VERDICT = auto()
    """Not everything could be read, and there is nothing to write: nothing can be proven of the whole."""
    DECLINED = auto()
    """Whoever was asked did not say yes."""
    INTERRUPTED = auto()
    HALTED = auto()
    """Not everything was begun: the lock was lost, or the journal broke."""
    UNVERIFIED = auto()
    """Nobody could look whether it took effect."""
    VERIFIED = auto()
    """It was looked at; the verification says what was found."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """How a write ended; ``failure`` says why nobody could look whether it took effect."""

    plan: Plan
    ending: Ending
    applied: Applied = _NOTHING_APPLIED
    verification: Verification | None = None
    failure: ReconcilerError | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether all of the plan is written and proven, and nothing was left out of it."""
        if self.ending is Ending.NOTHING_TO_WRITE:
            return True
        proven = self.verification is not None and self.verification.is_proven
        return proven and self.applied.is_complete and not self.plan.read_failures


async def gated_write(source: WriteSource, terms: Terms, ports: WritePorts, events: Events) -> WriteResult:
    """Carry a plan out, held to the terms, and prove it.

    Raises:
        GuardRefused, PolicyRefused: The terms do not allow it.
        StalePlan: What a saved plan saw has moved.
        LockHeld: Another run writes.
        SinkFailed: A secret could not be delivered.
    """
    plan = None if source.saved is None else _admitted(source.saved, source, terms, events)
    if plan is not None and source.is_over(plan):
        return WriteResult(plan, Ending.NOTHING_TO_WRITE)
    async with ports.systems() as systems, ports.lock() as lock:
        first, opened = await _round(plan, source, terms, systems, lock, ports, events, _NOTHING_APPLIED)
        if not opened:
            return first
        # What a change of the realm lets us see is planned anew, and held to the terms.
        try:
            rest, _ = await _round(None, source, terms, systems, lock, ports, events, first.applied)
        except ReconcilerError as error:
            # Whatever refuses the rest, the realm is written.
            return WriteResult(first.plan, Ending.UNVERIFIED, first.applied, failure=error)
        return rest


async def _round(
    plan: Plan | None, source: WriteSource, terms: Terms, systems: Systems, lock: Lock, ports: WritePorts,
    events: Events, earlier: Applied,
) -> tuple[WriteResult, bool]:  # fmt: skip
    """Carry a plan out that is known, or made now; tell whether it opened the realm, so that there is more to plan."""
    read = await source.read(systems, events)
    if plan is None:
        plan = _admitted(read, source, terms, events)
        if source.is_over(plan) and not earlier.outcomes:
            return WriteResult(plan, Ending.NOTHING_TO_WRITE), False
    await _check_sink(plan, systems.sink, events)
    if not plan.changes:
        if verdict_of(plan) is Verdict.INCOMPLETE and not earlier.outcomes:
            return WriteResult(plan, Ending.NO_VERDICT), False
        # What is left only reads: others need not wait for it.
        await lock.release()
    elif terms.asks and not await events.confirm(plan):
        return WriteResult(plan, Ending.DECLINED, earlier), False
    # Whoever was asked may have taken their time.
    check_ends(plan, systems.clock.now())
    applied = await _write(plan, systems, lock, terms, ports, events)
    opened = plan.opens_realm and not earlier.outcomes and source.saved is None and applied.is_complete
    applied = earlier.followed_by(applied)
    if plan.changes:
        events.tell(Written(plan, applied, opened))
    if ports.interruption.is_requested:
        return WriteResult(plan, Ending.INTERRUPTED, applied), False
    if applied.halted:
        # What was never begun does not come, however long one waits.
        return WriteResult(plan, Ending.HALTED, applied), False
    if opened:
        return WriteResult(plan, Ending.UNVERIFIED, applied), True
    return await _prove(plan, applied, source, systems, terms, events), False


def _admitted(found: Plan, source: WriteSource, terms: Terms, events: Events) -> Plan:
    """Return the plan with what its policies say; neither a guard nor a policy stops it."""
    plan = evaluated(found, terms.policies, terms.environment)
    events.tell(Planned(plan, source.fingerprint))
    if source.is_over(plan):
        return plan
    check_guards(
        plan,
        allow_delete=terms.allow_delete,
        force=terms.force,
        guards=terms.guards,
        saved_as=source.saved_as,
        only_file=terms.only_file,
    )
    if plan.policy_hits:
        check_policies(plan, source.fingerprint, terms.approvals, source.saved_as)
        for approval in terms.approvals:
            events.tell(Approved(approval))
    return plan


async def _check_sink(plan: Plan, sink: SecretSink | None, events: Events) -> None:
    """Make sure that secrets can be delivered; say which will be known to nobody, where there is no sink.

    A client's secret stays in Keycloak: it can be delivered later. A webhook's is shown once.
    """
    making = [(change, step.verb) for change in plan.changes for step in change.steps if step.verb.makes_secret]
    webhooks = tuple(str(change.address) for change, verb in making if verb.is_on_platform and not change.blocked)
    if sink is None:
        if webhooks:
            events.tell(SecretsUnheard(webhooks))
        return
    if webhooks or any(not verb.is_on_platform for _, verb in making):
        await sink.check()


async def _write(plan: Plan, systems: Systems, lock: Lock, terms: Terms, ports: WritePorts, events: Events) -> Applied:
    if not plan.changes:
        return _NOTHING_APPLIED
    with (
        ports.journal(plan) as journal,
        ports.interruption.writing(),
        events.during(Applying(len(plan.changes))) as progress,
    ):
        gates = (ports.interruption, lock)
        return await workflow.apply(plan, systems, journal, progress, terms.parallelism, gates)


async def _prove(
    plan: Plan, applied: Applied, source: WriteSource, systems: Systems, terms: Terms, events: Events
) -> WriteResult:
    try:
        with events.during(Verifying(terms.patience)) as progress:
            look, failed = source.again(systems), applied.not_done
            verification = await workflow.prove(plan, look, systems, progress, terms.patience, failed)
    except (LiveSystemError, RequestFailed) as error:
        if not applied.has_written:
            raise
        return WriteResult(plan, Ending.UNVERIFIED, applied, failure=error)
    asked = systems.platform is not None and source.shows_effect(plan) and not verification.on_mock
    events.tell(Verified(verification, asked))
    return WriteResult(plan, Ending.VERIFIED, applied, verification)
