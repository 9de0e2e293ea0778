"""What policies stop, as reviewers read it: the rule's own words, what it hits, and what helps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Final

import click

from reconciler.model.errors import PolicyRefused
from reconciler.model.plan import Plan
from reconciler.model.policy import PolicyEffect, PolicyHit
from reconciler.model.text import counted, visible
from reconciler.review.grouping import grouped
from reconciler.review.labels import dim

VERDICT: Final = {
    PolicyEffect.DENY: "Denied by policy",
    PolicyEffect.REQUIRE_LABEL: "Denied by policy: label missing",
    PolicyEffect.REQUIRE_APPROVAL: "Needs approval",
}
DENIED: Final = "Denied by policy: apply refuses it."
_AT_BASE: Final = "The policy of the base applies: loosen or remove it in a separate change."
HELD: Final = "Requires approval by policy."
_LISTED: Final = 10
"""Places that are named before they are only counted."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One policy that stops something, and everything that it hits."""

    rule: PolicyHit
    """The first hit: what it says beside the place that it hits is the policy's own."""
    hits: tuple[PolicyHit, ...]

    @property
    def verdict(self) -> str:
        """Return what the policy does, in words."""
        return VERDICT[self.rule.effect]

    @property
    def needs(self) -> str:
        """Return which labels would do, and why a policy of the base holds; empty where there is nothing to say."""
        labels = ", ".join(self.rule.requires)
        label = f"It needs the label {labels} in the organization's manifest." if labels else ""
        return " ".join(filter(None, (label, _AT_BASE if self.rule.at_base else "")))

    @property
    def words(self) -> str:
        """Return the policy's own words, and what it needs."""
        return " ".join(filter(None, (self.rule.message, self.needs)))


def violations(hits: Iterable[PolicyHit]) -> tuple[Violation, ...]:
    """Return the policies in the order of their hits."""
    found = grouped(hits, lambda hit: (hit.effect, hit.policy, hit.place))
    return tuple(Violation(each[0], tuple(each)) for each in found.values())


def stopped(plan: Plan) -> str:
    """Return what policies mean for the plan as a whole; empty where none stops it."""
    if not plan.policy_hits:
        return ""
    return DENIED if any(hit.is_final for hit in plan.policy_hits) else HELD


def where(hit: PolicyHit) -> str:
    """Return what one hit is about."""
    return f"{hit.address}: {hit.path}" if hit.path else str(hit.address)


def how_to_approve(saved_as: str) -> str:
    """Return which commands get a plan approved; one that is saved already, in that file, is not saved again."""
    file = quote(f"./{saved_as}" if saved_as.startswith("-") else saved_as) if saved_as else "FILE"
    approval = quote(f"{saved_as}.approval") if saved_as else "APPROVAL"
    commands = (
        *([] if saved_as else ["reconciler plan --out FILE"]),
        f"reconciler approve {file} --out {approval}      (an approver)",
        f"reconciler apply {file} --approval {approval}",
    )
    head = "To approve exactly this plan:" if saved_as else "To have it approved, save it with the same options:"
    return "\n  ".join([head, *commands])


def policy_lines(hits: Iterable[PolicyHit]) -> Iterator[str]:
    """Yield a paragraph for each policy that stops something."""
    for violation in violations(hits):
        lines = [f"{_title(violation)}: {visible(violation.rule.policy)} {dim(f'({visible(violation.rule.place)})')}"]
        lines += [f"  {visible(where(hit))}" for hit in violation.hits[:_LISTED]]
        if len(violation.hits) > _LISTED:
            lines.append(f"  ... and {counted(len(violation.hits) - _LISTED, 'other place')}")
        lines += [f"  {visible(line)}" for line in (violation.rule.message, violation.needs) if line]
        yield "\n".join(lines)


def stopped_text(plan: Plan, saved_as: str | None = "") -> str:
    """Return a line of what policies mean for the plan as a whole; empty where none stops it."""
    words = stopped(plan)
    if words == DENIED:
        return click.style(f"\n{words}", fg="red", bold=True)
    how = "" if saved_as is None else f" {how_to_approve(saved_as)}"
    return click.style(f"\n{words}", fg="yellow", bold=True) + how if words else ""


def refusal_text(error: PolicyRefused) -> str:
    """Return why a plan is not applied, and what to do."""
    parts = [*policy_lines(error.hits)]
    if error.foreign:
        parts.append(f"{counted(error.foreign, 'given approval')} for another plan: the fingerprints differ.")
    if not any(hit.is_final for hit in error.hits):
        parts.append(how_to_approve(error.saved_as))
    parts.append(f"{click.style('Error:', fg='red', bold=True)} {visible(error.message)}")
    return "\n\n".join(parts)


def _title(violation: Violation) -> str:
    return click.style(
        violation.verdict, fg="yellow" if violation.rule.effect is PolicyEffect.REQUIRE_APPROVAL else "red", bold=True
    )
