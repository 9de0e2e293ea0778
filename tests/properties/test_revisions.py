"""What comparing revisions says, held against what planning and applying them does."""

import asyncio

from hypothesis import given, settings

from reconciler.kinds.marks import is_mark
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, Step
from reconciler.model.manifest import DesiredState
from reconciler.model.origin import Base, Origin
from reconciler.model.plan import Plan
from reconciler.plan.declared_diff import declared_changes
from reconciler.plan.since import Before, since
from tests.builders import OWNER, REALM
from tests.fakes.world import World
from tests.properties.strategies import desired_states

BASE = Base("main", "1" * 40)
_LEFT_ALONE = "no-longer-declared"
_IN_GIT = ("labels.", "lifecycle.", "dpa.evidence")


def newly_declared(changes: tuple[Change, ...]) -> frozenset[str]:
    """Return the settings of a realm that only the newer side declares: how they are now, only a plan can see."""
    updates = [change for change in changes if change.address.kind is Kind.REALM and change.action is Action.UPDATE]
    return frozenset(field.path for change in updates for field in change.field_changes if field.before is None)


def told(changes: tuple[Change, ...], unknown: frozenset[str]) -> dict[tuple[Address, Action], set[str]]:
    """Return what happens to what, by the fields that both a plan and a comparison know."""
    found = {
        (change.address, change.action): {
            field.path
            for field in change.field_changes
            if not is_mark(field.path)
            and not field.path.startswith(_IN_GIT)
            and field.risk.code != _LEFT_ALONE
            and not (change.address.kind is Kind.REALM and field.path in unknown)
        }
        for change in changes
        if change.address.kind in {Kind.ORGANIZATION, Kind.CLIENT} or change.action is Action.UPDATE
    }
    return {key: paths for key, paths in found.items() if paths}


@given(desired_states(), desired_states())
@settings(max_examples=20)
def test_a_comparison_says_what_a_plan_would_where_the_base_is_applied(one: DesiredState, other: DesiredState) -> None:
    async def scenario() -> None:
        world = await World().settled(one)
        plan = await world.plan(other)
        compared = declared_changes(one, other, REALM, OWNER)
        unknown = newly_declared(compared)
        # Whether a realm is adopted or created depends on what is there.
        assert told(compared, unknown) == told(plan.changes, unknown)

    asyncio.run(scenario())


def writes(plan: Plan) -> list[tuple[Step, ...]]:
    return [change.steps for change in plan.changes]


@given(desired_states(), desired_states())
@settings(max_examples=20)
def test_a_base_adds_words_and_changes_nothing(one: DesiredState, other: DesiredState) -> None:
    async def scenario() -> None:
        world = await World().settled(one)
        plan, applied = await world.plan(other), await world.plan(one)
        against_applied = since(plan, other, applied, Before(one, BASE))
        against_itself = since(plan, other, plan, Before(other, BASE))
        assert writes(plan) == writes(against_applied) == writes(against_itself)
        assert {change.origin for change in against_applied.changes} <= {Origin.THIS_CHANGE}
        assert {change.origin for change in against_itself.changes} <= {Origin.DRIFT_BEFORE}

    asyncio.run(scenario())
