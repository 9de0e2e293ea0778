"""A folder is a test: the YAML files of ``cases/<name>`` say what ``expected.txt`` says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.manifest.load import load
from reconciler.manifest.report import loaded_as_text, problems_as_text
from reconciler.manifest.write import manifest_text
from reconciler.model.errors import ManifestError

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_loading_says(case: Path, update: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    said = outcome()
    expected = case / "expected.txt"
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def outcome() -> str:
    """Return the problems, or what was understood: the manifests, written again."""
    try:
        loaded = load([Path()], now=NOW)
    except ManifestError as error:
        return problems_as_text(error.problems)
    manifests = (*((loaded.desired.realm,) if loaded.desired.realm else ()), *loaded.desired.organizations)
    skipped = "".join(f"skipped: {name}\n" for name in loaded.skipped)
    return "---\n".join((loaded_as_text(loaded) + skipped, *map(manifest_text, manifests)))
