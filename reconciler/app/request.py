"""Request: what NT24 is to be asked for, because only the platform can put it right."""

from reconciler.app.workflow import look
from reconciler.model.manifest import DesiredState
from reconciler.model.request import RequestReport
from reconciler.plan.context import Context
from reconciler.plan.planner import make_plan
from reconciler.plan.requests import requests_for
from reconciler.ports import Systems


async def requests(desired: DesiredState, systems: Systems, context: Context) -> RequestReport:
    """Return what NT24 is to be asked for.

    Raises:
        NotFound: The realm is missing, and no manifest declares it.
    """
    snapshot = await look(desired, systems, context)
    planned = make_plan(desired, snapshot, context)
    pending = frozenset(change.address for change in planned.changes)
    return requests_for(desired, snapshot, context, pending, planned.names)
