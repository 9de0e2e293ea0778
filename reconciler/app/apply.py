"""Apply: carry out what the manifests say, or exactly a saved plan."""

from dataclasses import dataclass, replace

from reconciler.app import workflow
from reconciler.app.gated_write import Terms, WritePorts, WriteResult, gated_write
from reconciler.app.passed_over import with_passed_over
from reconciler.app.review import saved_plan
from reconciler.apply.verify import Look
from reconciler.manifest.recognition import PassedOver
from reconciler.model.errors import StalePlan
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Moved, Plan
from reconciler.plan.context import Context
from reconciler.plan.saved import check_binding, check_ends, is_applied, shows_effect, stale_message
from reconciler.plan.targets import check_targets
from reconciler.ports import Events, Systems
from reconciler.ports.run_events import Outdated, Reading
from reconciler.review.plan_file import SavedPlan


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """Make the live systems what the manifests say."""

    desired: DesiredState
    context: Context
    terms: Terms
    passed_over: tuple[PassedOver, ...] = ()
    """The YAML beside the manifests that is none."""


@dataclass(frozen=True, slots=True)
class SavedRequest:
    """Carry out the plan that was saved, as :func:`bound_plan` returned it."""

    saved: SavedPlan
    terms: Terms


async def apply(request: ApplyRequest, ports: WritePorts, events: Events) -> WriteResult:
    """Plan, write and prove; see :func:`reconciler.app.gated_write.gated_write` for what may stop it."""
    return await gated_write(
        _Manifests(request.desired, request.context, request.passed_over), request.terms, ports, events
    )


async def apply_saved(request: SavedRequest, ports: WritePorts, events: Events) -> WriteResult:
    """Write and prove exactly the saved plan, unless anything of it has moved."""
    saved = request.saved
    source = _Saved(saved.plan, saved.fingerprint, saved.source, request.terms.parallelism)
    return await gated_write(source, request.terms, ports, events)


def bound_plan(text: str, name: str, context: Context) -> SavedPlan:
    """Return the saved plan, which was made for what is configured now, with the login that will carry it out.

    Raises:
        WrongUsage: It is no plan, was edited, or was made for another Keycloak, realm or owner.
        StalePlan: Another version of the program made it.
    """
    saved = saved_plan(text, name)
    check_binding(saved.plan, context)
    return replace(saved, plan=replace(saved.plan, login=context.login))


@dataclass(frozen=True, slots=True)
class _Manifests:
    """Implement ``WriteSource`` for manifests."""

    desired: DesiredState
    context: Context
    passed_over: tuple[PassedOver, ...] = ()
    saved: Plan | None = None
    fingerprint: str = ""
    saved_as: str = ""

    def is_over(self, _plan: Plan) -> bool:
        """Prove also where there is nothing to write: effects may be pending."""
        return False

    async def read(self, systems: Systems, events: Events) -> Plan:
        """Plan against what is live."""
        with events.during(Reading(workflow.asked_clients(self.desired, systems))):
            plan = await workflow.plan(self.desired, systems, self.context)
        check_targets(self.desired, plan)
        return with_passed_over(plan, self.passed_over)

    def again(self, systems: Systems) -> Look:
        """Plan again."""
        return workflow.replanned(self.desired, systems, self.context)

    def shows_effect(self, _plan: Plan) -> bool:
        """Ask the platform."""
        return True


@dataclass(frozen=True, slots=True)
class _Saved:
    """Implement ``WriteSource`` for a saved plan."""

    saved: Plan
    fingerprint: str
    saved_as: str
    parallelism: int

    def is_over(self, plan: Plan) -> bool:
        """End where the plan writes nothing."""
        return plan.is_empty

    async def read(self, systems: Systems, events: Events) -> Plan:
        """Look whether everything is still as the plan saw it."""
        with events.during(Reading()):
            moved = await workflow.moved_since(self.saved, systems, self.parallelism)
        if moved:
            events.tell(Outdated(self.saved, moved))
            raise _stale(self.saved, moved)
        check_ends(self.saved, systems.clock.now())
        return self.saved

    def again(self, systems: Systems) -> Look:
        """Read again what the plan wrote."""
        return workflow.reread(self.saved, systems)

    def shows_effect(self, plan: Plan) -> bool:
        """Ask the platform where the plan did."""
        return shows_effect(plan)


def _stale(saved: Plan, moved: tuple[Moved, ...]) -> StalePlan:
    done = "Run plan to see whether anything is left."
    again = "Run plan --out again, and review what it says now."
    return StalePlan(stale_message(saved, moved), remedy=done if is_applied(saved, moved) else again)
