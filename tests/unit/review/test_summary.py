"""A large plan is summed up on one screen, the worst first, and nothing that destroys is left out."""

import html
from dataclasses import replace
from textwrap import shorten

import click
import pytest

from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.finding import Severity
from reconciler.model.plan import Plan
from reconciler.model.value import Value
from reconciler.plan.drift import drift_of
from reconciler.plan.risk import assessed
from reconciler.review.formats import Format, render
from reconciler.review.plan_text import plan_text
from reconciler.review.subject import Subject
from reconciler.review.summary import FEW
from reconciler.review.view import plan_view
from tests.builders import a_change, a_finding, a_plan, a_uuid
from tests.unit.review.showcase import a_review, many, stopped

PEOPLE = [Format.TEXT, Format.MARKDOWN, Format.HTML]
SCREEN = 24


def update(name: str, path: str, before: Value, after: Value) -> Change:
    field = FieldChange(path, before, after, Reason.MANIFEST_CHANGED)
    return assessed(a_change(Address.organization(name), field_changes=[field]))


def destroy(name: str) -> Change:
    field = FieldChange("enabled", True, None, Reason.NOT_DECLARED)
    return assessed(a_change(Address.client(name, f"api-{name}"), Action.DELETE, field_changes=[field]))


def a_large_plan(number: int = 100) -> Plan:
    """Return a plan in which the worst is planned last, and every display name is another one."""
    renamed = [update(f"org-{n:03}", "displayName", f"Old {n}", f"New {n}") for n in range(number - 4)]
    tier = [update(f"tier-{n}", "capabilities.rateLimitTier", "HIGH_VOLUME", ("STANDARD", None)[n]) for n in range(2)]
    return a_plan(
        *renamed, *tier, update("open", "capabilities.allowContactPersonalData", False, True), destroy("gone")
    )


def summary(plan: Plan, subject: Subject = Subject.PLAN, width: int = 100) -> list[str]:
    return click.unstyle(plan_text(plan, subject, only_summary=True, width=width)).splitlines()


def why(plan: Plan, name: str) -> str:
    return next(each.risk.why.removesuffix(".") for each in plan.changes if each.address.alias == name)


def test_the_worst_stands_first_in_one_line_per_organization() -> None:
    plan = a_large_plan()
    assert summary(plan)[2:] == [
        "100 changes in 100 organizations, the worst first:",
        "",
        "  add change destroy  organization      risk",
        f"                   1  gone              {shorten('high: ' + why(plan, 'gone'), 60, placeholder=' …')}",
        f"           1          open              high: {why(plan, 'open')}",
        f"           1          tier-0            medium: {why(plan, 'tier-0')}",
        f"           1          tier-1            medium: {why(plan, 'tier-1')}",
        f"          96          96 organizations  low: {why(plan, 'org-000')}",
        "                      org-000, org-001, org-002, org-003, org-004, org-005, org-006, and 89 more",
        "",
        "Plan: 0 to add, 99 to change, 1 to destroy.",
        "Apply needs --allow-delete: 1 to destroy.",
        "Risk: 2 high, 2 medium.",
    ]


@pytest.mark.parametrize("width", [80, 120, 160])
@pytest.mark.parametrize("plan", [a_large_plan(), many(100), many(1_000)], ids=["large", "many", "thousand"])
def test_it_fits_on_a_screen(plan: Plan, width: int) -> None:
    lines = summary(plan, width=width)
    assert all(len(line) <= width for line in lines)
    # Every name of what is destroyed is worth more than that.
    named = [line for line in lines if line.startswith(" " * 22 + "org-")]
    assert len(lines) - len(named) <= SCREEN


def test_what_does_not_fit_is_counted_with_its_worst_risk() -> None:
    partners = [update(f"org-{n:03}", "authorizedPartners", (), _uuids(n + 1)) for n in range(40)]
    lines = summary(a_plan(*partners, destroy("gone"), *map(destroy, ("b", "c"))))
    assert lines[20] == "  and 28 more organizations with 28 changes of at most medium risk."
    assert [line.split()[1] for line in lines[5:8]] == ["b", "c", "gone"]


def _uuids(number: int) -> tuple[str, ...]:
    return tuple(sorted(str(a_uuid(f"partner {n}")) for n in range(number)))


@pytest.mark.parametrize("form", PEOPLE)
def test_what_destroys_or_is_of_high_risk_is_named_however_many_they_are(form: Format) -> None:
    removed = [update(f"less-{n:02}", "authorizedPartners", _uuids(n + 1), ()) for n in range(40)]
    plan = a_plan(*(destroy(f"gone-{n:02}") for n in range(47)), *removed)
    written = html.unescape(click.unstyle(render(plan, form, only_summary=True)))
    assert all(f"gone-{n:02}" in written and f"less-{n:02}" in written for n in range(40))
    assert all(f"gone-{n:02}" in written for n in range(47))


