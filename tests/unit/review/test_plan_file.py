"""A saved plan reads back as it was, or is refused with words that say why."""

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler._version import __version__
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, FieldChange, Step
from reconciler.model.errors import WrongUsage
from reconciler.model.finding import Finding
from reconciler.model.grant import Grant
from reconciler.model.observed import ReadFailure
from reconciler.model.origin import Base, Resolved, SettingChange
from reconciler.model.place import Place
from reconciler.model.plan import Coverage, Plan
from reconciler.model.plan import Effect as Effective
from reconciler.model.policy import Condition, PlacedPolicy, Policy, PolicyEffect, PolicyHit
from reconciler.model.value import Fields, Value
from reconciler.review.plan_document import PlanDocument
from reconciler.review.plan_file import looks_like_plan, parse_plan
from reconciler.review.plan_json import checksum, fingerprint_of, plan_document, plan_json
from reconciler.review.plan_schema import plan_schema, plan_schema_text
from reconciler.review.plan_text import plan_text
from reconciler.review.subject import Subject
from tests.builders import ACME, ACME_CLIENT, a_change, a_field_change, a_finding, a_plan

CHECKED_IN = Path(__file__).parents[3] / "schema" / "plan.schema.json"

quickly = settings(max_examples=60, deadline=None)

_T = TypeVar("_T")

_names = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=8)
_addresses = st.one_of(
    st.builds(Address.realm, _names), st.builds(Address.organization, _names), st.builds(Address.client, _names, _names)
)
_leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_values: st.SearchStrategy[Value] = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_fields: st.SearchStrategy[Fields] = st.dictionaries(st.text(), _values, max_size=3)


def _any(cls: type[_T], **special: st.SearchStrategy[Any]) -> st.SearchStrategy[_T]:
    """Build a dataclass with every field drawn, those with a default included: none may get lost in a file."""
    assert is_dataclass(cls)
    hints = get_type_hints(cls)
    drawn = {f.name: special.get(f.name, st.from_type(hints[f.name])) for f in fields(cls)}
    return st.fixed_dictionaries(drawn).map(lambda found: cls(**found))


RULES = tuple(
    PlacedPolicy(Policy(name=f"rule-{effect}", when=Condition(path=("a",)), then=effect, message="No."), "r.yaml:1")
    for effect in (PolicyEffect.DENY, PolicyEffect.REQUIRE_APPROVAL)
)
_addressed = st.lists(_addresses, max_size=3).map(tuple)
_moments = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_attributions = st.none() | _any(Attribution, at=_moments)
_field_changes = _any(FieldChange, before=_values, after=_values, attribution=_attributions, at_base=_values)
_steps = _any(Step, body=_fields, undo=st.none() | _any(Step, body=_fields, undo=st.none()))
_changes = _any(
    Change,
    address=_addresses,
    before=st.none() | _fields,
    after=st.none() | _fields,
    field_changes=st.lists(_field_changes, max_size=2).map(tuple),
    steps=st.lists(_steps, max_size=2).map(tuple),
    depends_on=_addressed,
    takes_name_of=_addressed,
    attribution=_attributions,
)
_bases = _any(
    Base,
    resolved=st.lists(_any(Resolved, address=_addresses), max_size=2).map(tuple),
    unknown=_addressed,
    notes=st.lists(st.text(), max_size=2).map(tuple),
    settings=st.lists(_any(SettingChange, before=_values, after=_values), max_size=2).map(tuple),
    labels=st.dictionaries(_addresses, st.dictionaries(st.text(), st.text(), max_size=2), max_size=2),
)
plans = _any(
    Plan,
    base=st.none() | _bases,
    created_at=_moments,
    coverage=st.none() | _any(Coverage, last_full=_moments),
    changes=st.lists(_changes, max_size=3).map(tuple),
    unchanged=_addressed,
    findings=st.lists(_any(Finding, address=_addresses), max_size=2).map(tuple),
    unmanaged=_addressed,
    read_failures=st.lists(_any(ReadFailure), max_size=2).map(tuple),
    rules=st.lists(st.sampled_from(RULES), max_size=2, unique_by=str).map(tuple),
    policy_hits=st.lists(_any(PolicyHit, address=_addresses), max_size=2).map(tuple),
    references=st.dictionaries(_addresses, st.text(), max_size=2),
    names=st.dictionaries(st.text(), st.text(), max_size=2),
    targets=_addressed,
    excluded=_addressed,
    left_out=_addressed,
    owners=st.just({}),
    grants=st.lists(_any(Grant, address=_addresses, until=_moments), max_size=2).map(tuple),
    hints=st.just({}),
    is_fresh=st.just(False),
    effects=st.lists(
        _any(Effective, client=_addresses, desired=_values, stored=_values, effective=_values), max_size=2
    ).map(tuple),
    places=st.dictionaries(_addresses, st.dictionaries(st.text(), _any(Place), max_size=2), max_size=2),
).flatmap(
    lambda plan: st.sets(st.sampled_from(plan.unmanaged or (ACME,))).map(
        lambda owned: replace(plan, owners={a: "other" for a in plan.unmanaged if a in owned})
    )
)

A_PLAN = a_plan(
    a_change(
        before={"displayName": "Acme"},
        after={"displayName": "Acme Motors"},
        field_changes=(a_field_change(),),
        precondition="0123456789ab",
    ),
    a_change(ACME_CLIENT, Action.CREATE, blocked="not now"),
    findings=(a_finding(),),
    read_failures=(ReadFailure("members of organization/acme", "403"),),
    references={ACME: "id-1"},
)


def document() -> dict[str, Any]:
    return plan_document(A_PLAN)


