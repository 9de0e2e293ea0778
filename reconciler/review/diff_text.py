"""What two sets of manifests differ in, for a terminal, in the words of a plan."""

import click

from reconciler.model.plan import Plan
from reconciler.review.labels import dim
from reconciler.review.plan_text import change_text, read_failures_text, risks_line
from reconciler.review.policy_text import policy_lines, stopped_text
from reconciler.review.settings_text import settings_text
from reconciler.review.subject import Subject
from reconciler.review.view import PlanView, plan_view


def diff_text(plan: Plan) -> str:
    """Return what applying the one would change where the other is applied; nobody asked a server."""
    view = plan_view(plan, Subject.DIFF)
    parts = [
        *map(change_text, view.changes),
        *read_failures_text(plan),
        *settings_text(view.settings),
        *policy_lines(plan.policy_hits),
        _summary(view),
    ]
    return f"{view.since}\n\n" + "\n\n".join(parts) + "\n"


def _summary(view: PlanView) -> str:
    plan, notes = view.plan, "".join(dim(f"\n{note}") for note in view.notes)
    if plan.is_empty:
        words = "The manifests declare the same." if plan.complete else "What could be compared is the same."
        return f"{click.style('No changes.', fg='green', bold=True)} {words}{risks_line(view)}{notes}"
    title, _, numbers = view.verdict.partition(" ")
    return f"{click.style(title, bold=True)} {numbers}{risks_line(view)}{stopped_text(plan)}{notes}"
