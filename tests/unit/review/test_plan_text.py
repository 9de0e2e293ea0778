"""A plan for a terminal; whole plans are in ``tests/scenarios``."""

from dataclasses import replace

import click
import pytest

from reconciler.model.address import Address
from reconciler.model.change import Action, Reason
from reconciler.model.finding import FieldStatus, Severity
from reconciler.model.observed import ReadFailure
from reconciler.model.text import counted, visible
from reconciler.model.value import Value
from reconciler.review.labels import kinds_counted, value_text
from reconciler.review.plan_text import plan_text
from reconciler.review.subject import Subject
from tests.builders import ACME, ACME_CLIENT, OWNER, REALM, a_change, a_field_change, a_finding, a_plan

TARGET = f"Target: realm {REALM}, owner {OWNER}"
MANY = [Address.organization(f"org-{number:02}") for number in range(13)]


def lines(text: str) -> list[str]:
    return click.unstyle(text).splitlines()


def test_an_empty_plan_is_said_in_terraforms_words() -> None:
    assert lines(plan_text(a_plan())) == [TARGET, "", "No changes. The live systems match the manifests."]


def test_a_plan_that_writes_nothing_and_finds_an_error_is_not_in_sync() -> None:
    text = lines(plan_text(a_plan(findings=[a_finding(detail="Late.", remedy="Wait.")])))
    assert text == [
        TARGET,
        "",
        "Error: organization/acme: Late. [effective-differs, lagging]",
        "  Wait.",
        "",
        "No changes, but 1 error.",
    ]


@pytest.mark.parametrize(
    ("action", "title", "symbol"),
    [
        (Action.CREATE, "will be created", "+"),
        (Action.UPDATE, "will be updated in-place", "~"),
        (Action.DELETE, "will be destroyed", "-"),
    ],
)
def test_an_action_has_terraforms_symbol_and_sentence(action: Action, title: str, symbol: str) -> None:
    text = lines(plan_text(a_plan(a_change(action=action))))
    assert text[4:6] == [f"  # organization/acme {title}", f"  {symbol} organization/acme"]


def test_the_summary_counts_an_adoption_as_a_change() -> None:
    actions = [Action.CREATE, Action.ADOPT, Action.UPDATE, Action.DELETE]
    changes = [a_change(address, action) for address, action in zip(MANY, actions, strict=False)]
    counted = "Plan: 1 to add, 2 to change, 1 to destroy."
    assert lines(plan_text(a_plan(*changes)))[-2:] == [counted, "Apply needs --allow-delete: 1 to destroy."]
    assert lines(plan_text(a_plan(*changes), may_delete=True))[-1] == counted
    assert lines(plan_text(a_plan(*changes[:3])))[-1] == "Plan: 1 to add, 2 to change, 0 to destroy."


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (None, "x", '+ path: "x"'),
        ("x", "y", '~ path: "x" -> "y"'),
        ("x", None, '- path: "x" -> null'),
        (False, True, "~ path: false -> true"),
        ("\x1b[2J", "y", '~ path: "\\u001b[2J" -> "y"'),
    ],
)
def test_a_field_shows_its_way(before: str | bool | None, after: str | bool | None, line: str) -> None:
    change = a_change(field_changes=[a_field_change("path", before, after)])
    assert f"      {line}" in lines(plan_text(a_plan(change)))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.KEYCLOAK_CHANGED, "  # changed in Keycloak"),
        (Reason.BOTH_CHANGED, "  # changed live and in the manifest"),
        (Reason.MANIFEST_CHANGED, ""),
        (Reason.NEVER_APPLIED, ""),
        (Reason.NOT_DECLARED, ""),
    ],
)
def test_a_field_says_who_changed_it_unless_it_was_the_manifest(reason: Reason, words: str) -> None:
    change = a_change(field_changes=[a_field_change("path", "x", "y", reason)])
    assert f'      ~ path: "x" -> "y"{words}' in lines(plan_text(a_plan(change)))


