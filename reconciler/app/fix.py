"""Fix: put back what drifted, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciler.app import workflow
from reconciler.app.gated_write import Ending, Terms, WritePorts, WriteResult, gated_write
from reconciler.apply.verify import Look
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.change import Action, Change
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.ports import Events, Systems
from reconciler.ports.run_events import Planned, Reading


@dataclass(frozen=True, slots=True)
class FixRequest:
    """Put back what ``drift`` says, which was found for the same manifests and context.

    Nobody is there to approve: what needs an approval, or deletes, is left to apply.
    """

    desired: DesiredState
    context: Context
    drift: Plan
    terms: Terms


async def fix(request: FixRequest, ports: WritePorts, events: Events) -> WriteResult:
    """Plan again under the lock, put back and prove it.

    What is missing is made again only where it is known that somebody deleted it, and what has no mark of ours is
    adopted only where it is known that somebody took it away.
    """
    targets = sorted_addresses(change.address for change in request.drift.changes if _is_proven(change))
    if not targets:
        nothing = replace(request.drift, changes=())
        events.tell(Planned(nothing))
        return WriteResult(nothing, Ending.NOTHING_TO_WRITE)
    context = replace(request.context, only_drift=True)
    return await gated_write(_Drifted(request.desired, context, targets), request.terms, ports, events)


@dataclass(frozen=True, slots=True)
class _Drifted:
    """Implement ``WriteSource`` for what drifted in ``targets``; everything that is written is read again."""

    desired: DesiredState
    context: Context
    targets: tuple[Address, ...]
    saved: Plan | None = None
    fingerprint: str = ""
    saved_as: str = ""

    def is_over(self, plan: Plan) -> bool:
        """End where there is nothing that can be put back without a person."""
        return plan.is_empty

    async def read(self, systems: Systems, events: Events) -> Plan:
        """Plan for what drifted alone; what differs beside it is not waited for."""
        with events.during(Reading()):
            return replace(await self.again(systems)(self.targets), findings=())

    def again(self, systems: Systems) -> Look:
        """Plan again for what drifted."""

        async def look(targets: tuple[Address, ...]) -> Plan:
            wanted = targets or self.targets
            found = await workflow.plan(self.desired, systems, replace(self.context, targets=wanted))
            return _only_fixable(found, wanted)

        return look

    def shows_effect(self, _plan: Plan) -> bool:
        """Ask the platform."""
        return True


def _only_fixable(plan: Plan, targets: Iterable[Address]) -> Plan:
    """Return the part of a plan that puts back what drifted in ``targets``."""
    wanted = frozenset(targets)
    changes = tuple(
        change
        for change in plan.changes
        if change.address in wanted and (change.is_drift or change.action in {Action.CREATE, Action.ADOPT})
    )
    return replace(plan, changes=changes)


def _is_proven(change: Change) -> bool:
    who = change.attribution
    return change.is_drift or (who is not None and who.exact and not who.own)
