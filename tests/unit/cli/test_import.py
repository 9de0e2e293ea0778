"""What ``import`` decides without a request: names of files, the schema's place, what is declared already."""

from pathlib import Path

import pytest

from reconciler.adapters.manifest_files import check_new, schema_reference, write_files
from reconciler.app.import_ import file_names, without_declared
from reconciler.cli.import_ import left_out_text
from reconciler.manifest.from_live import Imported, LeftOut
from reconciler.manifest.write import manifest_text
from reconciler.model.errors import GuardRefused, WrongUsage
from tests.builders import ACME, a_realm, an_organization, desired


def test_files_are_called_like_the_organizations() -> None:
    assert file_names(desired(an_organization("beta"), an_organization("acme"))) == ("acme.yaml", "beta.yaml")


def test_an_organization_called_realm_does_not_take_the_realm_s_file() -> None:
    wanted = desired(an_organization("realm"), realm=a_realm())
    assert file_names(wanted) == ("realm.yaml", "realm_.yaml")
    assert file_names(desired(an_organization("realm"))) == ("realm.yaml",)


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


def test_what_another_file_declares_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(manifest_text(an_organization("acme")), encoding="utf-8")
    (tmp_path / "beta.yaml").write_text(manifest_text(an_organization("beta")), encoding="utf-8")
    found = without_declared(Imported(desired(an_organization("acme"), an_organization("beta"))), tmp_path)
    assert [each.name for each in found.desired.organizations] == ["beta"]
    assert [each.address for each in found.left_out] == [ACME]


def test_a_missing_or_broken_folder_declares_nothing(tmp_path: Path) -> None:
    found = Imported(desired(an_organization("acme")))
    assert without_declared(found, tmp_path / "gone") == found
    (tmp_path / "broken.yaml").write_text("apiVersion: reconciler/v1\nkind: [", encoding="utf-8")
    assert without_declared(found, tmp_path) == found


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


def test_the_report_shows_nothing_that_a_terminal_would_obey() -> None:
    text = left_out_text([LeftOut(ACME, ("Its name: \x1b[31mred",))])
    assert "\x1b" not in text
    assert left_out_text([]) == ""
