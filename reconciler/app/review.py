"""Review: read a saved plan back, and approve it; no server is needed."""

from dataclasses import dataclass
from datetime import datetime

from reconciler._version import __version__
from reconciler.model.errors import PolicyRefused, WrongUsage
from reconciler.model.plan import Plan
from reconciler.model.policy import Approval, PlacedPolicy
from reconciler.plan.guards import needed_options
from reconciler.plan.policy import evaluated
from reconciler.plan.saved import check_version, what_does_not_follow
from reconciler.review.plan_file import SavedPlan, edited, parse_plan, parse_review
from reconciler.review.subject import Subject


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A saved plan with what today's policies say of it, and those that ask for an approval."""

    saved: SavedPlan
    plan: Plan

    @property
    def policies(self) -> tuple[str, ...]:
        """Return the names of the policies that ask, sorted."""
        return tuple(sorted({hit.policy for hit in self.plan.policy_hits}))


def saved_plan(text: str, name: str) -> SavedPlan:
    """Return the plan of the file ``name``; all that it would write follows from what it shows.

    Raises:
        WrongUsage: It is no plan, or was edited.
        StalePlan: Another version of the program made it.
    """
    saved = parse_plan(text, name)
    check_version(saved.made_by, __version__)
    check_shown(saved, name)
    return saved


def shown(text: str, name: str) -> tuple[SavedPlan, Subject]:
    """Return the plan of the file ``name``, or the drift that it reports; of any version.

    Raises:
        WrongUsage: It is neither, or would write something else than it shows.
    """
    saved, subject = parse_review(text, name)
    if subject is Subject.PLAN:
        check_shown(saved, name)
    return saved, subject


def needs(text: str, name: str) -> tuple[str, ...]:
    """Return the options without which ``apply`` refuses the plan of the file ``name``."""
    plan = evaluated(saved_plan(text, name).plan, (), "")
    return (*needed_options(plan), *(("--approval",) if plan.policy_hits else ()))


def reviewed(text: str, name: str, policies: tuple[PlacedPolicy, ...], environment: str) -> Reviewed:
    """Return the plan of the file ``name`` as whoever may approve it sees it.

    Raises:
        WrongUsage, StalePlan: As :func:`saved_plan`.
    """
    saved = saved_plan(text, name)
    return Reviewed(saved, evaluated(saved.plan, policies, environment))


def check_approvable(found: Reviewed) -> None:
    """Refuse a plan that nobody can approve, or need approve.

    Raises:
        PolicyRefused: A policy denies it.
        WrongUsage: No policy asks for an approval.
    """
    if final := [hit for hit in found.plan.policy_hits if hit.is_final]:
        raise PolicyRefused(final, saved_as=found.saved.source)
    if not found.policies:
        raise WrongUsage("No policy asks for an approval of this plan.", remedy="Apply it.")


def approval(found: Reviewed, by: str, at: datetime, reason: str = "") -> Approval:
    """Return a person's yes to exactly this plan."""
    check_approvable(found)
    return Approval(found.saved.fingerprint, found.policies, by, at, reason)


def check_shown(saved: SavedPlan, name: str) -> None:
    """Refuse a plan that would write something else than it shows; of another version, nobody here can tell.

    Raises:
        WrongUsage: It was edited.
    """
    if saved.made_by == __version__ and (how := what_does_not_follow(saved.plan)):
        raise edited(name, how)
