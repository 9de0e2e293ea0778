"""Files of manifests: which may be written, how, and the place of their schema."""

from pathlib import Path

import pytest

from reconciler.adapters.manifest_files import check_new, schema_reference, write_files
from reconciler.model.errors import GuardRefused, WrongUsage


@pytest.mark.parametrize(
    ("place", "reference"),
    [
        ("live/manifest.schema.json", "manifest.schema.json"),
        ("schema/manifest.schema.json", "../schema/manifest.schema.json"),
        ("manifest.schema.json", "../manifest.schema.json"),
    ],
)
def test_a_schema_that_is_there_is_used(tmp_path: Path, place: str, reference: str) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("{}", encoding="utf-8")
    assert schema_reference(tmp_path / "live") == (reference, False)


def test_a_schema_above_the_git_root_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "manifest.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    assert schema_reference(tmp_path / "repo" / "live") == ("manifest.schema.json", True)


def test_existing_files_are_named_all_at_once(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(GuardRefused, match=r"2 files exist already: .*a\.yaml, .*b\.yaml\."):
        check_new(tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml"))


def test_files_are_written_readable_as_any_file_is(tmp_path: Path) -> None:
    write_files(tmp_path / "new" / "folder", {"a.yaml": "ä\n"})
    file = tmp_path / "new" / "folder" / "a.yaml"
    (tmp_path / "usual").touch()
    assert file.read_text(encoding="utf-8") == "ä\n"
    assert file.stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert [path.name for path in file.parent.iterdir()] == ["a.yaml"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WrongUsage, match="cannot be written") as caught:
        write_files(tmp_path / "file", {"a.yaml": ""})
    assert "--out DIR" in caught.value.remedy
