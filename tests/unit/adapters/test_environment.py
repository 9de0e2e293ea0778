"""Where ``reconciler.yaml`` is looked for."""

from pathlib import Path

import pytest

from reconciler.adapters.environment import find_file, settings_file


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a git repository with settings."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "reconciler.yaml").write_text("environments: {a: {}}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_search_stops_at_the_git_root(repo: Path) -> None:
    inner = repo / "vendor" / "inner"
    (inner / ".git").mkdir(parents=True)
    assert find_file(inner, Path("/nowhere")) is None


def test_the_search_stops_at_the_home_folder(tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "home" / "work"
    here.mkdir(parents=True)
    (tmp_path / "home").joinpath("reconciler.yaml").write_text("x", encoding="utf-8")
    assert find_file(here, home) == Path("home/reconciler.yaml")
    assert find_file(here, here) is None


def test_outside_of_both_only_the_folder_itself_counts(repo: Path) -> None:
    (repo / ".git").rmdir()
    inner = repo / "inner"
    inner.mkdir()
    assert find_file(inner, Path("/nowhere")) is None
    assert find_file(repo, Path("/nowhere")) == Path("reconciler.yaml")


def test_a_user_without_a_home_folder_finds_the_settings(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", nobody_at_home)
    assert settings_file() == Path("reconciler.yaml")


def nobody_at_home() -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_in_a_deleted_folder_there_are_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert settings_file() is None
