"""Why a saved plan is stale, for a terminal."""

from collections.abc import Iterator
from typing import Final

import click

from reconciler.model.manifest import utc_text
from reconciler.model.plan import Moved, Movement, Plan
from reconciler.review.change_view import field_view
from reconciler.review.plan_text import field_lines

_WHAT: Final = {
    Movement.CHANGED: "was changed:",
    Movement.GONE: "is gone.",
    Movement.EXISTS: "exists now, and the plan would create it.",
    Movement.REPLACED: "is now another object of the same name.",
    Movement.APPLIED: "already matches the plan.",
}
_LISTED: Final = 10
"""Resources that are as the plan would make them, before they are only counted."""


def stale_text(plan: Plan, moved: tuple[Moved, ...]) -> str:
    """Return which objects are not as they were planned, and which of their fields moved from what to what."""
    applied = [each for each in moved if each.how is Movement.APPLIED]
    listed = [each for each in moved if each.how is not Movement.APPLIED] + applied[:_LISTED]
    lines = [line for each in listed for line in _lines(plan, each)]
    if len(applied) > _LISTED:
        lines.append(f"  ... and {len(applied) - _LISTED} more already match the plan.")
    return "\n".join([click.style(f"Since the plan was made ({utc_text(plan.created_at)}):", bold=True), *lines]) + "\n"


def _lines(plan: Plan, moved: Moved) -> Iterator[str]:
    yield f"  {moved.address} {_WHAT[moved.how]}"
    for field in moved.fields:
        yield from (f"      {line}" for line in field_lines(field_view(field, plan.names)))
