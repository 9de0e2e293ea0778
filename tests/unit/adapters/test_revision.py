"""The commit that manifests are read at."""

import subprocess
from pathlib import Path

import pytest

from reconciler.adapters.revision import revision_of


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_commit_is_named_and_so_are_changes_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text("a: 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "Begin")
    commit = git(tmp_path, "rev-parse", "HEAD")

    assert revision_of([file]) == revision_of([tmp_path]) == commit
    file.write_text("a: 2\n")
    assert revision_of([file]) == f"{commit} with uncommitted changes"


def test_outside_of_a_repository_there_is_none(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("no repository\n")
    assert revision_of([tmp_path]) == ""
    assert revision_of([tmp_path / "missing" / "acme.yaml"]) == ""
    assert revision_of([]) == ""


def test_a_current_folder_that_was_deleted_has_no_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert revision_of([Path()]) == ""
