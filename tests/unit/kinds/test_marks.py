"""The marks on live objects: who owns it, and what was last applied."""

import pytest

from reconciler.kinds.marks import Marks, is_mark, is_rule, left_alone, marked, parse, reason_for
from reconciler.model.address import Address
from reconciler.model.change import Reason
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK
from reconciler.model.value import Fields, Value, fingerprint
from tests.builders import ACME, ACME_CLIENT

BEFORE: Fields = {"tier": "STANDARD", "keycloak.publicClient": False}


def marks_of(
    fields: Fields, owner: str | None = "us", *, on: Address = ACME_CLIENT, written_for: Address = ACME_CLIENT
) -> Marks:
    """Return the marks that the object ``on`` carries, after the fields were applied to what they were written for."""
    entries = marked(fields, "us", written_for, protected=False)[APPLIED_MARK]
    assert isinstance(entries, tuple)
    return parse(owner, map(str, entries), on)


def test_marks_name_the_owner_and_a_fingerprint_per_field() -> None:
    fields = marked({"b": 1, "a": True}, "us", ACME_CLIENT, protected=False)
    assert fields[OWNER_MARK] == "us"
    assert fields[APPLIED_MARK] == (
        f"a={fingerprint(True)}",
        f"address={fingerprint(('client', 'api-client-acme'))}",
        f"b={fingerprint(1)}",
        f"rules={fingerprint({})}",
    )


def test_marks_hold_no_value() -> None:
    assert "secret-name" not in str(
        marked({"displayName": "secret-name"}, "us", ACME_CLIENT, protected=False)[APPLIED_MARK]
    )


def test_all_rules_share_one_fingerprint() -> None:
    applied = marks_of({"keycloak.a": 1, "serviceAccount.b": 2}).applied
    assert set(applied) == {"address", "rules"}


def test_protection_is_kept_on_the_object() -> None:
    entries = marked({}, "us", ACME, protected=True)[APPLIED_MARK]
    assert isinstance(entries, tuple)
    assert parse("us", map(str, entries), ACME).is_protected
    assert not marks_of({}).is_protected


def test_an_entry_that_we_did_not_write_is_passed_over() -> None:
    assert parse("us", ["nonsense", "a=1"], ACME).applied == {"a": "1"}


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


@pytest.mark.parametrize(
    ("written_for", "on", "proves"),
    [
        (ACME_CLIENT, ACME_CLIENT, True),
        # A client that moves stays the same one, and a realm that is copied or renamed does, too.
        (ACME_CLIENT, Address.client("-", "api-client-acme"), True),
        (Address.realm("nt24-idp"), Address.realm("copy"), True),
        (ACME_CLIENT, Address.client("acme", "api-client-copy"), False),
        (ACME, Address.organization("copy"), False),
        (Address.webhook("acme", "a"), Address.webhook("beta", "a"), False),
        (Address.client("-", "broker"), Address.client("-", "broker"), False),
        (Address.organization("Not.A.Slug"), Address.organization("Not.A.Slug"), False),
    ],
)
def test_marks_prove_something_only_of_what_they_were_written_for(
    written_for: Address, on: Address, proves: bool
) -> None:
    found = marks_of(BEFORE, on=on, written_for=written_for)
    assert (found.is_of("us"), found.may_delete("us")) == (proves, proves)
    assert not found.is_of("them")


def test_marks_of_an_earlier_version_say_who_applied_it_but_allow_no_delete() -> None:
    found = parse("us", ["tier=1", "rules=2"], ACME)
    assert (found.is_of("us"), found.may_delete("us")) == (True, False)


def test_a_mark_that_holds_nothing_applied_proves_nothing() -> None:
    assert not parse("us", [], ACME).is_of("us")


def test_of_manifests_alone_nothing_is_left_as_it_is_live() -> None:
    assert left_alone({"displayName": "Acme", "capabilities.rateLimitTier": "STANDARD"}) == ()
