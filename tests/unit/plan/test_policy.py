"""Which rules stop which changes, and what satisfies them."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.address import Address
from reconciler.model.change import Action, Change
from reconciler.model.errors import ExitCode, PolicyRefused
from reconciler.model.origin import Base, Origin, joined
from reconciler.model.plan import Plan
from reconciler.model.policy import Approval, PlacedPolicy, Policy
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.policy import check_policies, evaluated, with_rules_of
from reconciler.plan.risk import assessed
from reconciler.plan.since import Before
from tests.builders import ACME, ACME_CLIENT, NOW, a_change, a_field_change, a_plan, an_organization, desired

REMOVES_A_PARTNER = a_field_change("authorizedPartners", ("a", "b"), ("a",))
RENAMES = a_field_change()


def a_policy(
    name: str = "rule", then: str = "deny", requires: dict[str, str] | None = None, **when: Any
) -> PlacedPolicy:
    said = {"name": name, "when": when, "then": then, "requires": requires or {}, "message": "Ask the board."}
    return PlacedPolicy(Policy.model_validate(said), "reconciler.yaml:7")


def a_labelled(change: Change, labels: dict[str, str] | None) -> Change:
    return replace(assessed(change), labels=labels)


UPDATE = a_labelled(a_change(field_changes=[REMOVES_A_PARTNER, RENAMES]), {"team": "vip"})
DELETE = a_labelled(a_change(ACME_CLIENT, Action.DELETE, field_changes=[a_field_change("enabled", True, None)]), None)


def hits(plan: Plan, *policies: PlacedPolicy, environment: str = "staging") -> list[tuple[str, str]]:
    return [(str(hit.address), hit.path) for hit in evaluated(plan, policies, environment).policy_hits]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, [("organization/acme", "")]),
        ({"risk": "high"}, [("organization/acme", "authorizedPartners")]),
        ({"risk": "low"}, [("organization/acme", "authorizedPartners"), ("organization/acme", "displayName")]),
        ({"path": "displayName"}, [("organization/acme", "displayName")]),
        ({"path": "authorized*"}, [("organization/acme", "authorizedPartners")]),
        ({"path": "displayName", "risk": "high"}, []),
        ({"kind": "client"}, []),
        ({"kind": ["client", "organization"], "action": "update"}, [("organization/acme", "")]),
        ({"action": "delete"}, []),
        ({"label": {"team": "vip"}}, [("organization/acme", "")]),
        ({"label": {"team": "vip", "region": "eu"}}, []),
        ({"environment": "staging"}, [("organization/acme", "")]),
        ({"environment": ["production"]}, []),
    ],
)
def test_a_policy_hits_what_meets_everything_that_it_says(when: dict[str, Any], expected: list[Any]) -> None:
    assert hits(a_plan(UPDATE), a_policy(**when)) == expected


def test_a_path_covers_all_that_is_below_it() -> None:
    change = assessed(a_change(field_changes=[a_field_change("capabilities.allowMultiVinOrders", False, True)]))
    assert hits(a_plan(change), a_policy(path="capabilities")) == [
        ("organization/acme", "capabilities.allowMultiVinOrders")
    ]
    assert hits(a_plan(change), a_policy(path="cap")) == []


def test_the_risk_of_a_delete_hits_the_whole_resource() -> None:
    assert hits(a_plan(DELETE), a_policy(risk="high")) == [(str(ACME_CLIENT), "")]


def test_labels_that_nobody_declares_any_more_do_not_make_a_deletion_free() -> None:
    assert hits(a_plan(DELETE), a_policy(label={"team": "vip"})) == [(str(ACME_CLIENT), "")]


def test_a_required_label_satisfies_its_policy() -> None:
    policy = a_policy(then="require-label", requires={"team": "vip"})
    assert hits(a_plan(UPDATE), policy) == []
    assert hits(a_plan(replace(UPDATE, labels={})), policy) == [("organization/acme", "")]
    assert hits(a_plan(DELETE), policy) == [(str(ACME_CLIENT), "")]


def test_what_is_blocked_is_not_written_and_so_not_stopped() -> None:
    assert hits(a_plan(replace(UPDATE, blocked="it belongs to another")), a_policy()) == []


def test_a_hit_says_the_rule_s_words_and_line() -> None:
    plan = evaluated(a_plan(UPDATE), [a_policy(then="require-label", requires={"ok": "yes"})], "staging")
    (hit,) = plan.policy_hits
    assert (hit.policy, hit.message, hit.place, hit.requires) == (
        "rule",
        "Ask the board.",
        "reconciler.yaml:7",
        ("ok=yes",),
    )


def test_what_stopped_a_plan_when_it_was_saved_stops_it_still() -> None:
    saved = evaluated(a_plan(UPDATE), [a_policy()], "staging")
    assert evaluated(saved, [], "staging").policy_hits == saved.policy_hits
    assert len(evaluated(saved, [a_policy()], "staging").policy_hits) == 1


def test_of_what_one_policy_stops_what_destroys_stands_first_and_then_the_worst() -> None:
    renamed = assessed(a_change(ACME, field_changes=[a_field_change("displayName", "a", "b")]))
    removed = assessed(
        a_change(Address.organization("beta"), field_changes=[a_field_change("authorizedPartners", ("a",), ())])
    )
    gone = assessed(a_change(Address.client("zeta", "api-client-zeta"), Action.DELETE))
    assert [address for address, _ in hits(a_plan(renamed, removed, gone), a_policy())] == [
        "client/zeta/api-client-zeta",
        "organization/beta",
        "organization/acme",
    ]


def an_approval(fingerprint: str = "this", *policies: str) -> Approval:
    return Approval(fingerprint, policies or ("rule",), "jane", NOW)


def refusal(plan: Plan, *approvals: Approval) -> PolicyRefused:
    with pytest.raises(PolicyRefused) as caught:
        check_policies(plan, "this", approvals)
    return caught.value


def test_a_denied_plan_is_refused_whatever_is_approved() -> None:
    plan = evaluated(a_plan(UPDATE), [a_policy()], "staging")
    assert verdict_of(plan) is Verdict.DENIED
    assert refusal(plan, an_approval()).exit_code is ExitCode.REFUSED


def test_an_approval_of_this_plan_satisfies_the_policies_that_it_names() -> None:
    plan = evaluated(a_plan(UPDATE), [a_policy(then="require-approval")], "staging")
    assert verdict_of(plan) is not Verdict.DENIED
    check_policies(plan, "this", [an_approval()])
    assert [hit.policy for hit in refusal(plan, an_approval("this", "other-rule")).hits] == ["rule"]


def test_an_approval_of_another_plan_counts_for_nothing() -> None:
    plan = evaluated(a_plan(UPDATE), [a_policy(then="require-approval")], "staging")
    assert refusal(plan, an_approval("another")).foreign == 1


def test_a_plan_that_no_policy_hits_needs_nothing() -> None:
    check_policies(evaluated(a_plan(UPDATE), [a_policy(kind="realm")], "staging"), "this", [])


def test_a_client_is_hit_by_its_own_address() -> None:
    other = Address.client("beta", "api-client-beta")
    changes = [assessed(a_change(address, Action.CREATE)) for address in (ACME, ACME_CLIENT, other)]
    found = hits(a_plan(*changes), a_policy(kind="client"))
    assert found == [(str(ACME_CLIENT), ""), (str(other), "")]


def at_base(
    change: Change,
    base: PlacedPolicy,
    *head: PlacedPolicy,
    labels: dict[str, str] | None = None,
    environment: str | None = "staging",
) -> list[str]:
    """Return the fields that a policy of the base stops, beside those of the change itself."""
    organization = an_organization("acme")
    metadata = organization.metadata.model_copy(update={"labels": labels or {}})
    before = Before(
        desired(organization.model_copy(update={"metadata": metadata})),
        Base("main", "1" * 40),
        policies=(base,),
        environment=environment,
    )
    found = evaluated(with_rules_of(before, a_plan(change), head, "staging"), head, "staging")
    assert evaluated(found, (), "") == found, "a saved plan carries what it was held against"
    return [hit.path for hit in found.policy_hits if hit.at_base]


def of(origin: Origin | None, other: Origin | None = Origin.DRIFT_BEFORE) -> Change:
    """Return the removal of a partner, and a new name, of these origins."""
    fields = [replace(REMOVES_A_PARTNER, origin=origin), replace(RENAMES, origin=other)]
    return replace(a_labelled(a_change(field_changes=fields), {}), origin=joined([origin, other]))


NO_REMOVAL = a_policy(path="authorizedPartners", risk="high")


@pytest.mark.parametrize(
    "head",
    [
        [],
        [a_policy(path="displayName")],
        [a_policy(path="authorizedPartners", risk="high", environment="production")],
        [a_policy(then="require-approval", path="authorizedPartners", risk="high")],
        [a_policy("another", path="authorizedPartners", risk="high", kind="client")],
    ],
    ids=["deleted", "other field", "other environment", "approval instead", "renamed and narrowed"],
)
def test_a_policy_of_the_base_still_stops_what_the_change_introduces(head: list[PlacedPolicy]) -> None:
    for origin in (Origin.THIS_CHANGE, Origin.BOTH, None):
        assert at_base(of(origin), NO_REMOVAL, *head) == ["authorizedPartners"]


def test_a_policy_of_the_base_stops_nothing_that_was_there_before() -> None:
    assert at_base(of(Origin.DRIFT_BEFORE), NO_REMOVAL) == []
    assert at_base(of(Origin.DRIFT_BEFORE), a_policy()) == []
    assert at_base(of(Origin.DRIFT_BEFORE, Origin.THIS_CHANGE), a_policy(risk="low")) == ["displayName"]


def test_a_policy_that_is_left_as_it_is_is_told_once() -> None:
    assert at_base(of(Origin.THIS_CHANGE), NO_REMOVAL, NO_REMOVAL) == []


def test_a_new_policy_of_the_change_holds_as_well() -> None:
    found = evaluated(a_plan(of(Origin.THIS_CHANGE)), [a_policy("new", path="displayName")], "staging")
    assert [hit.policy for hit in found.policy_hits] == ["new"]


def test_taking_a_label_away_does_not_take_an_organization_out_of_a_policy() -> None:
    vip = a_policy(path="authorizedPartners", label={"team": "vip"})
    assert at_base(of(Origin.THIS_CHANGE), vip, vip, labels={"team": "vip"}) == ["authorizedPartners"]
    assert at_base(of(Origin.THIS_CHANGE), vip, vip) == []


def test_neither_renaming_the_environment_nor_deleting_the_file_takes_it_out_of_a_policy() -> None:
    production = a_policy(path="authorizedPartners", environment="production")
    assert at_base(of(Origin.THIS_CHANGE), production) == []
    assert at_base(of(Origin.THIS_CHANGE), production, environment="production") == ["authorizedPartners"]
    assert at_base(of(Origin.THIS_CHANGE), production, environment=None) == ["authorizedPartners"]
    assert at_base(of(Origin.THIS_CHANGE), production, production, environment=None) == []
