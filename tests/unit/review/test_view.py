"""What a review says is resolved once: every format says the same of names, risks, origins and who did it."""

import html
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import click
import pytest
from pydantic import TypeAdapter

from reconciler.app.run_record import recorded_changes
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.history import RecordedChange, Run
from reconciler.model.origin import Origin
from reconciler.model.place import Place
from reconciler.model.plan import Plan
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Value
from reconciler.plan.risk import assessed
from reconciler.review.change_view import field_view
from reconciler.review.formats import Format, render
from reconciler.review.history_text import run_json, run_text
from reconciler.review.view import plan_view
from tests.builders import ACME, a_change, a_field_change, a_plan
from tests.unit.review.showcase import NAMES, NORD, SUR, a_review, since_main, with_settings

FOR_PEOPLE = (Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JUNIT)


def text(form: Format, change: Change) -> str:
    return click.unstyle(render(a_plan(change, names=NAMES), form))


def as_read(shown: str, words: str) -> int:
    """Return how often a reader of the text is told so: in a block of many resources, once for each of them."""
    number = each = 0
    for line in shown.splitlines():
        if title := re.match(r"  # (?:(\d+) )?\S+ (?:will be|exist)", line):
            each = int(title[1] or 1)
        elif not line.startswith("  "):
            each = 1
        number += each * line.count(words)
    return number


def of_59_high_risks() -> Plan:
    removed = [FieldChange("authorizedPartners", (NORD, SUR), (SUR,), Reason.MANIFEST_CHANGED)]
    gone = [FieldChange("enabled", True, None, Reason.NOT_DECLARED)]
    changes = [a_change(Address.organization(f"org-{n:02}"), field_changes=removed) for n in range(49)]
    changes += [a_change(Address.client(f"org-{n:02}", f"c-{n}"), Action.DELETE, field_changes=gone) for n in range(10)]
    tier = [FieldChange("capabilities.rateLimitTier", "HIGH_VOLUME", "STANDARD", Reason.MANIFEST_CHANGED)]
    return a_plan(*map(assessed, [*changes, a_change(ACME, field_changes=tier)]), names=NAMES)


@pytest.mark.parametrize(
    "plan",
    [a_review(), since_main(), with_settings(), of_59_high_risks()],
    ids=["review", "since", "settings", "59 high risks"],
)
def test_every_format_counts_the_risks_that_a_reader_of_the_text_finds(plan: Plan) -> None:
    shown, comment, page = (click.unstyle(render(plan, form)) for form in (Format.TEXT, Format.MARKDOWN, Format.HTML))
    high, medium = as_read(shown, "high risk: "), as_read(shown, "medium risk: ")
    assert high > 1
    assert f"\nRisk: {high} high, {medium} medium." in shown
    assert f"**{high} high risks** · **{medium} medium risk" in comment
    assert f'<li class="high"><b>{high}</b>' in page
    counted = {"high": high, "medium": medium}
    assert json.loads(render(plan, Format.JSON))["risk_counts"] == counted
    assert json.loads(render(plan, Format.LINES).splitlines()[-1])["risk_counts"] == counted
    run = json.loads(render(plan, Format.SARIF))["runs"][0]
    assert run["properties"]["risks"] == f"{high} high, {medium} medium"
    told = [each["message"]["text"] for each in run["results"]]
    assert (sum("high risk: " in each for each in told), sum("medium risk: " in each for each in told)) == (
        high,
        medium,
    )
    suites = ET.fromstring(render(plan, Format.JUNIT))
    assert {each.get("value") for each in suites.iterfind(".//property[@name='risks']")} == {
        f"{high} high, {medium} medium"
    }
    cases = "".join(suites.itertext())
    settings = [
        each.get("message", "") for each in suites.iterfind("testsuite[@name='reconciler.yaml']/testcase/failure")
    ]
    assert cases.count("high risk: ") + sum("high risk: " in each for each in settings) == high


@pytest.mark.parametrize("path", ["authorizedPartners", "partnerIds"])
@pytest.mark.parametrize("form", Format)
def test_every_format_names_partners_of_organizations_and_of_webhooks(form: Format, path: str) -> None:
    risk = Risk(RiskLevel.HIGH, "x", "It hurts.")
    field = replace(a_field_change(path, (), (SUR,)), risk=risk)
    shown = re.sub(r"<[^>]*>", "", text(form, a_change(field_changes=[field])))
    if form in {Format.JSON, Format.LINES}:
        assert f'"{SUR}": "Casa del Sur (ES)"' in shown
    else:
        assert f"Casa del Sur (ES) {SUR}" in " ".join(shown.split())


