"""What policies stop, for a terminal: the rule's own words, what it hits, and what helps."""

from collections.abc import Iterable, Iterator
from typing import Final

import click

from reconciler.model.errors import PolicyRefused
from reconciler.model.plan import Plan
from reconciler.model.policy import PolicyEffect, PolicyHit
from reconciler.review.labels import counted, dim, visible
from reconciler.review.violations import DENIED, Violation, stopped, violations, where

_LISTED: Final = 10
"""Places that are named before they are only counted."""

_SAVE: Final = "  reconciler plan --out FILE\n"
_APPROVE: Final = (
    "  reconciler approve FILE --out APPROVAL      (whoever may approve)\n  reconciler apply FILE --approval APPROVAL"
)


def how_to_approve(*, is_saved: bool) -> str:
    """Return which commands get a plan approved; one that is saved already is not saved again."""
    return f"To approve exactly this plan:\n{'' if is_saved else _SAVE}{_APPROVE}"


def policy_lines(hits: Iterable[PolicyHit]) -> Iterator[str]:
    """Yield a paragraph for each policy that stops something."""
    for violation in violations(hits):
        lines = [f"{_title(violation)}: {visible(violation.policy)} {dim(f'({visible(violation.place)})')}"]
        lines += [f"  {visible(where(hit))}" for hit in violation.hits[:_LISTED]]
        if len(violation.hits) > _LISTED:
            lines.append(f"  ... and {counted(len(violation.hits) - _LISTED, 'other place')}")
        lines += [f"  {visible(line)}" for line in (violation.message, violation.needs) if line]
        yield "\n".join(lines)


def stopped_text(plan: Plan, *, is_saved: bool = False) -> str:
    """Return a line of what policies mean for the plan as a whole; empty where none stops it."""
    words = stopped(plan)
    if words == DENIED:
        return click.style(f"\n{words}", fg="red", bold=True)
    return click.style(f"\n{words}", fg="yellow", bold=True) + f" {how_to_approve(is_saved=is_saved)}" if words else ""


def refusal_text(error: PolicyRefused) -> str:
    """Return why a plan is not applied, and what to do."""
    parts = [*policy_lines(error.hits)]
    if error.foreign:
        parts.append(f"{counted(error.foreign, 'given approval')} of another plan: the fingerprints differ.")
    if not any(hit.is_final for hit in error.hits):
        parts.append(how_to_approve(is_saved=error.is_saved))
    parts.append(f"{click.style('Error:', fg='red', bold=True)} {visible(error.message)}")
    return "\n\n".join(parts)


def _title(violation: Violation) -> str:
    return click.style(
        violation.verdict, fg="yellow" if violation.effect is PolicyEffect.REQUIRE_APPROVAL else "red", bold=True
    )
