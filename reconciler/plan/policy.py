"""Policies: which rules stop a plan. A policy alters nothing of it, and can only take the right to apply it away."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from reconciler.kinds.marks import is_mark
from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.errors import PolicyRefused
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.grant import is_taken_back
from reconciler.model.origin import Origin
from reconciler.model.plan import Plan
from reconciler.model.policy import Approval, Condition, PlacedPolicy, PolicyEffect, PolicyHit
from reconciler.model.risk import Risk, RiskLevel
from reconciler.plan.since import Before

_WHOLE: Final = ""
"""The path of a hit that means the resource, not a field."""


def evaluated(plan: Plan, policies: Iterable[PlacedPolicy], environment: str) -> Plan:
    """Return the plan with what stops it: by the policies of its environment, and by those that it carries itself.

    A saved plan carries the rules that it was held against: none is lost where it is applied without the settings, and
    what they stop is found out again. What is blocked is not written, so that no policy is asked.
    """
    rules = list(plan.rules)
    rules += [each for each in policies if each not in rules and _is_for(each.policy.when, environment)]
    rules.sort(key=lambda each: (each.at_base, each.policy.name, each.place))
    labels = plan.base.labels if plan.base else {}
    found: dict[tuple[str, PolicyEffect, Address, str], PolicyHit] = {}
    for placed in rules:
        for change in plan.changes:
            for hit in _hits(placed, change, [labels[home] for home in _homes(change) if home in labels]):
                found.setdefault((hit.policy, hit.effect, hit.address, hit.path), hit)
    hits = sorted(found.values(), key=_worst_first(plan))
    held = tuple(hit for hit in hits if not _ends_grants(hit, plan))
    told = (_not_held(hit) for hit in hits if hit not in held)
    findings = tuple(dict.fromkeys((*plan.findings, *told)))
    return replace(plan, rules=tuple(rules), policy_hits=held, findings=findings)


def _ends_grants(hit: PolicyHit, plan: Plan) -> bool:
    """Tell whether all that a policy hits is the end of grants, in a run for these alone: it is not held back.

    In a plan for everything it is, as the end may have come with the very change that is reviewed; and so is what a
    file says, as nobody vouches for its grants.
    """
    if not (plan.expired and plan.is_fresh):
        return False
    ended = tuple(grant for grant in plan.ended if grant.address == hit.address)
    fields = [f for change in plan.changes if change.address == hit.address for f in change.field_changes]
    meant = [f for f in fields if not is_mark(f.path) and hit.path in {_WHOLE, f.path}]
    return bool(meant) and all(is_taken_back(each.path, each.before, each.after, ended) for each in meant)


def _not_held(hit: PolicyHit) -> Finding:
    detail = f"The policy {hit.policy} ({hit.place}) would stop this change; what has ended is taken back all the same."
    return Finding(
        hit.address,
        Code.POLICY_NOT_HELD,
        Severity.INFO,
        FieldStatus.IN_SYNC,
        detail,
        "Nothing: --expired takes back what has ended.",
        path=hit.path,
    )


def _worst_first(plan: Plan) -> Callable[[PolicyHit], tuple[object, ...]]:
    """Return the key that sorts by policy, then what destroys first, then by risk: reviews only count the last."""
    weights = {
        each.address: (each.action is not Action.DELETE and not each.deleted_accounts, -each.risk.level.rank)
        for each in plan.changes
    }
    return lambda hit: (not hit.is_final, hit.policy, weights[hit.address], hit.sort_key)


def with_rules_of(before: Before, plan: Plan, policies: Iterable[PlacedPolicy], environment: str) -> Plan:
    """Return the plan with the policies of its base, which hold for what this change introduces.

    ``policies`` are those of the change. So it cannot take away, alter or loosen what stops it, nor take an
    organization out by its labels: that takes a change of its own. Where the base does not have the environment, a
    policy that this change does not leave as it is holds whatever environment it names.
    """
    kept = [placed.policy for placed in policies]
    rules = [
        replace(each, at_base=True)
        for each in before.policies
        if (each.policy not in kept or each.policy.when.label)
        and (
            _is_for(each.policy.when, before.environment or environment)
            or (before.environment is None and each.policy not in kept)
        )
    ]
    base = plan.base or before.base
    if any(each.policy.when.label for each in rules):
        base = replace(base, labels=_labels(before, {home for change in plan.changes for home in _homes(change)}))
    return replace(plan, rules=(*plan.rules, *rules), base=base)


def _homes(change: Change) -> set[Address]:
    """Return the organizations of the resource: those that a client leaves as well."""
    return {Address.organization(alias) for alias in kind_of(change.address).organizations(change)}


def _labels(before: Before, homes: Container[Address]) -> Mapping[Address, Mapping[str, str]]:
    found = {Address.organization(each.name): each.metadata.labels for each in before.desired.organizations}
    return {address: labels for address, labels in found.items() if labels and address in homes}


def _is_for(when: Condition, environment: str) -> bool:
    return when.environment is None or environment in when.environment


def _is_new(change: Change, path: str) -> bool:
    """Tell whether a field, or the change, would not be there without this change; what is not known would not."""
    fields = [field.origin for field in change.field_changes if field.path == path]
    return (fields[0] if fields else change.origin) is not Origin.DRIFT_BEFORE


def check_policies(plan: Plan, fingerprint: str, approvals: Sequence[Approval], saved_as: str = "") -> None:
    """Raise where a policy stops the plan; an approval counts for the plan of its fingerprint alone.

    Only a plan that a file holds, ``saved_as``, has a fingerprint.

    Raises:
        PolicyRefused: It carries everything that stops the plan.
    """
    valid = {name for each in approvals if each.fingerprint == fingerprint for name in each.policies}
    left = tuple(hit for hit in plan.policy_hits if hit.is_final or hit.policy not in valid)
    if left:
        foreign = sum(each.fingerprint != fingerprint for each in approvals)
        raise PolicyRefused(left, foreign, saved_as=saved_as)


def _hits(placed: PlacedPolicy, change: Change, former: Sequence[Mapping[str, str]]) -> Iterator[PolicyHit]:
    """Yield what a policy stops of a change; one of the base goes by the labels there, ``former``, as well."""
    policy, at_base = placed.policy, placed.at_base
    if change.blocked or not _is_meant(policy.when, change, former if at_base else ()):
        return
    if policy.then is PolicyEffect.REQUIRE_LABEL and policy.requires.items() <= (change.labels or {}).items():
        return
    requires = tuple(f"{label}={value}" for label, value in sorted(policy.requires.items()))
    for path in _paths(policy.when, change):
        if not at_base or _is_new(change, path):
            yield PolicyHit(
                policy.name, policy.then, change.address, path, policy.message, placed.place, requires, at_base
            )


def _is_meant(when: Condition, change: Change, former: Sequence[Mapping[str, str]]) -> bool:
    kind = when.kind is None or change.address.kind in when.kind
    action = when.action is None or change.action in when.action or _deletes(when.action, change)
    # Labels stay in git: they are gone with the manifest. What is not known does not make a deletion free.
    labels = (change.labels, *former)
    return kind and action and any(each is None or when.label.items() <= each.items() for each in labels)


def _deletes(actions: tuple[Action, ...], change: Change) -> bool:
    """Tell whether a rule about deletions means the change: one that deletes accounts is a deletion, too."""
    return Action.DELETE in actions and bool(change.deleted_accounts)


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
