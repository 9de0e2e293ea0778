"""Without PyYAML's parser in C, the same files load to the same result; only slower."""

from pathlib import Path

import pytest
import yaml

from reconciler.manifest import syntax
from reconciler.manifest.load import Loaded, load
from reconciler.model.errors import ManifestError
from tests.unit.manifest.builders import NOW

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


def outcome(case: Path) -> Loaded | list[tuple[str, int]]:
    try:
        return load([case], now=NOW)
    except ManifestError as error:
        return [(problem.file, problem.line) for problem in error.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_parsers_find_the_same(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = outcome(case)
    monkeypatch.setattr(syntax, "LOADER", yaml.SafeLoader)
    assert outcome(case) == fast
