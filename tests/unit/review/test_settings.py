"""Every review says what becomes of ``reconciler.yaml``, and counts what could go wrong with it."""

import json
from dataclasses import replace

import click
import pytest

from reconciler.model.plan import Plan
from reconciler.review.formats import Format, render
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import fingerprint_of, plan_json
from reconciler.review.plan_markdown import plan_markdown
from reconciler.review.subject import Subject
from tests.builders import a_plan
from tests.unit.review.showcase import since_main, with_settings

URL = "environments.production.keycloak.url"


def text(form: Format, plan: Plan | None = None, subject: Subject = Subject.PLAN) -> str:
    return click.unstyle(render(plan or with_settings(), form, subject))


@pytest.mark.parametrize("form", list(Format))
def test_every_format_shows_each_setting_with_both_values_and_its_risk(form: Format) -> None:
    shown = text(form)
    for words in (
        URL,
        "idp.example.com",
        "elsewhere",
        "Logins are sent there.",
        "policies.two-people",
        "no longer stopped.",
    ):
        assert words in shown
    assert "policies.new" in shown or form is Format.SARIF, "what is of low risk is no result of code scanning"


@pytest.mark.parametrize("form", list(Format))
def test_where_no_setting_differs_nothing_is_said(form: Format) -> None:
    assert "setting" not in text(form, since_main()).replace("settings.schema", "").casefold()


def test_a_terminal_reads_it_as_any_other_change() -> None:
    shown = text(Format.TEXT)
    at = shown.index("  # Settings of reconciler.yaml changed here\n")
    assert shown[at:].splitlines()[1:4] == [
        (
            f'  ~ {URL}: "https://idp.example.com" -> "https://elsewhere"  # high risk: Logins are sent there. '
            "(reconciler.yaml:4:5)"
        ),
        (
            '  - policies.two-people: {"name": "two-people", "when": {"risk": "high"}, "then": "require-approval", '
            '"message": "Ask."}  # high risk: What it stopped is no longer stopped. (reconciler.yaml:1:1)'
        ),
        '  + policies.new: {"name": "new"}',
    ]


def only_settings() -> Plan:
    return replace(a_plan(), base=with_settings().base)


@pytest.mark.parametrize("subject", [Subject.PLAN, Subject.DIFF])
def test_a_change_of_settings_alone_is_in_the_verdict_and_in_the_number_of_risks(subject: Subject) -> None:
    comment = text(Format.MARKDOWN, only_settings(), subject)
    assert "### No changes. 3 settings change." in comment
    assert "**2 high risks**" in comment
    assert "Risk: 2 high." in text(Format.TEXT, only_settings(), subject)
    assert "No changes. 3 settings change." in text(Format.HTML, only_settings(), subject)
    assert 'failures="3"' in text(Format.JUNIT, only_settings(), subject)


def test_a_comment_that_is_too_small_keeps_what_is_riskiest_and_counts_the_rest() -> None:
    plan = with_settings()
    assert plan.base is not None
    many = tuple(replace(plan.base.settings[0], path=f"environments.e{n:03}.keycloak.url") for n in range(200))
    plan = replace(plan, base=replace(plan.base, settings=many))
    small = plan_markdown(plan, Subject.PLAN, max_size=4_000, link="")
    assert len(small.encode()) <= 4_000
    assert "environments.e000.keycloak.url" in small
    assert "more settings" in small


def test_code_scanning_points_at_the_line_of_the_file() -> None:
    (run,) = json.loads(text(Format.SARIF))["runs"]
    (found,) = [each for each in run["results"] if each["ruleId"] == "risk/target-moved"]
    (place,) = [each["physicalLocation"] for each in found["locations"]]
    assert found["level"] == "error"
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("reconciler.yaml", 4)


def test_a_saved_plan_keeps_them_and_an_approval_is_for_them_as_well() -> None:
    assert parse_plan(plan_json(with_settings()), "acme.plan").plan == with_settings()
    assert fingerprint_of(with_settings()) != fingerprint_of(since_main())
