"""Every review says what is of this change of the manifests, and what was there before."""

import json

import click
import pytest

from reconciler.review.formats import Format, render
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import plan_document, plan_json
from reconciler.review.plan_text import plan_text
from tests.unit.review.showcase import a_review, since_main

COUNTS = "this change: 2 to add, 1 to destroy; pre-existing drift: 1 to change; both: 1 to change"
SETTLED = "Resolved by this change: organization/beta, organization/acme: displayName."
INVALID = "Invalid at the base, so that this change cannot be told from earlier differences: organization/zeta."


def lines(form: Format) -> list[str]:
    return [line.strip() for line in click.unstyle(render(since_main(), form)).splitlines()]


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JUNIT])
def test_it_says_how_much_is_of_this_change_and_how_much_was_there_before(form: Format) -> None:
    text = render(since_main(), form)
    assert "origin/main (0a8edeadd483)" in text
    assert COUNTS in text


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML])
def test_it_says_what_is_settled_and_what_was_wrong_with_the_base(form: Format) -> None:
    text = " ".join(lines(form)).replace("&#58;", ":")
    assert SETTLED in text
    assert INVALID in text
    assert "origin/main:organizations/zeta.yaml:4:1: spec.tier: The key is unknown." in text


@pytest.mark.parametrize("form", list(Format))
def test_without_a_base_nothing_is_said(form: Format) -> None:
    text = render(a_review(), form)
    assert "this change" not in text
    assert "pre-existing drift" not in text
    assert '"origin"' not in text


def test_a_resource_of_one_origin_says_it_once() -> None:
    found = lines(Format.TEXT)
    at = found.index("# client/casa-auto/api-client-casa-auto will be created")
    assert found[at + 1] == "# this change"
    assert "+ accessTokenLifespan: 300" in found[at + 2 : at + 6]


def test_fields_of_several_origins_say_theirs_and_what_the_base_says() -> None:
    tier = next(line for line in lines(Format.TEXT) if line.startswith("~ capabilities.rateLimitTier"))
    assert 'this change and pre-existing drift (at the base: "ENTERPRISE")' in tier


def test_items_of_a_set_say_theirs() -> None:
    items = [line for line in lines(Format.TEXT) if "Garage du Lac" in line or "Casa del Sur" in line]
    assert [line.rpartition("# ")[2] for line in items[:2]] == ["this change", "pre-existing drift"]


def test_risks_of_this_change_stand_before_those_that_were_there() -> None:
    rows = [line for line in lines(Format.MARKDOWN) if line.startswith(("| high", "| medium"))]
    assert rows == sorted(rows, key=lambda row: (not row.startswith("| high"), row.endswith("| pre-existing drift |")))
    assert any(row.endswith("| this change |") for row in rows)


def test_what_was_there_before_stands_last() -> None:
    parts = [line for line in lines(Format.MARKDOWN) if line.startswith("<details")]
    is_old = ["pre-existing drift" in part and "this change" not in part for part in parts]
    assert is_old == [False, False, False, True, True, False]


def test_sarif_has_the_origin_of_each_result() -> None:
    results = json.loads(render(since_main(), Format.SARIF))["runs"][0]["results"]
    assert {result["properties"]["origin"] for result in results} == {"this-change", "drift-before", "both"}
    assert all("this change)" in r["message"]["text"] or "pre-existing drift)" in r["message"]["text"] for r in results)


def test_a_saved_plan_keeps_all_of_it() -> None:
    read = parse_plan(plan_json(since_main()), "acme.plan").plan
    assert read == since_main()
    assert plan_text(read) == plan_text(since_main())


def test_the_document_names_the_base_and_every_origin() -> None:
    document = plan_document(since_main())
    assert document["base"]["commit"] == "0a8edeadd483fc1c5b8e0f4c1f1a3f0f7c1d2e3f"
    acme = next(part for part in document["resource_changes"] if part["address"] == "organization/acme")
    assert acme["change"]["origin"] == "both"
    assert {field["path"]: field["origin"] for field in acme["change"]["field_changes"]} == {
        "authorizedPartners": "both",
        "capabilities.allowContactPersonalData": "this-change",
        "capabilities.allowKycDocumentDownload": "drift-before",
        "capabilities.rateLimitTier": "both",
    }