@pytest.mark.parametrize("path", ["authorizedPartners", "partnerIds"])
def test_the_history_names_partners_as_the_plan_did(path: str) -> None:
    plan = a_plan(a_change(field_changes=[a_field_change(path, (NORD,), (SUR,))]), names=NAMES)
    (change,) = recorded_changes(plan, None)
    run = Run("r", "plan", plan.created_at, plan.created_at, "ada", "", "1.0", changes=(change,))
    kept = replace(
        run, changes=(TypeAdapter(RecordedChange).validate_json(TypeAdapter(RecordedChange).dump_json(change)),)
    )
    shown = click.unstyle(run_text(kept))
    assert f"- Autohaus Nord (DE)  {NORD}\n" in shown
    assert f"+ Casa del Sur (ES)  {SUR}\n" in shown
    assert json.loads(run_json(kept))["changes"][0]["fields"][0]["partner_names"] == {
        NORD: "Autohaus Nord (DE)",
        SUR: "Casa del Sur (ES)",
    }


ODD = "keycloak.attributes.\x1b[2J"


@pytest.mark.parametrize("form", [*FOR_PEOPLE, Format.SARIF])
def test_no_format_lets_a_terminal_obey_the_name_of_a_field(form: Format) -> None:
    field = replace(a_field_change(ODD, "x", "y"), risk=Risk(RiskLevel.HIGH, "x", "It hurts."))
    shown = text(form, a_change(field_changes=[field]))
    assert "\x1b" not in shown
    assert "keycloak.attributes.\\x1b[2J" in shown.replace(r"\\", "\\")


def test_a_field_with_an_odd_name_is_found_where_a_manifest_declares_it() -> None:
    field = replace(a_field_change(ODD, "x", "y"), risk=Risk(RiskLevel.HIGH, "x", "It hurts."))
    change = a_change(field_changes=[field])
    plan = replace(
        a_plan(change), places={change.address: {"": Place("acme.yaml", 1, 1), ODD: Place("acme.yaml", 7, 5)}}
    )
    (result,) = json.loads(render(plan, Format.SARIF))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


@pytest.mark.parametrize("form", FOR_PEOPLE)
def test_every_format_says_the_low_risks_of_an_adoption_and_of_nothing_else(form: Format) -> None:
    field = replace(a_field_change("description", "x", "y"), risk=Risk(RiskLevel.LOW, "x", "Nobody minds."))
    adopted, updated = (
        a_change(action=action, field_changes=[field], before={"description": "x"}, after={"description": "y"})
        for action in (Action.ADOPT, Action.UPDATE)
    )
    assert "Nobody minds." in text(form, adopted)
    assert "Nobody minds." not in text(form, updated)


@pytest.mark.parametrize("form", FOR_PEOPLE)
def test_every_format_says_what_the_rules_add_and_where_that_comes_from(form: Format) -> None:
    plan = since_main()
    created = next(change for change in plan.changes if change.action is Action.CREATE and change.address.names[1:])
    fields = tuple(replace(field, origin=Origin.THIS_CHANGE) for field in created.field_changes)
    told_apart = replace(plan, changes=(replace(created, origin=None, field_changes=fields),))
    words = "1 field set by built-in defaults; 1: this change"
    assert plan_view(told_apart).changes[0].rules == words
    assert words in html.unescape(click.unstyle(render(told_apart, form)))


@pytest.mark.parametrize(
    ("path", "value", "names", "shown"),
    [
        ("authorizedPartners", (SUR,), {SUR: '"Acme" GmbH'}, '"Acme" GmbH'),
        ("description", 'a"b\\c', {}, 'a"b\\c'),
        ("description", '"quoted"', {}, '"quoted"'),
        ("keycloak.redirectUris", ('x"y',), {}, 'x"y'),
    ],
    ids=["a partner in quotes", "a quote and a backslash", "a value in quotes", "an item with a quote"],
)
def test_the_page_shows_values_as_they_are(path: str, value: Value, names: dict[str, str], shown: str) -> None:
    page = render(a_plan(a_change(field_changes=[a_field_change(path, None, value)]), names=names), Format.HTML)
    assert f">{shown}<" in html.unescape(page)


def test_items_that_are_equal_in_python_alone_differ() -> None:
    field = field_view(a_field_change("keycloak.x", (1, "a"), (True, "a")), {})
    assert ([each.text for each in field.gone], [each.text for each in field.new], field.kept) == (["1"], ["true"], 1)
