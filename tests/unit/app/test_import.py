"""What an import decides without a request: names of files, and what is declared already."""

from pathlib import Path

from reconciler.app.import_ import file_names, without_declared
from reconciler.manifest.from_live import Imported
from reconciler.manifest.write import manifest_text
from tests.builders import ACME, a_realm, an_organization, desired


def test_files_are_called_like_the_organizations() -> None:
    assert file_names(desired(an_organization("beta"), an_organization("acme"))) == ("acme.yaml", "beta.yaml")


def test_an_organization_called_realm_does_not_take_the_realm_s_file() -> None:
    wanted = desired(an_organization("realm"), realm=a_realm())
    assert file_names(wanted) == ("realm.yaml", "realm_.yaml")
    assert file_names(desired(an_organization("realm"))) == ("realm.yaml",)


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
