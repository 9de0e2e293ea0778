"""The platform API in this process."""

from pathlib import Path

import pytest

from tests.unit.sandbox.platform.builders import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(tmp_path)
