"""What apply does first with a saved plan: read it, check what it is bound to, and refuse it where it is stale."""

from pathlib import Path

from reconciler._version import __version__
from reconciler.adapters.plan_file import read_plan_file
from reconciler.cli.diagnostics import say
from reconciler.cli.live import LiveOptions
from reconciler.cli.planning import context_of
from reconciler.model.errors import StalePlan
from reconciler.model.expectations import Expectations
from reconciler.model.moved import Moved
from reconciler.model.plan import Plan
from reconciler.plan.saved import check_binding
from reconciler.review.plan_file import parse_plan
from reconciler.review.stale_text import is_applied, stale_message, stale_text


def bound_plan(planfile: Path, options: LiveOptions, expected: Expectations | None) -> Plan:
    """Return the saved plan, which was made for what is configured now.

    Raises:
        WrongUsage: It is no plan, was edited, or was made for another Keycloak, realm or owner.
        StalePlan: Another version of the program made it.
    """
    saved = parse_plan(read_plan_file(planfile), str(planfile))
    check_binding(saved.plan, saved.made_by, context_of(options, (), expected=expected), __version__)
    return saved.plan


def refuse_moved(saved: Plan, moved: tuple[Moved, ...]) -> None:
    """Say what moved since the plan was made, and refuse it.

    Raises:
        StalePlan: Something moved.
    """
    if not moved:
        return
    what = [{"address": str(each.address), "how": each.how} for each in moved]
    say(stale_text(saved, moved).rstrip("\n"), "moved", styled=True, moved=what)
    done = "Run plan to see whether anything is left."
    again = "Run plan --out again, and review what it says now."
    raise StalePlan(stale_message(saved, moved), remedy=done if is_applied(saved, moved) else again)
