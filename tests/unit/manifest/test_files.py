"""Which files are read, and what is said about those that cannot be."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from reconciler.manifest.content import MAX_BYTES
from reconciler.manifest.load import Loaded, load
from reconciler.model.errors import ManifestError
from reconciler.model.manifest import DesiredState
from tests.unit.manifest.builders import NOW, an_organization_text


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def loaded(*paths: str) -> Loaded:
    return load([Path(path) for path in paths], now=NOW)


def said(*paths: str) -> Sequence[str]:
    with pytest.raises(ManifestError) as caught:
        loaded(*paths)
    return [f"{problem.file}: {problem.message}" for problem in caught.value.problems]


def test_folders_are_searched_however_deep() -> None:
    write("a.yaml", an_organization_text("a"))
    write("x/y/b.yml", an_organization_text("b", number=2))
    assert loaded(".").files == ("a.yaml", "x/y/b.yml")


def test_a_file_reached_in_two_ways_counts_once() -> None:
    write("x/a.yaml", an_organization_text())
    Path("link.yaml").symlink_to("x/a.yaml")
    assert len(loaded(".", "x", "x/a.yaml", str(Path("x").resolve())).desired.organizations) == 1


def test_a_folder_behind_a_link_is_searched() -> None:
    write("x/a.yaml", an_organization_text())
    Path("y").mkdir()
    Path("y/x").symlink_to("../x", target_is_directory=True)
    assert loaded("y").files == ("y/x/a.yaml",)


def test_a_hidden_folder_that_is_named_is_searched() -> None:
    write(".manifests/a.yaml", an_organization_text())
    assert loaded(".manifests").files == (".manifests/a.yaml",)


def test_a_named_file_needs_no_suffix() -> None:
    write("manifest.txt", an_organization_text())
    assert loaded("manifest.txt").files == ("manifest.txt",)


def test_a_named_file_must_be_a_manifest() -> None:
    write("docker-compose.yaml", "services: {}\n")
    assert said("docker-compose.yaml") == ["docker-compose.yaml: The document has no kind."]
    assert said(".", "docker-compose.yaml") == ["docker-compose.yaml: The document has no kind."]


def test_a_link_to_a_folder_above_is_one_problem() -> None:
    write("x/a.yaml", an_organization_text())
    Path("x/up").symlink_to("..", target_is_directory=True)
    assert said(".") == ["x/up: The link leads back to a folder that holds it."]


def test_a_link_to_itself_is_one_problem() -> None:
    write("a.yaml", an_organization_text())
    Path("b.yaml").symlink_to("b.yaml")
    assert said(".") == ["b.yaml: It cannot be read: too many levels of symbolic links."]
    assert said("b.yaml") == ["b.yaml: It cannot be read: too many levels of symbolic links."]


def test_a_link_to_nothing_is_one_problem() -> None:
    write("a.yaml", an_organization_text())
    Path("b.yaml").symlink_to("gone.yaml")
    assert said(".") == ["b.yaml: It cannot be read: no such file or directory."]
    with pytest.raises(ManifestError) as caught:
        loaded(".")
    assert caught.value.problems[0].remedy == "Name a readable file, or remove it."


def test_a_path_that_does_not_exist_does_not_hide_other_problems() -> None:
    write("a.yaml", an_organization_text(spec="  oops: 1\n"))
    assert said("gone", "a.yaml", "a.yaml/b") == [
        "a.yaml: The key is unknown.",
        "a.yaml/b: It cannot be read: not a directory.",
        "gone: It cannot be read: no such file or directory.",
    ]


def test_a_pipe_in_a_folder_is_a_problem_and_does_not_block() -> None:
    write("a.yaml", an_organization_text())
    os.mkfifo("b.yaml")
    assert said(".") == ["b.yaml: It is not a regular file."]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_problem() -> None:
    write("a.yaml", an_organization_text()).chmod(0)
    assert said(".") == ["a.yaml: It cannot be read: permission denied."]


def test_an_empty_folder_says_where_nothing_was_found() -> None:
    Path("x").mkdir()
    Path("y").mkdir()
    assert said("x", "y") == ["x, y: No manifest was found here."]


def test_a_folder_may_be_empty_where_that_is_said_and_what_is_there_must_still_be_valid() -> None:
    Path("x").mkdir()
    assert load([Path("x")], now=NOW, allow_empty=True).desired == DesiredState()
    write("x/a.yaml", an_organization_text().replace("kind:", "kin:"))
    with pytest.raises(ManifestError):
        load([Path("x")], now=NOW, allow_empty=True)


def test_no_path_at_all_is_a_problem() -> None:
    assert said() == ["nowhere: No manifest was found here."]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_what_never_ends_or_is_no_file_is_refused_and_does_not_block() -> None:
    os.mkfifo("pipe.yaml")
    assert said("pipe.yaml", "/dev/zero") == [
        "/dev/zero: It is not a regular file.",
        "pipe.yaml: It is not a regular file.",
    ]


def test_a_folder_named_like_a_file_is_searched() -> None:
    write("x.yaml/a.yaml", an_organization_text())
    assert loaded(".").files == ("x.yaml/a.yaml",)


def test_a_file_that_is_too_large_is_refused() -> None:
    with Path("a.yaml").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert said(".") == ["a.yaml: It is larger than 64 MiB; no manifest is."]
