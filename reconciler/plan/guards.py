"""Guards: refuse a plan that is more dangerous than a person has said yes to."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.change import Action
from reconciler.model.errors import GuardRefused
from reconciler.model.expectations import DEFAULT_GUARDS, Guards
from reconciler.model.plan import Plan
from reconciler.model.risk import named
from reconciler.model.text import counted
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
    return tuple(dict.fromkeys(option for option, _ in _refusals(plan, guards or DEFAULT_GUARDS)))


def _refusals(plan: Plan, guards: Guards) -> Iterator[tuple[str, GuardRefused]]:
    """Yield what stops the plan, each with the option that overrides it."""
    writes = [change for change in plan.changes if not change.blocked]
    deleted = [change.address for change in writes if change.action is Action.DELETE]
    accounts = [name for change in writes for name in change.deleted_accounts]
    if accounts:
        yield (
            ALLOW_DELETE,
            GuardRefused(
                f"The plan deletes {counted(len(accounts), 'account')} of people "
                f"({named(accounts)}): Keycloak deletes a managed member's account with the membership.",
                remedy="Add --allow-delete if that is intended. Otherwise set people: shared for the organization, "
                "or restore its manifest.",
            ),
        )
    if deleted:
        names = ", ".join(map(str, deleted[:5])) + (", ..." if len(deleted) > 5 else "")
        yield (
            ALLOW_DELETE,
            GuardRefused(
                f"The plan deletes {counted(len(deleted), 'managed resource')} ({names}).",
                remedy="Add --allow-delete if that is intended, or --soft-delete to suspend and disable first; "
                "otherwise restore the manifests.",
            ),
        )
    disabled = sum(_disables(change.before, change.after) for change in writes)
    hit = len(deleted) + disabled + len(accounts)
    managed = len(plan.unchanged) + sum(change.before is not None for change in plan.changes)
    if managed >= guards.min_resources and hit > guards.max_share * managed:
        what = f"{hit} resources and accounts, of {managed} managed" if accounts else f"{hit} of {managed} resources"
        yield (
            FORCE,
            GuardRefused(
                f"The plan deletes or disables {what}, more than {guards.max_share:.0%}.",
                remedy="Add --force if that is intended; otherwise look for lost manifests.",
            ),
        )


def _disables(before: Fields | None, after: Fields | None) -> bool:
    if before is None or after is None:
        return False
    suspends = before.get("suspended") is False and after.get("suspended") is True
    return suspends or (before.get("enabled") is True and after.get("enabled") is False)
