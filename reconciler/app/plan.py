"""Plan: say what apply would change, and what stops it."""

from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.app import workflow
from reconciler.app.passed_over import with_passed_over
from reconciler.manifest.load import Loaded
from reconciler.manifest.places import placed
from reconciler.model.plan import Plan
from reconciler.model.policy import PlacedPolicy
from reconciler.plan.context import Context
from reconciler.plan.policy import evaluated, with_rules_of
from reconciler.plan.since import Before
from reconciler.plan.targets import check_targets
from reconciler.ports import Events, Systems
from reconciler.ports.run_events import Planned, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """Compare manifests with what lives; with a base, say what differed before, too.

    Manifests below ``root`` are named from there. ``policies`` hold for the ``environment``.
    """

    loaded: Loaded
    context: Context
    root: Path = Path()
    before: Before | None = None
    policies: tuple[PlacedPolicy, ...] = ()
    environment: str = ""
    revision: str = ""


async def plan(request: PlanRequest, systems: Systems, events: Events) -> Plan:
    """Return what would change, where the manifests declare it, and what policies say of it.

    Raises:
        NotFound: The realm is missing, and no manifest declares it.
        WrongUsage: A target is neither declared nor there.
    """
    desired = request.loaded.desired
    with events.during(Reading(workflow.asked_clients(desired, systems))):
        found = await workflow.plan(desired, systems, request.context, request.before)
    check_targets(desired, found)
    found = replace(placed(found, request.loaded.sources, request.root), revision=request.revision)
    found = with_passed_over(found, request.loaded.passed_over)
    if request.before is not None:
        found = with_rules_of(request.before, found, request.policies, request.environment)
    found = evaluated(found, request.policies, request.environment)
    events.tell(Planned(found))
    return found
