"""What a plan, or a report of drift, comes to: one value, from which every text, count and exit code follows."""

from enum import StrEnum
from typing import TYPE_CHECKING

from reconciler.model.errors import ExitCode
from reconciler.model.finding import Code, FieldStatus, Finding, Severity

if TYPE_CHECKING:
    from reconciler.model.plan import Plan


class Verdict(StrEnum):
    """Say what was found, in one word; closed. Of several that hold, the first is said."""

    INCOMPLETE = "incomplete"
    """Not everything could be read: nothing can be said of the whole."""
    DENIED = "denied"
    """A policy stops it, and no approval helps."""
    CHANGES = "changes"
    """There is something to write; some of it, or all, may be blocked, or left out (`--exclude`)."""
    NOT_IN_SYNC = "not-in-sync"
    """There is nothing to write, and yet not everything is as declared."""
    IN_SYNC = "in-sync"

    def exit_code(self, differing: ExitCode) -> ExitCode:
        """Return the exit code; ``differing`` is that of a run which found a difference, and was asked to say so."""
        match self:
            case Verdict.INCOMPLETE:
                return ExitCode.ERROR
            case Verdict.DENIED:
                return ExitCode.REFUSED
            case Verdict.CHANGES | Verdict.NOT_IN_SYNC:
                return differing
            case Verdict.IN_SYNC:
                return ExitCode.DONE


def verdict_of(plan: "Plan", *, is_diff: bool = False) -> Verdict:
    """Return what the plan comes to; what a diff could not compare is the base's fault, and no reason to fail."""
    if not (plan.complete or is_diff):
        return Verdict.INCOMPLETE
    if any(hit.is_final for hit in plan.policy_hits):
        return Verdict.DENIED
    if plan.changes or plan.left_out:
        return Verdict.CHANGES
    return Verdict.NOT_IN_SYNC if any(map(is_alarming, plan.findings)) else Verdict.IN_SYNC


def is_alarming(finding: Finding) -> bool:
    """Tell whether it says that something is not as declared, whatever may be written."""
    # An undeclared service account acts for the organization; nobody writes it away, as its manifest may be missing.
    is_wrong = finding.severity is Severity.ERROR or finding.code is Code.UNMANAGED_MEMBER
    return is_wrong and finding.status is not FieldStatus.IN_SYNC
