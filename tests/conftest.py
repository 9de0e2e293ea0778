"""What all tests share; those that need a real server or a browser are beside it."""

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from reconciler.app import request, workflow
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.plan import Plan
from reconciler.plan.context import Context
from reconciler.plan.planner import make_plan
from reconciler.plan.saved import what_does_not_follow

pytest_plugins = ["tests.browser", "tests.postgresql", "tests.server"]

# No deadline: machines are noisy. In CI always the same examples, as nobody can look at new ones there.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected files; review the result like code")
    parser.addoption("--every-case", action="store_true", help="try each case where a test takes a sample otherwise")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what takes a sample, so that it alone can be run with every case; and leave out what no sample holds."""
    left_out, cases = [], Counter[str]()
    for item in items:
        one_of = item.get_closest_marker("one_of")
        if one_of or (isinstance(item, pytest.Function) and "sampled" in item.fixturenames):
            item.add_marker(pytest.mark.chaos)
        if one_of and not config.getoption("--every-case"):
            test = item.nodeid.partition("[")[0]
            if cases[test] % one_of.args[0]:
                left_out.append(item)
            cases[test] += 1
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Tell whether expected files shall be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def sampled(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """Return how far a test goes on from one case to the next: the number that it is asked with, or one for each."""
    every = bool(request.config.getoption("--every-case"))
    return lambda stride: 1 if every else stride


@pytest.fixture(scope="session", autouse=True)
def _no_plan_is_taken_for_edited() -> Iterator[None]:
    """Hold each plan that a test makes to what a saved one is held to, but for those that no command saves."""

    def made(desired: DesiredState, snapshot: Snapshot, context: Context) -> Plan:
        plan = make_plan(desired, snapshot, context)
        assert context.only_drift or what_does_not_follow(plan) == ""
        return plan

    with pytest.MonkeyPatch.context() as patch:
        for module in (workflow, request):
            patch.setattr(module, "make_plan", made)
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run coroutines on asyncio, as the program does."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the runs of tests out of the user's own history."""
    monkeypatch.setenv("RECONCILER_HISTORY", "none")
