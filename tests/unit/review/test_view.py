"""What a review says is resolved once: every format says the same of names, risks, origins and who did it."""

import html
import json
from dataclasses import replace

import click
import pytest

from reconciler.model.change import Action, Change
from reconciler.model.origin import Origin
from reconciler.model.place import Place
from reconciler.model.plan import Plan
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Value
from reconciler.review.change_view import field_view
from reconciler.review.formats import Format, render
from reconciler.review.view import plan_view
from tests.builders import a_change, a_field_change, a_plan
from tests.unit.review.showcase import NAMES, SUR, a_review, since_main, with_settings

FOR_PEOPLE = (Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JUNIT)


def text(form: Format, change: Change) -> str:
    return click.unstyle(render(a_plan(change, names=NAMES), form))


@pytest.mark.parametrize("plan", [a_review(), since_main(), with_settings()], ids=["review", "since", "settings"])
def test_every_format_counts_the_risks_that_a_reader_of_the_text_finds(plan: Plan) -> None:
    shown, comment, page = (click.unstyle(render(plan, form)) for form in (Format.TEXT, Format.MARKDOWN, Format.HTML))
    high, medium = shown.count("high risk: "), shown.count("medium risk: ")
    assert high > 1
    assert f"\nRisk: {high} high, {medium} medium." in shown
    assert f"**{high} high risks** · **{medium} medium risk" in comment
    assert f'<li class="high"><b>{high}</b>' in page


@pytest.mark.parametrize("path", ["authorizedPartners", "partnerIds"])
@pytest.mark.parametrize("form", [*FOR_PEOPLE, Format.SARIF])
def test_every_format_names_partners_of_organizations_and_of_webhooks(form: Format, path: str) -> None:
    risk = Risk(RiskLevel.HIGH, "x", "It hurts.")
    field = replace(a_field_change(path, (), (SUR,)), risk=risk)
    assert "Casa del Sur (ES)" in text(form, a_change(field_changes=[field]))


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
    words = "1 field by the reconciler's own rules; 1: this change"
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
