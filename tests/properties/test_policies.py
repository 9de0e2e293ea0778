"""A policy can only take the right to apply away: it alters nothing of a plan, and more policies never free one."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.address import Kind
from reconciler.model.change import Action
from reconciler.model.policy import PlacedPolicy, Policy, PolicyEffect
from reconciler.model.risk import RiskLevel
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.policy import evaluated
from reconciler.plan.risk import assessed
from tests.builders import ACME, ACME_CLIENT, a_change, a_field_change, a_plan

PATHS = ("authorizedPartners", "suspended", "capabilities.allowContactPersonalData", "description", "enabled")
LABELS = ("team", "region")

_labels = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(("a", "b")), max_size=2)
_conditions = st.fixed_dictionaries(
    {},
    optional={
        "risk": st.sampled_from([str(level) for level in RiskLevel]),
        "kind": st.lists(st.sampled_from([str(kind) for kind in Kind]), min_size=1, max_size=2),
        "action": st.lists(st.sampled_from(["create", "update", "delete", "adopt"]), min_size=1, max_size=2),
        "path": st.lists(st.sampled_from((*PATHS, "*", "cap*")), min_size=1, max_size=2),
        "label": _labels,
        "environment": st.just("staging"),
    },
)


def _policy(index: int, drawn: tuple[dict[str, Any], PolicyEffect, dict[str, str]]) -> PlacedPolicy:
    when, effect, labels = drawn
    requires = (labels or {"team": "a"}) if effect is PolicyEffect.REQUIRE_LABEL else {}
    said = {"name": f"p{index}", "when": when, "then": effect, "requires": requires, "message": "No."}
    return PlacedPolicy(Policy.model_validate(said), f"reconciler.yaml:{index}")


_policies = st.lists(st.tuples(_conditions, st.sampled_from(PolicyEffect), _labels), max_size=4).map(
    lambda drawn: [_policy(index, each) for index, each in enumerate(drawn)]
)
_fields = st.lists(
    st.builds(a_field_change, st.sampled_from(PATHS), st.sampled_from((None, True, False)), st.sampled_from((True,))),
    max_size=3,
)
_changes = st.builds(
    lambda address, action, fields, blocked: assessed(
        a_change(address, action, field_changes=fields, blocked="no" if blocked else "")
    ),
    st.sampled_from((ACME, ACME_CLIENT)),
    st.sampled_from((Action.CREATE, Action.UPDATE, Action.DELETE, Action.ADOPT)),
    _fields,
    st.booleans(),
)
_plans = st.lists(_changes, max_size=3).map(lambda changes: a_plan(*changes))


@settings(deadline=None)
@given(_plans, _policies)
def test_a_policy_adds_and_removes_no_change(plan: Any, policies: Any) -> None:
    found = evaluated(plan, policies, "staging")
    assert found.changes == plan.changes
    assert {hit.address for hit in found.policy_hits} <= {change.address for change in plan.changes}


@settings(deadline=None)
@given(_plans, _policies, _policies)
def test_another_policy_never_frees_a_plan(plan: Any, some: Any, more: Any) -> None:
    renamed = [
        PlacedPolicy(each.policy.model_copy(update={"name": f"more-{i}"}), each.place) for i, each in enumerate(more)
    ]
    before, after = evaluated(plan, some, "staging"), evaluated(plan, [*some, *renamed], "staging")
    assert set(before.policy_hits) <= set(after.policy_hits)
    assert verdict_of(after) is Verdict.DENIED or verdict_of(before) is not Verdict.DENIED


@settings(deadline=None)
@given(_plans, _policies)
def test_the_order_of_policies_is_irrelevant(plan: Any, policies: Any) -> None:
    assert evaluated(plan, policies, "staging") == evaluated(plan, policies[::-1], "staging")
