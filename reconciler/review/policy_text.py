"""What policies stop, for a terminal: the rule's own words, what it hits, and what helps."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final, assert_never

import click

from reconciler.model.errors import PolicyRefused
from reconciler.model.policy_hit import Effect, PolicyHit
from reconciler.review.words import counted, dim, visible

_LISTED: Final = 10
"""Places that are named before they are only counted."""

HOW_TO_APPROVE: Final = (
    "To approve exactly this plan:\n"
    "  reconciler plan --out FILE\n"
    "  reconciler approve FILE --out APPROVAL      (whoever may approve)\n"
    "  reconciler apply FILE --approval APPROVAL"
)


def policy_lines(hits: Iterable[PolicyHit]) -> Iterator[str]:
    """Yield a paragraph for each policy that stops something."""
    by_policy: dict[tuple[Effect, str, str], list[PolicyHit]] = {}
    for hit in hits:
        by_policy.setdefault((hit.effect, hit.policy, hit.place), []).append(hit)
    for (effect, policy, place), found in by_policy.items():
        lines = [f"{_title(effect)}: {visible(policy)} {dim(f'({visible(place)})')}"]
        lines += [f"  {_where(hit)}" for hit in found[:_LISTED]]
        if len(found) > _LISTED:
            lines.append(f"  ... and {counted(len(found) - _LISTED, 'other place')}")
        lines.append(f"  {visible(found[0].message)}")
        if found[0].requires:
            lines.append(
                f"  It needs the label {visible(', '.join(found[0].requires))} in the organization's manifest."
            )
        yield "\n".join(lines)


def stopped_text(hits: Collection[PolicyHit]) -> str:
    """Return a line of what policies mean for the plan as a whole; empty where none stops it."""
    if not hits:
        return ""
    if any(hit.is_final for hit in hits):
        return click.style("\nDenied by policy: apply refuses it.", fg="red", bold=True)
    return click.style("\nHeld back by policy until it is approved.", fg="yellow", bold=True) + f" {HOW_TO_APPROVE}"


def refusal_text(error: PolicyRefused) -> str:
    """Return why a plan is not applied, and what to do."""
    parts = [*policy_lines(error.hits)]
    if error.foreign:
        parts.append(f"{counted(error.foreign, 'given approval')} of another plan: the fingerprints differ.")
    if not any(hit.is_final for hit in error.hits):
        parts.append(HOW_TO_APPROVE)
    parts.append(f"{click.style('Error:', fg='red', bold=True)} {visible(error.message)}")
    return "\n\n".join(parts)


def _title(effect: Effect) -> str:
    match effect:
        case Effect.DENY:
            return click.style("Denied by policy", fg="red", bold=True)
        case Effect.REQUIRE_LABEL:
            return click.style("Denied by policy, for want of a label", fg="red", bold=True)
        case Effect.REQUIRE_APPROVAL:
            return click.style("Needs approval", fg="yellow", bold=True)
        case _:
            assert_never(effect)


def _where(hit: PolicyHit) -> str:
    return f"{hit.address}: {visible(hit.path)}" if hit.path else str(hit.address)
