"""What commands do first with a saved plan: read it, hold it against what it shows, and refuse it where it is stale."""

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
from reconciler.plan.saved import check_binding, check_version, what_does_not_follow
from reconciler.review.plan_file import SavedPlan, edited, parse_plan
from reconciler.review.stale_text import is_applied, stale_message, stale_text


def saved_plan(planfile: Path) -> SavedPlan:
    """Return the saved plan; all that it would write follows from what it shows.

    Raises:
        WrongUsage: It is no plan, or was edited.
        StalePlan: Another version of the program made it.
    """
    saved = parse_plan(read_plan_file(planfile), str(planfile))
    check_version(saved.made_by, __version__)
    check_shown(saved, planfile)
    return saved


def check_shown(saved: SavedPlan, planfile: Path) -> None:
    """Refuse a plan that would write something else than it shows; of another version, nobody here can tell.

    Raises:
        WrongUsage: It was edited.
    """
    if saved.made_by == __version__ and (how := what_does_not_follow(saved.plan)):
        raise edited(str(planfile), how)


def bound_plan(planfile: Path, options: LiveOptions, expected: Expectations | None) -> SavedPlan:
    """Return the saved plan, which was made for what is configured now.

    Raises:
        WrongUsage: It is no plan, was edited, or was made for another Keycloak, realm or owner.
        StalePlan: Another version of the program made it.
    """
    saved = saved_plan(planfile)
    check_binding(saved.plan, context_of(options, (), expected=expected))
    return saved


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
