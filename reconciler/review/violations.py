"""What policies stop, as reviewers read it: by policy, what is denied first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reconciler.model.plan import Plan
from reconciler.model.policy import PolicyEffect, PolicyHit

VERDICT: Final = {
    PolicyEffect.DENY: "Denied by policy",
    PolicyEffect.REQUIRE_LABEL: "Denied by policy, for want of a label",
    PolicyEffect.REQUIRE_APPROVAL: "Needs approval",
}
DENIED: Final = "Denied by policy: apply refuses it."
_AT_BASE: Final = "It holds as it is at the base: it is loosened, or left behind, by a change that does nothing else."
HELD: Final = "Held back by policy until it is approved."


@dataclass(frozen=True, slots=True)
class Violation:
    """One policy that stops something, and everything that it hits."""

    policy: str
    effect: PolicyEffect
    place: str
    message: str
    requires: tuple[str, ...]
    hits: tuple[PolicyHit, ...]
    at_base: bool

    @property
    def verdict(self) -> str:
        """Return what the policy does, in words."""
        return VERDICT[self.effect]

    @property
    def needs(self) -> str:
        """Return which labels would do, and why a policy of the base holds; empty where there is nothing to say."""
        label = (
            f"It needs the label {', '.join(self.requires)} in the organization's manifest." if self.requires else ""
        )
        return " ".join(filter(None, (label, _AT_BASE if self.at_base else "")))


def violations(hits: Iterable[PolicyHit]) -> tuple[Violation, ...]:
    """Return the policies in the order of their hits."""
    found: dict[tuple[PolicyEffect, str, str], list[PolicyHit]] = {}
    for hit in hits:
        found.setdefault((hit.effect, hit.policy, hit.place), []).append(hit)
    return tuple(
        Violation(policy, effect, place, each[0].message, each[0].requires, tuple(each), each[0].at_base)
        for (effect, policy, place), each in found.items()
    )


def stopped(plan: Plan) -> str:
    """Return what policies mean for the plan as a whole; empty where none stops it."""
    if not plan.policy_hits:
        return ""
    return DENIED if any(hit.is_final for hit in plan.policy_hits) else HELD


def where(hit: PolicyHit) -> str:
    """Return what one hit is about."""
    return f"{hit.address}: {hit.path}" if hit.path else str(hit.address)
