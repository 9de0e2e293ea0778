"""The marks on live objects: who owns it, and what was last applied."""

import pytest

from reconciler.kinds.marks import Marks, is_mark, is_rule, marked, parse, reason_for
from reconciler.model.change import Reason
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK
from reconciler.model.value import Fields, Value, fingerprint

BEFORE: Fields = {"tier": "STANDARD", "keycloak.publicClient": False}


def marks_of(fields: Fields, owner: str | None = "us") -> Marks:
    """Return the marks that an object carries to which the fields were applied."""
    entries = marked(fields, "us", protected=False)[APPLIED_MARK]
    assert isinstance(entries, tuple)
    return parse(owner, map(str, entries))


def test_marks_name_the_owner_and_a_fingerprint_per_field() -> None:
    fields = marked({"b": 1, "a": True}, "us", protected=False)
    assert fields[OWNER_MARK] == "us"
    assert fields[APPLIED_MARK] == (f"a={fingerprint(True)}", f"b={fingerprint(1)}", f"rules={fingerprint({})}")


def test_marks_hold_no_value() -> None:
    assert "secret-name" not in str(marked({"displayName": "secret-name"}, "us", protected=False)[APPLIED_MARK])


def test_all_rules_share_one_fingerprint() -> None:
    applied = marks_of({"keycloak.a": 1, "serviceAccount.b": 2}).applied
    assert set(applied) == {"rules"}


def test_protection_is_kept_on_the_object() -> None:
    entries = marked({}, "us", protected=True)[APPLIED_MARK]
    assert isinstance(entries, tuple)
    assert parse("us", map(str, entries)).is_protected
    assert not marks_of({}).is_protected


def test_an_entry_that_we_did_not_write_is_passed_over() -> None:
    assert parse("us", ["nonsense", "a=1"]).applied == {"a": "1"}


@pytest.mark.parametrize(
    ("live", "wanted", "reason"),
    [
        ("STANDARD", "ENTERPRISE", Reason.MANIFEST_CHANGED),
        ("HIGH_VOLUME", "STANDARD", Reason.KEYCLOAK_CHANGED),
        ("HIGH_VOLUME", "ENTERPRISE", Reason.BOTH_CHANGED),
        (None, "STANDARD", Reason.KEYCLOAK_CHANGED),
        ("STANDARD", None, Reason.MANIFEST_CHANGED),
    ],
)
def test_a_field_says_which_side_moved(live: Value, wanted: Value, reason: Reason) -> None:
    assert reason_for("tier", live, {"tier": wanted}, marks_of(BEFORE)) is reason


def test_a_field_that_was_never_applied_was_added_in_keycloak() -> None:
    assert reason_for("note", "by hand", BEFORE, marks_of(BEFORE)) is Reason.KEYCLOAK_CHANGED


def test_without_an_owner_nothing_was_ever_applied() -> None:
    assert reason_for("tier", "x", BEFORE, marks_of(BEFORE, owner=None)) is Reason.NEVER_APPLIED


def test_a_rule_moved_in_keycloak_if_the_rules_are_those_that_were_applied() -> None:
    path = "keycloak.publicClient"
    assert reason_for(path, True, BEFORE, marks_of(BEFORE)) is Reason.KEYCLOAK_CHANGED


def test_a_rule_moved_by_itself_if_the_rules_are_others() -> None:
    path = "keycloak.publicClient"
    applied = marks_of({**BEFORE, "keycloak.other": True})
    assert reason_for(path, True, BEFORE, applied) is Reason.RULES_CHANGED


def test_rules_and_marks_are_told_from_what_manifests_say() -> None:
    assert [is_rule(path) for path in ("keycloak.x", "serviceAccount.x", "displayName")] == [True, True, False]
    assert [is_mark(path) for path in (OWNER_MARK, APPLIED_MARK, "displayName")] == [True, True, False]
