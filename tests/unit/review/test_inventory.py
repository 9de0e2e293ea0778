"""``list`` says of each resource who manages it, by the plan's own knowledge."""

import json
from dataclasses import replace

import click
import pytest

from reconciler.kinds.marks import marked
from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.model.plan import Plan
from reconciler.review.inventory import inventory_json, inventory_of, inventory_text
from reconciler.review.plan_text import plan_text
from tests.builders import ACME, OWNER, a_change, a_plan

NAMES = ("beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")
BETA, GAMMA, DELTA, EPSILON, ZETA, ETA, THETA = map(Address.organization, NAMES)


def a_mixed_plan() -> Plan:
    theirs = marked({}, "team-b", THETA, protected=False)
    ours = marked({}, OWNER, THETA, protected=False)
    found = a_plan(
        a_change(BETA, before={}, after={}),
        a_change(GAMMA, Action.DELETE, before={}),
        a_change(DELTA, Action.CREATE),
        a_change(EPSILON, Action.ADOPT, before={}, after={}),
        a_change(THETA, before=theirs, after=ours),
        unchanged=(ACME,),
        unmanaged=(ZETA, ETA),
    )
    return replace(found, owners={ETA: "team-b"})


def test_each_resource_has_one_line_and_the_last_line_is_the_share() -> None:
    text = click.unstyle(inventory_text(inventory_of(a_mixed_plan())))

    assert text.splitlines() == [
        "organization/acme     managed",
        "organization/beta     managed (differs from its manifest)",
        "organization/delta    declared, and not there yet",
        "organization/epsilon  unmanaged (declared, to be adopted)",
        "organization/eta      managed by 'team-b'",
        "organization/gamma    managed (no longer declared)",
        "organization/theta    managed by 'team-b' (declared, to be adopted)",
        "organization/zeta     unmanaged",
        "",
        "3 of 7 resources are managed (42 %); 2 unmanaged, 2 of other owners. Declared, and not there yet: 1.",
    ]


def test_programs_read_the_same() -> None:
    plan = a_mixed_plan()
    found = json.loads(inventory_json(inventory_of(plan), plan))

    assert found["counts"] == {"managed": 3, "unmanaged": 2, "other-owner": 2, "missing": 1}
    assert found["managedShare"] == pytest.approx(3 / 7, abs=1e-4)
    assert {each["address"]: each["owner"] for each in found["resources"]}["organization/eta"] == "team-b"


def test_the_plan_and_the_list_tell_one_share() -> None:
    assert "3 of 7 are managed" in plan_text(a_mixed_plan())


def test_nothing_is_no_share() -> None:
    empty = a_plan()

    assert inventory_text(inventory_of(empty)) == "Nothing lives there yet.\n"
    assert json.loads(inventory_json(inventory_of(empty), empty))["managedShare"] is None
