"""What two sets of manifests differ in, for a terminal, in the words of a plan."""

import click

from reconciler.model.plan import Plan
from reconciler.review.labels import dim, visible
from reconciler.review.overview import headline
from reconciler.review.plan_text import change_text, read_failures_text, risks_line
from reconciler.review.policy_text import policy_lines, stopped_text
from reconciler.review.settings_text import settings_text
from reconciler.review.since_text import since_notes, since_text
from reconciler.review.subject import Subject


def diff_text(plan: Plan) -> str:
    """Return what applying the one would change where the other is applied; nobody asked a server."""
    changes = (change_text(change, plan.names) for change in plan.changes)
    parts = [*changes, *read_failures_text(plan), *settings_text(plan), *policy_lines(plan.policy_hits), _summary(plan)]
    return f"{visible(since_text(plan))}\n\n" + "\n\n".join(parts) + "\n"


def _summary(plan: Plan) -> str:
    notes = "".join(dim(f"\n{visible(note)}") for note in since_notes(plan.base)) if plan.base else ""
    if plan.is_empty:
        words = "The manifests declare the same." if plan.complete else "What could be compared is the same."
        return f"{click.style('No changes.', fg='green', bold=True)} {words}{risks_line(plan)}{notes}"
    title, _, numbers = headline(plan, Subject.DIFF).partition(" ")
    return f"{click.style(title, bold=True)} {numbers}{risks_line(plan)}{stopped_text(plan)}{notes}"
