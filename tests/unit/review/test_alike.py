"""The same change of many organizations is shown once, and all of them are named."""

import html
import json
from dataclasses import replace

import click
import pytest

from reconciler.model.address import Address
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.finding import FieldStatus, Finding
from reconciler.model.origin import Origin
from reconciler.model.place import Place
from reconciler.model.plan import Effect, Plan
from reconciler.plan.drift import drift_of
from reconciler.plan.risk import assessed
from reconciler.review.alike import MANY, alike
from reconciler.review.formats import Format, render
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text
from reconciler.review.subject import Subject
from tests.builders import NOW, a_change, a_finding, a_plan
from tests.unit.review.showcase import many

NAMES = tuple(f"org-{letter}" for letter in "abcdefg")
ORDERS = FieldChange("capabilities.allowMultiVinOrders", False, True, Reason.MANIFEST_CHANGED)


def changes(*names: str, field: FieldChange = ORDERS, action: Action = Action.UPDATE) -> list[Change]:
    return [assessed(a_change(Address.organization(name), action, field_changes=[field])) for name in names]


def text(plan: Plan, subject: Subject = Subject.PLAN, width: int = 100) -> str:
    return click.unstyle(plan_text(plan, subject, width=width))


def test_the_same_change_of_many_organizations_is_one_block_that_lists_them() -> None:
    shown = text(a_plan(*changes(*NAMES)))
    assert (
        """
  # 7 organizations will be updated in-place, all in the same way
  ~ 7 organizations
      ~ capabilities.allowMultiVinOrders: false -> true
      # org-a, org-b, org-c, org-d, org-e, org-f, org-g

Plan: 0 to add, 7 to change, 0 to destroy.
"""
        in shown
    )


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML])
def test_every_format_for_people_shows_the_difference_once_and_names_all(form: Format) -> None:
    written = html.unescape(click.unstyle(render(a_plan(*changes(*NAMES)), form)))
    assert written.count("capabilities.allowMultiVinOrders") == (2 if form is Format.MARKDOWN else 1)
    assert all(name in written for name in NAMES)
    assert "7 organizations" in written


def test_a_few_are_shown_one_by_one() -> None:
    shown = text(a_plan(*changes(*NAMES[: MANY - 1])))
    assert shown.count("capabilities.allowMultiVinOrders: false -> true") == MANY - 1
    assert "same way" not in shown


_OTHER = FieldChange("capabilities.allowMultiVinOrders", None, True, Reason.MANIFEST_CHANGED)


@pytest.mark.parametrize(
    "other",
    [
        lambda each: replace(each, field_changes=(_OTHER,)),
        lambda each: replace(each, field_changes=(replace(ORDERS, after=1),)),
        lambda each: replace(each, field_changes=(replace(ORDERS, reason=Reason.KEYCLOAK_CHANGED),)),
        lambda each: replace(each, field_changes=(ORDERS, _OTHER)),
        lambda each: replace(each, blocked="it waits"),
        lambda each: replace(each, origin=Origin.DRIFT_BEFORE),
        lambda each: replace(each, placeholder="lent"),
        lambda each: replace(each, unread=("keycloak.groups",)),
        lambda each: replace(each, action=Action.ADOPT),
    ],
    ids=["before", "type", "reason", "fields", "blocked", "origin", "name", "unread", "action"],
)
def test_what_differs_in_anything_that_is_shown_stands_apart(other: "object") -> None:
    assert callable(other)
    found = changes(*NAMES)
    plan = a_plan(*found[:-1], other(found[-1]))
    same = alike(plan)
    assert set(same) == {change.address for change in found[:-1]}
    assert set(same.values()) == {found[0].address}
    assert "\n  ~ organization/org-g\n" in text(plan)


def test_what_is_in_force_otherwise_stands_apart() -> None:
    effects = [Effect(Address.client(name, f"api-{name}"), ORDERS.path, True, False, name == "org-a") for name in NAMES]
    same = alike(replace(a_plan(*changes(*NAMES)), effects=tuple(effects)))
    assert {address.name for address in same} == set(NAMES[1:])


def test_many_clients_of_one_organization_stay_with_it() -> None:
    clients = [Address.client("acme", f"api-{n}") for n in range(9)]
    assert not alike(a_plan(*(a_change(each, field_changes=[ORDERS]) for each in clients)))


def test_new_clients_are_alike_though_each_acts_for_its_own_organization() -> None:
    field = "serviceAccount.organizations"
    made = [
        assessed(
            a_change(
                Address.client(name, f"api-{name}"),
                Action.CREATE,
                field_changes=[FieldChange(field, None, (name,), Reason.NEVER_APPLIED)],
            )
        )
        for name in NAMES
    ]
    shown = text(a_plan(*made))
    assert "  # 7 clients will be created, all in the same way\n" in shown
    assert "      + serviceAccount.organizations\n          + its own organization\n" in shown
    assert "org-a/api-org-a, org-b/api-org-b" in shown


