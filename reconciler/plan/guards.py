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


def check_guards(
    plan: Plan,
    *,
    allow_delete: bool,
    force: bool,
    guards: Guards | None = None,
    saved_as: str = "",
    only_file: str = "",
) -> None:
    """Raise where the plan deletes without leave, or deletes or disables a larger share than the environment's guards.

    What else can be done depends on where the plan is from: it was ``saved_as`` a file, or ``only_file`` was read.

    Raises:
        GuardRefused: The message says what is refused, and which flag overrides it.
    """
    given = {ALLOW_DELETE: allow_delete, FORCE: force}
    for option, refusal in _refusals(plan, guards or DEFAULT_GUARDS, saved_as, only_file):
        if not given[option]:
            raise refusal


def needed_options(plan: Plan, guards: Guards | None = None) -> tuple[str, ...]:
    """Return the options without which :func:`check_guards` refuses the plan."""
    return tuple(dict.fromkeys(option for option, _ in _refusals(plan, guards or DEFAULT_GUARDS)))


def _way_out(plan: Plan, saved_as: str, only_file: str) -> str:
    """Return what to do where it is not intended."""
    if plan.destroys:
        way = "narrow it by --target or --exclude"
    elif only_file:
        way = f"name the folder with all manifests, as only {only_file} was read"
    else:
        way = "restore the manifests"
    return f"{way}, and plan again" if saved_as else way


def _refusals(
    plan: Plan, guards: Guards, saved_as: str = "", only_file: str = ""
) -> Iterator[tuple[str, GuardRefused]]:
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
    way_out = _way_out(plan, saved_as, only_file)
    if deleted:
        softly = "" if saved_as else ", or --soft-delete to suspend and disable first"
        names = ", ".join(map(str, deleted[:5])) + (", ..." if len(deleted) > 5 else "")
        yield (
            ALLOW_DELETE,
            GuardRefused(
                f"The plan deletes {counted(len(deleted), 'managed resource')} ({names}).",
                remedy=f"Add --allow-delete if that is intended{softly}; otherwise {way_out}.",
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
                remedy=f"Add --force if that is intended; otherwise {way_out}.",
            ),
        )


def _disables(before: Fields | None, after: Fields | None) -> bool:
    if before is None or after is None:
        return False
    suspends = before.get("suspended") is False and after.get("suspended") is True
    return suspends or (before.get("enabled") is True and after.get("enabled") is False)
