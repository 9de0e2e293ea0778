"""What all tests share; those that need a real server or a browser are beside it."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.browser", "tests.postgresql", "tests.server"]

# No deadline: machines are noisy. In CI always the same examples, as nobody can look at new ones there.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected files; review the result like code")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Tell whether expected files shall be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run coroutines on asyncio, as the program does."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the runs of tests out of the user's own history."""
    monkeypatch.setenv("RECONCILER_HISTORY", "none")
