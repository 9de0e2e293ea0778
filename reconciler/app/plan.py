"""Plan: say what apply would change, and what stops it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from reconciler.app import workflow
from reconciler.manifest.load import Loaded
from reconciler.manifest.places import placed
from reconciler.manifest.recognition import PassedOver
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.plan import Plan
from reconciler.model.policy import PlacedPolicy
from reconciler.plan.context import Context
from reconciler.plan.policy import evaluated, with_rules_of
from reconciler.plan.since import Before
from reconciler.plan.targets import check_targets
from reconciler.ports import Events, Systems
from reconciler.ports.run_events import Planned, Reading

_NAMED: Final = 10
"""How many files one sentence names."""


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
    found = replace(found, findings=_with_passed_over(found, request.loaded.passed_over))
    if request.before is not None:
        found = with_rules_of(request.before, found, request.policies, request.environment)
    found = evaluated(found, request.policies, request.environment)
    events.tell(Planned(found))
    return found


def _with_passed_over(found: Plan, files: tuple[PassedOver, ...]) -> tuple[Finding, ...]:
    """Return the plan's findings, and which files among the manifests are not read."""
    if not files:
        return found.findings
    named = "; ".join(map(str, files[:_NAMED])) + (f"; and {len(files) - _NAMED} more" if files[_NAMED:] else "")
    skipped = Finding(
        Address.realm(found.realm),
        Code.FILES_PASSED_OVER,
        Severity.INFO,
        FieldStatus.IN_SYNC,
        f"Among the manifests, {'1 file was' if len(files) == 1 else f'{len(files)} files were'} not read: {named}.",
        "Move them elsewhere, or give them our apiVersion and kind if they are meant.",
    )
    return tuple(sorted((*found.findings, skipped), key=lambda each: each.sort_key))
