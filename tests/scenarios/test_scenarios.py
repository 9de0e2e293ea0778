"""A folder is a behaviour: ``manifest.yaml`` and ``observed.json`` give ``plan.json`` and ``review.txt``.

Where there is a ``base.yaml``, the plan tells what has changed since then from what differed before.
``pytest tests/scenarios --update`` rewrites what follows from the manifest; review the result like code.
"""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import click
import pytest

from reconciler.manifest.load import load
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.origin import Base
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.plan.planner import make_plan
from reconciler.plan.since import Before, since
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text
from tests.builders import NOW, OWNER, REALM
from tests.fakes.world import World
from tests.scenarios.situations import SCENARIOS, Scenario, names
from tests.scenarios.snapshots import read_snapshot, snapshot_text

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", names())
def test_a_situation_is_observed_as(name: str, update: bool) -> None:
    observed = asyncio.run(observation(SCENARIOS[name], desired_state(name)))
    check(HERE / name / "observed.json", snapshot_text(observed), update=update)


@pytest.mark.parametrize("name", names())
def test_an_observation_is_planned_as(name: str, update: bool) -> None:
    check(HERE / name / "plan.json", _without_digests(plan_json(plan(name))), update=update)


@pytest.mark.parametrize("name", names())
def test_a_plan_is_shown_as(name: str, update: bool) -> None:
    check(HERE / name / "review.txt", click.unstyle(plan_text(plan(name))), update=update)


@pytest.mark.parametrize("name", names())
def test_a_snapshot_survives_its_file(name: str) -> None:
    text = (HERE / name / "observed.json").read_text(encoding="utf-8")
    assert snapshot_text(read_snapshot(text)) == text


def test_every_folder_is_a_scenario() -> None:
    assert sorted(path.parent.name for path in HERE.glob("*/manifest.yaml")) == names()


def _without_digests(text: str) -> str:
    """Return a plan's document without what any change of the rest would change, too."""
    document = json.loads(text) | {"reconciler_version": "VERSION"}
    kept = {key: value for key, value in document.items() if key not in {"fingerprint", "checksum"}}
    return json.dumps(kept, indent=2, ensure_ascii=False) + "\n"


def desired_state(name: str) -> DesiredState:
    return load([HERE / name / "manifest.yaml"], now=NOW).desired


def plan(name: str) -> Plan:
    snapshot = read_snapshot((HERE / name / "observed.json").read_text(encoding="utf-8"))
    scenario = SCENARIOS[name]
    context = Context(REALM, OWNER, scenario.targets, expected=scenario.expected)
    planned, base = make_plan(desired_state(name), snapshot, context), HERE / name / "base.yaml"
    if not base.exists():
        return planned
    before = Before(load([base], now=NOW).desired, Base("main", "1a2b3c4d5e6f" + "0" * 28))
    return since(planned, desired_state(name), make_plan(before.desired, snapshot, context), before)


async def observation(scenario: Scenario, desired: DesiredState) -> Snapshot:
    world = World()
    await scenario.arrange(world)
    world.expected = scenario.expected
    return replace(await world.observe(desired, *scenario.targets), taken_at=NOW)


def check(path: Path, found: str, *, update: bool) -> None:
    if update:
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), f"{path.relative_to(HERE)}: review it, then use --update"
