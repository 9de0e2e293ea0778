"""Saved plans on the disk: private, whole or not at all, and never over something else."""

import os
import stat
from pathlib import Path

import pytest

from reconciler.adapters.plan_file import check_replaceable, read_plan_file, write_plan_file
from reconciler.model.errors import WrongUsage
from reconciler.review.plan_json import plan_json
from tests.builders import a_plan

TEXT = plan_json(a_plan())

needs_a_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")


def refusal(path: Path) -> str:
    with pytest.raises(WrongUsage) as caught:
        write_plan_file(path, TEXT)
    assert caught.value.remedy
    return caught.value.message


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_plan_file(tmp_path / "a.plan", TEXT)
    assert read_plan_file(tmp_path / "a.plan") == TEXT


def test_only_its_owner_may_read_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "a.plan"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0o644)
    write_plan_file(path, TEXT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("before", ["", TEXT, TEXT[:100]])
def test_an_older_plan_and_an_empty_file_are_replaced(before: str, tmp_path: Path) -> None:
    path = tmp_path / "a.plan"
    path.write_text(before, encoding="utf-8")
    write_plan_file(path, TEXT)
    assert read_plan_file(path) == TEXT
    assert names_in(tmp_path) == ["a.plan"]


@pytest.mark.parametrize("before", [b"kind: Realm\n", b"{}", b"\x00\xff"])
def test_anything_else_is_kept(before: bytes, tmp_path: Path) -> None:
    path = tmp_path / "realm.yaml"
    path.write_bytes(before)
    assert "it is not overwritten" in refusal(path)
    assert path.read_bytes() == before
    assert names_in(tmp_path) == ["realm.yaml"]


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    assert "it is not overwritten" in refusal(tmp_path)


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is not overwritten" in refusal(tmp_path / "pipe")


def test_a_missing_folder_is_named_before_anything_is_planned(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="gone is not a writable folder"):
        check_replaceable(tmp_path / "gone" / "a.plan")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a.plan")
    write_plan_file(tmp_path / "link", TEXT)
    assert (tmp_path / "link").is_symlink()
    assert read_plan_file(tmp_path / "a.plan") == TEXT


def test_a_full_disk_leaves_the_older_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.plan"
    write_plan_file(path, TEXT)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WrongUsage, match="no space left on device"):
        write_plan_file(path, "something else")
    assert read_plan_file(path) == TEXT
    assert names_in(tmp_path) == ["a.plan"]


@pytest.mark.parametrize("name", ["gone", ""])
def test_what_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as caught:
        read_plan_file(tmp_path / name)
    assert str(tmp_path / name) in caught.value.message


def test_bytes_that_are_no_text_are_no_plan(tmp_path: Path) -> None:
    (tmp_path / "a.plan").write_bytes(b"\xff\xfe{\x00")
    with pytest.raises(WrongUsage, match="is not a saved plan"):
        read_plan_file(tmp_path / "a.plan")


@needs_a_user
def test_a_file_that_we_may_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.plan"
    path.touch(mode=0)
    with pytest.raises(WrongUsage, match="permission denied"):
        read_plan_file(path)