def text_of(document: dict[str, Any], *, fitting: bool = True) -> str:
    return json.dumps(document | ({"checksum": checksum(document)} if fitting else {}))


def refusal(text: str) -> WrongUsage:
    with pytest.raises(WrongUsage) as caught:
        parse_plan(text, "acme.plan")
    assert caught.value.message.startswith("acme.plan ")
    assert caught.value.remedy
    return caught.value


@quickly
@given(plan=plans)
def test_a_saved_plan_reads_back_equal(plan: Plan) -> None:
    saved = parse_plan(plan_json(plan), "acme.plan")
    assert saved.plan == plan
    assert saved.made_by == __version__


@quickly
@given(plan=plans)
def test_what_was_read_back_is_written_with_the_same_bytes(plan: Plan) -> None:
    text = plan_json(plan)
    assert plan_json(parse_plan(text, "acme.plan").plan) == text


@quickly
@given(plan=plans)
def test_every_plan_is_what_the_schema_describes(plan: Plan) -> None:
    PlanDocument.model_validate_json(plan_json(plan))


@quickly
@given(plan=plans)
def test_the_fingerprint_covers_all_but_the_digests_and_the_checksum_covers_it_too(plan: Plan) -> None:
    document = plan_document(plan)
    checked = {key: value for key, value in document.items() if key != "checksum"}
    printed = {key: value for key, value in checked.items() if key != "fingerprint"}
    fingerprint, sum_ = (
        hashlib.sha256(json.dumps(each, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        for each in (printed, checked)
    )
    assert document["fingerprint"] == fingerprint_of(plan) == fingerprint
    assert document["checksum"] == f"sha256:{sum_}"


@quickly
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_plan_that_is_cut_off_is_refused(cut: float) -> None:
    text = plan_json(A_PLAN).rstrip()
    refusal(text[: int(cut * len(text))])


def test_a_plan_that_is_cut_off_is_called_damaged() -> None:
    text = plan_json(A_PLAN)
    assert "cut off" in refusal(text[: len(text) // 2]).message


def test_an_edited_plan_is_refused() -> None:
    edited = plan_json(A_PLAN).replace("Acme Motors", "Evil Motors")
    assert "edited or damaged" in refusal(edited).message


def test_a_plan_that_was_only_indented_otherwise_is_read() -> None:
    assert parse_plan(json.dumps(document(), indent=8), "acme.plan").plan == A_PLAN


def test_another_version_of_the_format_is_named() -> None:
    found = refusal(text_of(document() | {"format_version": "9.9", "reconciler_version": "8.0.0"}))
    assert "version 9.9 of the plan's format (made by reconciler 8.0.0)" in found.message


def test_an_unknown_key_is_refused_even_where_the_checksum_fits() -> None:
    assert "surprise" in refusal(text_of(document() | {"surprise": 1})).message


def test_a_text_where_a_truth_value_belongs_is_refused_even_where_the_checksum_fits() -> None:
    assert "complete" in refusal(text_of(document() | {"complete": "true"})).message


def test_a_report_of_drift_is_no_plan() -> None:
    assert "report of drift" in refusal(plan_json(A_PLAN, Subject.DRIFT)).message
    assert "report of diff" in refusal(plan_json(A_PLAN, Subject.DIFF)).message


@pytest.mark.parametrize(
    "text", ["", "no", "[]", "1", "{}", '{"format_version": "1.2", "planned_values": {}}', "[" * 100_000, "9" * 5000]
)
def test_anything_else_is_no_plan(text: str) -> None:
    assert refusal(text).message == "acme.plan is not a saved plan."


@quickly
@given(text=st.text())
def test_arbitrary_text_is_refused(text: str) -> None:
    refusal(text)


def test_a_plan_is_recognised_by_its_beginning_whatever_its_version() -> None:
    assert looks_like_plan(plan_json(A_PLAN)[:60])
    assert looks_like_plan('{"kind":"reconciler-plan","format_version":"0.1"}')
    assert not looks_like_plan("apiVersion: reconciler/v1")
    assert not looks_like_plan("")


def test_a_plan_for_targets_says_so() -> None:
    assert "--target" not in plan_text(A_PLAN)
    targeted = parse_plan(plan_json(replace(A_PLAN, targets=(ACME,))), "acme.plan").plan
    assert (
        plan_text(targeted).rstrip().endswith("Only the resources of --target were planned: organization/acme.\x1b[0m")
    )


def test_the_checked_in_schema_is_the_generated_one() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == plan_schema_text(), "run: make schema"


def test_the_schema_describes_every_key_and_allows_no_other() -> None:
    schema = plan_schema()
    for model in (schema, *(each for each in schema["$defs"].values() if each.get("type") == "object")):
        assert model["additionalProperties"] is False
        if model["title"] in {"Condition", "Policy"}:
            # As in the settings.
            continue
        # A base has labels only where a policy of it goes by them.
        told = {"labels"} if model["title"] == "BasePart" else set()
        assert set(model["required"]) == set(model["properties"]) - told - {
            "attribution",
            "own",
            "same_as",
            "basis",
            "origin",
            "event_risk",
            "environment",
            "login",
            "at_base",
            "base",
            "platform_fields",
            "unread",
            "sender",
            "first",
            "undo",
            "takes_name_of",
            "placeholder",
            "new_user",
            "api_url",
            "settings",
            "consequences",
            "excluded",
            "left_out",
            "destroys",
            "expired",
            "grants",
        }
        assert [name for name, part in model["properties"].items() if not {"description", "$ref"} & set(part)] == []


def test_the_schema_knows_every_kind_of_resource() -> None:
    assert plan_schema()["$defs"]["Kind"]["enum"] == list(Kind)