def test_who_did_it_to_each_is_listed() -> None:
    drifted = []
    for number, change in enumerate(changes(*NAMES)):
        by = Attribution(NOW, f"user-{number}", "", "", "x", exact=True)
        field = replace(ORDERS, before=True, after=False, reason=Reason.KEYCLOAK_CHANGED, attribution=by)
        drifted.append(replace(change, field_changes=(field,)))
    plan = drift_of(a_plan(*drifted))
    shown = text(plan, Subject.DRIFT)
    assert shown.count("What happened: the capability allowMultiVinOrders was switched on") == 1
    for number, name in enumerate(NAMES):
        assert f"      * organization/{name}  # by user-{number}, 2026-03-01 12:00:00 UTC\n" in shown
        page = html.unescape(render(plan, Format.HTML, Subject.DRIFT))
        assert f'<span class="path">organization/{name}</span> <span class="note">by user-{number}, ' in page


def test_where_each_is_declared_is_on_the_page() -> None:
    places = {Address.organization(name): {"": Place(f"{name}.yaml", 4, 1)} for name in NAMES}
    page = render(replace(a_plan(*changes(*NAMES)), places=places), Format.HTML)
    assert all(f"{name}.yaml:4:1" in page for name in NAMES)


def test_long_lists_are_wrapped_and_no_name_is_broken() -> None:
    shown = text(a_plan(*changes(*(f"organization-{n:03}-of-the-group" for n in range(60)))), width=80)
    listed = [line for line in shown.splitlines() if line.startswith("      # organization-")]
    assert len(listed) == 30
    assert all(len(line) <= 80 for line in listed)
    assert listed[0] == "      # organization-000-of-the-group, organization-001-of-the-group,"


def test_json_keeps_every_change_and_says_which_are_the_same() -> None:
    plan = a_plan(*changes(*NAMES), *changes("zeta", field=_OTHER))
    document = json.loads(plan_json(plan))
    found = [(part["address"], part.get("same_as")) for part in document["resource_changes"]]
    assert found == [*((f"organization/{name}", "organization/org-a") for name in NAMES), ("organization/zeta", None)]
    assert all(part["change"]["field_changes"] for part in document["resource_changes"])
    lines = [json.loads(line) for line in render(plan, Format.LINES).splitlines()]
    assert sum(line.get("same_as") == "organization/org-a" for line in lines) == len(NAMES)
    assert parse_plan(plan_json(plan), "x.plan").plan == plan


@pytest.mark.parametrize("form", [Format.JUNIT, Format.SARIF])
def test_what_programs_count_is_kept_one_by_one(form: Format) -> None:
    removed = FieldChange("authorizedPartners", ("x",), (), Reason.MANIFEST_CHANGED)
    written = render(a_plan(*changes(*NAMES, field=removed)), form)
    assert all(f"organization/{name}" in written for name in NAMES)


def test_an_organization_with_more_to_it_keeps_the_rest() -> None:
    plan = many(30)
    shown = text(plan)
    assert shown.count("\n  # organization/org-") == 30
    assert "  # 24 clients will be created, all in the same way\n" in shown
    assert "  # 6 clients will be destroyed, all in the same way\n" in shown
    page = render(plan, Format.HTML)
    # A link finds an organization in one place.
    assert all(page.count(f'id="organization/org-{n:04}"') == 1 for n in range(30))


def test_the_same_finding_of_many_organizations_is_told_once() -> None:
    found = [a_finding(Address.organization(name), detail="It differs.", remedy="Look.") for name in NAMES]
    other = a_finding(Address.organization("zeta"), detail="Something else.", remedy="Look.")
    shown = text(a_plan(findings=[*found, other]))
    assert shown.count("It differs.") == 1
    names = "org-a, org-b, org-c, org-d, org-e, org-f, org-g"
    assert f"Error: 7 organizations: It differs. [effective-differs, lagging]\n  Look.\n  # {names}\n" in shown
    assert "Error: organization/zeta: Something else. " in shown
    few = text(a_plan(findings=found[: MANY - 1]))
    assert few.count("It differs.") == MANY - 1


@pytest.mark.parametrize("form", [Format.MARKDOWN, Format.HTML])
def test_the_same_finding_of_many_organizations_is_one_part(form: Format) -> None:
    def of(name: str, status: FieldStatus, detail: str) -> Finding:
        return a_finding(Address.organization(name), status=status, detail=detail, remedy="Look.")

    found = [of(name, FieldStatus.UNKNOWN, "It differs.") for name in NAMES]
    lagging = [of(name, FieldStatus.LAGGING, "It lags.") for name in NAMES]
    written = html.unescape(render(a_plan(*changes("org-a"), findings=found), form))
    assert written.count("It differs.") == 1
    assert all(name in written for name in NAMES)
    assert "7 organizations" in written
    # Values that are not in force stand with their organization.
    assert html.unescape(render(a_plan(findings=lagging), form)).count("It lags.") == len(NAMES)
