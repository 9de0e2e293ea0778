"""Every review says which policy stops what, and what helps."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import click
import pytest

from reconciler.model.policy import PolicyEffect
from reconciler.review.formats import Comment, Format, render
from reconciler.review.subject import Subject
from tests.builders import ACME
from tests.unit.review.showcase import a_review, many, stopped

NAMES = ("no-client-is-deleted", "personal-data", "two-people")


def text_of(form: Format) -> str:
    return click.unstyle(render(stopped(), form)).replace("&#61;", "=").replace("&#58;", ":").replace("&#59;", ";")


@pytest.mark.parametrize("form", list(Format))
def test_every_format_names_the_policies_their_places_and_their_words(form: Format) -> None:
    text = text_of(form).replace("&#64;", "@")
    for word in (*NAMES, "reconciler.yaml:17", "A second person must agree.", "ask integration@example.com"):
        assert word in text


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML, Format.SARIF, Format.JUNIT])
def test_it_is_said_what_is_denied_and_what_needs_approval(form: Format) -> None:
    text = text_of(form)
    assert "Denied by policy" in text
    assert "Denied by policy: label missing" in text
    assert "Needs approval" in text


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML, Format.SARIF])
def test_the_label_that_would_do_is_named(form: Format) -> None:
    assert "It needs the label personal-data=approved in the organization's manifest." in text_of(form).replace(
        "&#39;", "'"
    )


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML])
def test_the_verdict_is_that_apply_refuses_it_or_that_it_waits(form: Format) -> None:
    assert "Denied by policy: apply refuses it" in text_of(form)
    waits = replace(stopped(), policy_hits=stopped().policy_hits[2:])
    assert "Requires approval by policy" in click.unstyle(render(waits, form))
    assert "by policy" not in render(a_review(), form)


def test_sarif_has_a_rule_for_each_policy_and_a_result_for_each_hit_on_its_line() -> None:
    run = json.loads(render(stopped(), Format.SARIF))["runs"][0]
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in run["tool"]["driver"]["rules"]}
    assert [levels[f"policy/{name}"] for name in NAMES] == ["error", "error", "warning"]
    [partners] = [
        r for r in run["results"] if r["ruleId"] == "policy/two-people" and "authorizedPartners" in r["message"]["text"]
    ]
    place = partners["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("organizations/acme.yaml", 12)


def test_junit_says_it_in_the_case_of_the_resource() -> None:
    root = ET.fromstring(render(stopped(), Format.JUNIT))
    case = next(each for each in root.iter("testcase") if each.get("name") == str(ACME))
    failure = case.find("failure")
    assert failure is not None
    assert "Needs approval: two-people" in str(failure.get("message"))
    assert "Needs approval: two-people (reconciler.yaml:17): authorizedPartners: A second person" in str(failure.text)


@pytest.mark.parametrize("size", [4_000, 65_536])
def test_a_comment_fits_however_many_policies_stop_it(size: int) -> None:
    [first, *_] = stopped().policy_hits
    hits = tuple(
        replace(first, policy=f"rule-{n}", address=change.address, effect=PolicyEffect.DENY, message="*" * 400)
        for n, change in enumerate(many(300).changes)
    )
    written = render(replace(many(300), policy_hits=hits), Format.MARKDOWN, Subject.PLAN, Comment(size))
    assert len(written.encode()) <= size
    assert "more policies that stop it" in written
    assert "\n@@ " in written


def test_json_lines_have_a_line_for_each_hit() -> None:
    lines = [json.loads(line) for line in render(stopped(), Format.LINES).splitlines()]
    assert [line["policy"] for line in lines if line["kind"] == "policy"] == [*NAMES, "two-people"]
