"""The verdict on a saved plan of which something moved."""

from reconciler.model.plan import Moved, Movement, Plan


def stale_message(plan: Plan, moved: tuple[Moved, ...]) -> str:
    """Return the verdict in one sentence."""
    if is_applied(plan, moved):
        return "The plan seems to have been applied already: everything matches it. Nothing was written."
    resources = "1 resource" if len(moved) == 1 else f"{len(moved)} resources"
    return f"The saved plan is stale: {resources} changed since it was made. Nothing was written."


def is_applied(plan: Plan, moved: tuple[Moved, ...]) -> bool:
    """Tell whether everything that the plan would write is as it would make it."""
    applied = {each.address for each in moved if each.how is Movement.APPLIED}
    return len(applied) == len(moved) and applied == {change.address for change in plan.changes if not change.blocked}
