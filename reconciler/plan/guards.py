"""Guards: refuse a plan that is more dangerous than a person has said yes to."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.change import Action
from reconciler.model.errors import GuardRefused
from reconciler.model.guards import DEFAULT_GUARDS, Guards
from reconciler.model.plan import Plan
from reconciler.model.value import Fields

ALLOW_DELETE: Final = "--allow-delete"
FORCE: Final = "--force"


def check_guards(plan: Plan, *, allow_delete: bool, force: bool, guards: Guards | None = None) -> None:
    """Raise where the plan deletes without leave, or deletes or disables a larger share than the environment's guards.

    Raises:
        GuardRefused: The message says what is refused, and which flag overrides it.
    """
    given = {ALLOW_DELETE: allow_delete, FORCE: force}
    for option, refusal in _refusals(plan, guards or DEFAULT_GUARDS):
        if not given[option]:
            raise refusal


def needed_options(plan: Plan, guards: Guards | None = None) -> tuple[str, ...]:
    """Return the options without which :func:`check_guards` refuses the plan."""
    return tuple(option for option, _ in _refusals(plan, guards or DEFAULT_GUARDS))


def _refusals(plan: Plan, guards: Guards) -> Iterator[tuple[str, GuardRefused]]:
    """Yield what stops the plan, each with the option that overrides it."""
    deleted = [change.address for change in plan.changes if change.action is Action.DELETE and not change.blocked]
    if deleted:
        names = ", ".join(map(str, deleted[:5])) + (", ..." if len(deleted) > 5 else "")
        yield (
            ALLOW_DELETE,
            GuardRefused(
                f"The plan deletes {len(deleted)} of what it manages ({names}).",
                remedy="Add --allow-delete if that is meant, or --soft-delete to suspend and disable first; "
                "otherwise put the manifests back.",
            ),
        )
    hit = [
        change
        for change in plan.changes
        if not change.blocked and (change.action is Action.DELETE or _disables(change.before, change.after))
    ]
    managed = len(plan.unchanged) + sum(change.before is not None for change in plan.changes)
    if managed >= guards.min_resources and len(hit) > guards.max_share * managed:
        yield (
            FORCE,
            GuardRefused(
                f"The plan deletes or disables {len(hit)} of {managed} resources, more than {guards.max_share:.0%}.",
                remedy="Add --force if that is meant; otherwise look for manifests that were lost.",
            ),
        )


def _disables(before: Fields | None, after: Fields | None) -> bool:
    if before is None or after is None:
        return False
    suspends = before.get("suspended") is False and after.get("suspended") is True
    return suspends or (before.get("enabled") is True and after.get("enabled") is False)
