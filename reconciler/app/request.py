"""Request: what NT24 is to be asked for, because only the platform can put it right."""

from dataclasses import dataclass

from reconciler.app.workflow import asked_clients, look
from reconciler.kinds.requests import requests_for
from reconciler.model.manifest import DesiredState
from reconciler.model.request import RequestReport
from reconciler.plan.context import Context
from reconciler.plan.planner import make_plan, situation_of
from reconciler.ports import Events, Systems
from reconciler.ports.run_events import Reading


@dataclass(frozen=True, slots=True)
class AskRequest:
    """Say what NT24 is to be asked for; the targets of the context are the organizations, all without any."""

    desired: DesiredState
    context: Context


async def requests(request: AskRequest, systems: Systems, events: Events) -> RequestReport:
    """Return what NT24 is to be asked for.

    Raises:
        NotFound: The realm is missing, and no manifest declares it.
    """
    with events.during(Reading(asked_clients(request.desired, systems))):
        snapshot = await look(request.desired, systems, request.context)
    planned = make_plan(request.desired, snapshot, request.context)
    pending = frozenset(change.address for change in planned.changes)
    return requests_for(situation_of(request.desired, snapshot, request.context), pending)
