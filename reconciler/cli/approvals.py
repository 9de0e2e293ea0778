"""What apply does before it writes: hold the plan against the policies, with the approvals that were given."""

from pathlib import Path

from reconciler.adapters.approval_file import read_approval_file
from reconciler.cli.diagnostics import say
from reconciler.model.manifest import utc_text
from reconciler.model.plan import Plan
from reconciler.plan.policy import check_policies
from reconciler.review.approval_file import parse_approval


def check_approved(plan: Plan, fingerprint: str, files: tuple[Path, ...]) -> None:
    """Refuse a plan that a policy stops, and say by whom it was approved; approvals are of a saved plan's fingerprint.

    Raises:
        PolicyRefused: A policy denies it, or no approval of exactly this plan satisfies it.
        WrongUsage: A file is no approval.
    """
    approvals = [parse_approval(read_approval_file(path), str(path)) for path in files]
    if not plan.policy_hits:
        return
    check_policies(plan, fingerprint, approvals)
    for each in approvals:
        reason = f": {each.reason}" if each.reason else "."
        text = f"Approved by {each.approved_by} at {utc_text(each.approved_at)}{reason}"
        say(text, "approved", by=each.approved_by)