@pytest.mark.parametrize("form", PEOPLE)
def test_a_destroy_stands_in_the_table_of_risks_whatever_else_there_is(form: Format) -> None:
    medium = [update(f"org-{n:03}", "authorizedPartners", _uuids(1), _uuids(n + 2)) for n in range(60)]
    webhook = Address.webhook("acme", "orders")
    gone = assessed(a_change(webhook, Action.DELETE, field_changes=[]))
    written = html.unescape(click.unstyle(render(a_plan(*medium, gone), form)))
    first = written.index(str(webhook))
    assert first < written.index("more of at most medium risk") if form is not Format.TEXT else first


@pytest.mark.parametrize("form", [Format.MARKDOWN, Format.HTML])
def test_equal_risks_are_one_row_with_the_resources(form: Format) -> None:
    plan = a_plan(*map(destroy, ("a", "b", "c")))
    written = html.unescape(render(plan, form))
    table = written.partition("<details")[0]
    why = "Its secret is destroyed, and the system that uses it is refused."
    assert table.count(why) == 1
    assert "3 clients" in table
    assert all(f"{name}/api-{name}" in table for name in "abc")
    assert plan_view(plan).risk_rows[0].addresses == tuple(Address.client(name, f"api-{name}") for name in "abc")


def test_risks_stand_by_severity() -> None:
    rows = plan_view(a_large_plan()).risk_rows
    assert [row.risk.level for row in rows] == ["high", "high", "medium", "medium"]
    assert rows[0].destroys


@pytest.mark.parametrize("form", PEOPLE)
def test_a_few_changes_are_shown_without_a_summary_and_many_with_one(form: Format) -> None:
    few, more = many(FEW // 2), many(FEW // 2 + 1)
    title = "changes in {} organizations, the worst first"
    assert title.format(FEW // 2) not in render(few, form)
    written = html.unescape(click.unstyle(render(more, form)))
    assert title.format(FEW // 2 + 1) in written
    assert "displayName" in written


@pytest.mark.parametrize("form", PEOPLE)
@pytest.mark.parametrize("plan", [a_review(), many(30)], ids=["few", "many"])
def test_a_summary_alone_shows_no_single_field(plan: Plan, form: Format) -> None:
    written = html.unescape(click.unstyle(render(plan, form, only_summary=True)))
    whole = html.unescape(click.unstyle(render(plan, form)))
    assert "displayName" not in written.partition("<script>")[0]
    assert "displayName" in whole
    assert plan_view(plan).conclusion in whole
    assert plan_view(plan).conclusion in written


def test_a_summary_hides_nothing_that_stops_the_plan() -> None:
    lines = "\n".join(summary(stopped()))
    assert "Denied by policy: no-client-is-deleted" in lines
    assert "could not read members of zeta" in lines
    assert "Denied by policy: apply refuses it." in lines


def test_findings_are_counted_beside_the_changes() -> None:
    lines = summary(a_review())
    velo = next(line for line in lines if " velo " in line)
    assert velo.split() == ["velo", "1", "error"]
    rhein = next(line for line in lines if " rhein " in line)
    assert f"1 blocked; medium: {why(a_review(), 'rhein')}" in rhein
    found = a_finding(severity=Severity.ERROR, address=Address.organization("unchanged"))
    beside = replace(a_large_plan(), findings=(found,))
    assert summary(beside)[2] == "100 changes in 100 organizations, the worst first:"
    only = summary(a_plan(findings=[a_finding(severity=Severity.ERROR)]))
    assert only[2] == "What was found in 1 organization, the worst first:"


def test_drift_is_summed_up_by_what_happened() -> None:
    drifted = [update(f"org-{n:02}", "displayName", f"By hand {n}", f"Org {n}") for n in range(30)] + [
        update("acme", "capabilities.allowContactPersonalData", True, False)
    ]
    changed = [
        replace(each, field_changes=tuple(replace(f, reason=Reason.KEYCLOAK_CHANGED) for f in each.field_changes))
        for each in drifted
    ]
    lines = summary(drift_of(a_plan(*changed)), Subject.DRIFT)
    assert lines[5].split(maxsplit=2) == ["1", "acme", "high: the capability allowContactPersonalData was switched on"]
    assert lines[6].split()[2:5] == ["low:", "displayName", "was"]


def test_nothing_to_write_is_one_line() -> None:
    assert [line for line in summary(a_plan()) if line][-1].startswith("No changes.")
    assert "the worst first" not in "\n".join(summary(a_plan()))
