"""A stale plan is refused with the names of what moved, from what to what."""

from click import unstyle

from reconciler.model.change import Action
from reconciler.model.plan import Moved, Movement
from reconciler.plan.saved import is_applied, stale_message
from reconciler.review.stale_text import stale_text
from tests.builders import ACME, ACME_CLIENT, a_change, a_field_change, a_plan

PLAN = a_plan(a_change(ACME), a_change(ACME_CLIENT, Action.CREATE))


def test_each_field_that_moved_is_shown_from_planned_to_live() -> None:
    fields = (a_field_change("displayName", "Acme", "By hand"), a_field_change("authorizedPartners", ("a",), ("b",)))
    moved = (Moved(ACME, Movement.CHANGED, fields), Moved(ACME_CLIENT, Movement.EXISTS))
    assert unstyle(stale_text(PLAN, moved)).splitlines() == [
        "Since the plan was made (2026-03-01T12:00:00Z):",
        "  organization/acme was changed:",
        '      ~ displayName: "Acme" -> "By hand"',
        "      ~ authorizedPartners",
        "          - a",
        "          + b",
        "  client/acme/api-client-acme exists now, and the plan would create it.",
    ]
    assert stale_message(PLAN, moved) == (
        "The saved plan is stale: 2 resources changed since it was made. Nothing was written."
    )


def test_what_comes_from_others_cannot_steer_the_terminal() -> None:
    moved = (Moved(ACME, Movement.CHANGED, (a_field_change(after="\x1b[2J"),)),)
    assert "\x1b" not in unstyle(stale_text(PLAN, moved))


def test_a_plan_that_was_applied_is_recognised() -> None:
    moved = (Moved(ACME, Movement.APPLIED), Moved(ACME_CLIENT, Movement.APPLIED))
    assert is_applied(PLAN, moved)
    assert stale_message(PLAN, moved).startswith("The plan seems to have been applied already")


def test_a_plan_that_was_applied_in_part_is_only_stale() -> None:
    assert not is_applied(PLAN, (Moved(ACME, Movement.APPLIED),))
    assert not is_applied(PLAN, (Moved(ACME, Movement.APPLIED), Moved(ACME_CLIENT, Movement.EXISTS)))


def test_many_resources_that_are_as_planned_are_counted() -> None:
    moved = tuple(Moved(ACME, Movement.APPLIED) for _ in range(12))
    assert unstyle(stale_text(PLAN, moved)).splitlines()[-1] == ("  ... and 2 more already match the plan.")