def test_a_set_shows_only_what_comes_and_goes_and_partners_by_name() -> None:
    change = a_change(field_changes=[a_field_change("authorizedPartners", ("1", "2"), ("2", "3"))])
    assert lines(plan_text(a_plan(change, names={"3": "Autohaus Nord (DE)"})))[6:9] == [
        "      ~ authorizedPartners",
        "          - 1",
        "          + Autohaus Nord (DE)  3",
    ]


def test_what_cannot_be_done_now_says_why() -> None:
    assert "  # blocked: it is protected" in lines(plan_text(a_plan(a_change(blocked="it is protected"))))


def test_what_could_not_be_read_is_said_once_per_reason() -> None:
    read_failures = [ReadFailure(f"members of organization/{n}", "403.", "Give it the role.") for n in "ab"]
    assert lines(plan_text(a_plan(read_failures=read_failures)))[2:4] == [
        "Not complete: could not read members of organization/a, members of organization/b: 403.",
        "  Give it the role.",
    ]


def test_of_many_unmanaged_objects_ten_are_named() -> None:
    text = lines(plan_text(a_plan(unmanaged=MANY, unchanged=[ACME])))
    assert text[2].startswith("Unmanaged, left alone (13 organizations; 1 of 14 are managed): organization/org-00")
    assert text[2].endswith("organization/org-09 and 3 more.")


def test_a_plan_that_did_not_ask_the_platform_says_so() -> None:
    assert (
        lines(plan_text(a_plan(asked_effective=False)))[-1]
        == "/v1/me was not called, and webhooks were not read (--no-effective)."
    )


def test_drift_counts_fields_and_resources() -> None:
    fields = [a_field_change(path, reason=Reason.KEYCLOAK_CHANGED) for path in "ab"]
    text = lines(
        plan_text(
            a_plan(a_change(field_changes=fields), a_change(ACME_CLIENT, field_changes=fields[:1])), Subject.DRIFT
        )
    )
    assert text[:2] == [TARGET, ""]
    assert text[2] == "Resources differ from the last applied state; apply would revert this:"
    assert text[-1] == "Drift: 3 fields of 2 resources."
    # What is missing has no fields that differ.
    missing = a_change(ACME_CLIENT, Action.CREATE, field_changes=fields)
    assert lines(plan_text(a_plan(missing), Subject.DRIFT))[-1] == "Drift: 1 resource missing."
    both = a_plan(a_change(field_changes=fields), missing)
    assert lines(plan_text(both, Subject.DRIFT))[-1] == "Drift: 2 fields of 1 resource, 1 resource missing."


def test_no_drift_is_said() -> None:
    assert lines(plan_text(a_plan(), Subject.DRIFT)) == [
        TARGET,
        "",
        "No drift. Keycloak matches the last applied state.",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (True, "true"), (("a", 1), '["a", 1]'), ({"ü": None}, '{"ü": null}'), ("\u202e", '"\\u202e"')],
)
def test_a_value_is_shown_on_one_line_with_what_is_invisible_escaped(value: Value, text: str) -> None:
    assert value_text(value) == text


def test_line_breaks_and_escapes_of_others_are_visible() -> None:
    assert visible("a\r\n\x1b[31mb\u200b") == "a\\r\\n\\x1b[31mb\\u200b"


def test_numbers_go_with_their_nouns() -> None:
    assert [counted(number, "client") for number in (0, 1, 2)] == ["0 clients", "1 client", "2 clients"]
    assert kinds_counted((ACME, ACME_CLIENT, ACME_CLIENT)) == "1 organization, 2 clients"


def test_what_is_only_declared_is_not_managed_yet() -> None:
    adopted = replace(a_change(action=Action.ADOPT), before={"description": "x"}, after={"description": "x"})
    text = lines(plan_text(a_plan(adopted, unmanaged=MANY, unchanged=[ACME])))
    assert any("13 organizations; 1 of 15 are managed" in line for line in text)


def test_a_note_leaves_the_plan_in_sync_and_the_text_speaks_of_keycloak_only() -> None:
    text = lines(plan_text(a_plan(findings=[a_finding(severity=Severity.WARNING, status=FieldStatus.UNKNOWN)])))
    assert text[-1] == "No changes. Keycloak matches the manifests."
