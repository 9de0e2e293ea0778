"""Policies: which rules stop a plan. A policy alters nothing of it, and can only take the right to apply it away."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from reconciler.model.address import Address
from reconciler.model.change import Change, FieldChange
from reconciler.model.errors import PolicyRefused
from reconciler.model.plan import Plan
from reconciler.model.policy import Approval, Condition, PlacedPolicy
from reconciler.model.policy_hit import Effect, PolicyHit
from reconciler.model.risk import Risk, RiskLevel

_WHOLE: Final = ""
"""The path of a hit that means the resource, not a field."""


def evaluated(plan: Plan, policies: Iterable[PlacedPolicy], environment: str) -> Plan:
    """Return the plan with what stops it: by the policies of its environment, and by those that it carries itself.

    A saved plan carries the rules that it was held against: none is lost where it is applied without the settings, and
    what they stop is found out again. What is blocked is not written, so that no policy is asked.
    """
    rules = list(plan.rules)
    rules += [each for each in policies if each not in rules and _holds_in(environment, each.policy.when)]
    found: dict[tuple[str, Effect, Address, str], PolicyHit] = {}
    for placed in rules:
        for change in plan.changes:
            for hit in () if change.blocked else _hits(placed, change):
                found.setdefault((hit.policy, hit.effect, hit.address, hit.path), hit)
    hits = tuple(sorted(found.values(), key=lambda hit: hit.sort_key))
    return replace(plan, rules=tuple(rules), policy_hits=hits)


def _holds_in(environment: str, when: Condition) -> bool:
    return when.environment is None or environment in when.environment


def is_denied(plan: Plan) -> bool:
    """Tell whether a policy stops the plan for good: no approval helps."""
    return any(hit.is_final for hit in plan.policy_hits)


def check_policies(plan: Plan, fingerprint: str, approvals: Sequence[Approval]) -> None:
    """Raise where a policy stops the plan; an approval counts for the plan of its fingerprint alone.

    Raises:
        PolicyRefused: It carries everything that stops the plan.
    """
    valid = {name for each in approvals if each.fingerprint == fingerprint for name in each.policies}
    left = tuple(hit for hit in plan.policy_hits if hit.is_final or hit.policy not in valid)
    if left:
        foreign = sum(each.fingerprint != fingerprint for each in approvals)
        raise PolicyRefused(left, foreign)


def _hits(placed: PlacedPolicy, change: Change) -> Iterator[PolicyHit]:
    policy = placed.policy
    if not _is_meant(policy.when, change):
        return
    if policy.then is Effect.REQUIRE_LABEL and policy.requires.items() <= (change.labels or {}).items():
        return
    requires = tuple(f"{label}={value}" for label, value in sorted(policy.requires.items()))
    for path in _paths(policy.when, change):
        yield PolicyHit(policy.name, policy.then, change.address, path, policy.message, placed.place, requires)


def _is_meant(when: Condition, change: Change) -> bool:
    kind = when.kind is None or change.address.kind in when.kind
    action = when.action is None or change.action in when.action
    # Labels stay in git: they are gone with the manifest. What is not known does not make a deletion free.
    label = change.labels is None or when.label.items() <= change.labels.items()
    return kind and action and label


def _paths(when: Condition, change: Change) -> Iterator[str]:
    """Yield the fields that the condition hits, or the whole resource where it names neither a field nor a risk."""
    if when.path is not None:
        fields = [field for field in change.field_changes if _matches(field, when.path)]
        yield from (field.path for field in fields if _reaches(field.risk, when.risk))
        return
    if not _reaches(change.risk, when.risk):
        return
    risky = [
        f.path for f in change.field_changes if when.risk not in {None, RiskLevel.NONE} and _reaches(f.risk, when.risk)
    ]
    yield from risky or (_WHOLE,)


def _matches(field: FieldChange, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(field.path, p) or fnmatchcase(field.path, f"{p}.*") for p in patterns)


def _reaches(risk: Risk, level: RiskLevel | None) -> bool:
    return level is None or risk.level.rank >= level.rank
