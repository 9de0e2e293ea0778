"""Files of a revision, read from a real git repository."""

import os
from pathlib import Path

import pytest

from reconciler.adapters.git import Repository
from reconciler.model.errors import WrongUsage
from tests.repository import Repo

YAML = (".yaml", ".yml")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def exported(repo: Repo, revision: str, folder: Path, *paths: str) -> dict[str, str]:
    """Return the text of every file that is written out for the paths."""
    repository = Repository.around(repo.folder)
    repository.export(repository.commit(revision), paths, YAML, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_files_are_those_of_the_revision_whatever_the_work_tree_says(repo: Repo, tmp_path: Path) -> None:
    repo.write("organizations/acme.yaml", "a: 1\n")
    repo.write("organizations/read.me", "no manifest\n")
    repo.write("other/beta.yaml", "b: 1\n")
    first = repo.commit()
    repo.write("organizations/acme.yaml", "a: 2\n")
    assert exported(repo, first, tmp_path / "out", "organizations") == {"organizations/acme.yaml": "a: 1\n"}


def test_a_file_that_is_named_is_written_whatever_it_is_called(repo: Repo, tmp_path: Path) -> None:
    repo.write("acme", "a: 1\n")
    repo.commit()
    assert exported(repo, "HEAD", tmp_path / "out", "acme") == {"acme": "a: 1\n"}


def test_names_may_hold_anything(repo: Repo, tmp_path: Path) -> None:
    names = ["a b.yaml", "über.yaml", "line\nbreak.yaml", '"quoted".yaml', "-rf.yaml"]
    for name in names:
        repo.write(name, name)
    repo.commit()
    assert exported(repo, "HEAD", tmp_path / "out", ".") == {name: name for name in names}


def test_links_are_followed_inside_of_the_repository(repo: Repo, tmp_path: Path) -> None:
    repo.write("shared/deep/acme.yaml", "a: 1\n")
    (repo.folder / "organizations").mkdir()
    (repo.folder / "organizations" / "acme.yaml").symlink_to("../shared/deep/acme.yaml")
    (repo.folder / "organizations" / "more").symlink_to("../shared")
    repo.commit()
    found = exported(repo, "HEAD", tmp_path / "out", "organizations")
    assert found["organizations/acme.yaml"] == "a: 1\n"
    assert (tmp_path / "out" / "organizations" / "more" / "deep" / "acme.yaml").read_text() == "a: 1\n"


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../../../../etc/hostname", "loop.yaml"])
def test_a_link_that_leaves_the_repository_leads_nowhere(repo: Repo, tmp_path: Path, target: str) -> None:
    (repo.folder / "loop.yaml").symlink_to(target)
    repo.commit()
    assert exported(repo, "HEAD", tmp_path / "out", ".") == {}


def test_a_submodule_is_named(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.write("acme.yaml", "a: 1\n")
    inner.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.folder), "organizations/inner")
    repo.commit()
    repository = Repository.around(repo.folder)
    found = repository.export(repository.commit("HEAD"), ["organizations"], YAML, tmp_path / "out")
    assert found == ("organizations/inner",)


def test_outside_of_a_repository_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(WrongUsage, match="is not in a git repository") as caught:
        Repository.around(tmp_path / "missing" / "acme.yaml")
    assert "--file PATH" in caught.value.remedy


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WrongUsage, match="There is no git on this machine"):
        Repository.around(tmp_path)


def test_a_revision_that_is_not_there_is_said_with_what_may_be_meant(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    Repo(tmp_path).git("clone", "-q", str(repo.folder), "clone")
    clone = Repo(tmp_path / "clone")
    clone.git("checkout", "-q", "-b", "work")
    clone.git("branch", "-q", "-D", "main")
    repository = Repository.around(clone.folder)
    with pytest.raises(WrongUsage, match="git knows no revision 'main' here") as caught:
        repository.commit("main")
    assert caught.value.remedy == "Did you mean origin/main?"
    with pytest.raises(WrongUsage) as caught:
        repository.commit("nowhere")
    assert "git fetch origin nowhere" in caught.value.remedy


@pytest.mark.parametrize("name", ["--help", "-1", "--output=stolen", "HEAD:acme.yaml", "", "HEAD\nHEAD"])
def test_what_is_no_revision_is_never_an_option(repo: Repo, name: str) -> None:
    repo.write("acme.yaml", "a: 1\n")
    repo.commit()
    with pytest.raises(WrongUsage):
        Repository.around(repo.folder).commit(name)
    assert not (repo.folder / "stolen").exists()


def test_a_shallow_clone_says_how_to_get_the_rest(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit("One")
    repo.commit("Two")
    Repo(tmp_path).git("clone", "-q", "--depth", "1", f"file://{repo.folder}", "clone")
    repository = Repository.around(tmp_path / "clone")
    for revision in (first, "HEAD~1"):
        with pytest.raises(WrongUsage) as caught:
            repository.commit(revision)
        assert "git fetch --unshallow" in caught.value.remedy
        assert "fetch-depth: 0" in caught.value.remedy


def test_where_a_branch_left_another_is_found(repo: Repo) -> None:
    first = repo.commit("Fork")
    repo.git("checkout", "-q", "-b", "work")
    repo.commit("On the branch")
    repo.git("checkout", "-q", "main")
    repo.commit("On main")
    assert Repository.around(repo.folder).merge_base("main", "work").hash == first


def test_branches_without_a_common_commit_are_said(repo: Repo) -> None:
    repo.commit()
    repo.git("checkout", "-q", "--orphan", "alone")
    repo.commit("Begin again")
    with pytest.raises(WrongUsage, match="have no commit in common"):
        Repository.around(repo.folder).merge_base("main", "alone")


def test_paths_are_of_the_repository_wherever_one_stands(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("organizations/acme.yaml", "a: 1\n")
    (tmp_path / "link").symlink_to(repo.folder)
    repository = Repository.around(repo.folder)
    monkeypatch.chdir(repo.folder / "organizations")
    assert repository.relative(Path()) == "organizations"
    assert repository.relative(Path("..")) == "."
    assert repository.relative(Path("gone.yaml")) == "organizations/gone.yaml"
    assert repository.relative(tmp_path / "link") == "."
    assert repository.relative(tmp_path / "link" / "organizations") == "organizations"
    with pytest.raises(WrongUsage, match="is outside of the git repository"):
        repository.relative(tmp_path / "other")


def test_a_tree_that_leads_out_of_its_folder_is_not_written(repo: Repo, tmp_path: Path) -> None:
    repo.write("blob", "stolen\n")
    blob = repo.git("hash-object", "-w", "blob")
    inner = tree(repo, f"100644 blob {blob}\tescaped.yaml")
    outer = tree(repo, f"040000 tree {inner}\t..")
    commit = repo.git("commit-tree", outer, "-m", "Crafted")
    assert exported(repo, commit, tmp_path / "out" / "in", ".") == {}
    assert not (tmp_path / "out" / "escaped.yaml").exists()


def tree(repo: Repo, line: str) -> str:
    """Write a tree as git itself would not, and return its hash."""
    mode, _, rest = line.partition(" ")
    name = rest.partition("\t")[2]
    content = f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(rest.split(" ")[1].partition("\t")[0])
    file = repo.folder / "tree"
    file.write_bytes(content)
    return repo.git("hash-object", "-w", "-t", "tree", "--literally", os.fspath(file))
