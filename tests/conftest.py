"""What all tests share; the fixtures that need a real server are in ``tests/server.py``."""

import pytest

pytest_plugins = ["tests.server", "tests.postgresql"]


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
