"""Git in a repository whose settings somebody hostile wrote, run as we run it."""

import shutil
from pathlib import Path

import pytest

from reconciler.adapters.git import Repository
from reconciler.adapters.git_process import run_git
from reconciler.adapters.revision import revision_of
from reconciler.model.errors import WrongUsage
from tests.hostile import dumping
from tests.repository import Repo

SECRET = "credential-of-ours"
OURS = ("KEYCLOAK_CLIENT_SECRET", "NT24_CLIENT_SECRET", "RECONCILER_HISTORY", "PGPASSWORD", "SLACK_URL", "GH_TOKEN")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    found = Repo(tmp_path / "repo")
    found.write("acme.yaml", "a: 1\n")
    found.commit()
    return found


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that leaves a marker beside it."""
    file = tmp_path / "program"
    file.write_text(f"#!/bin/sh\ncat\necho run >> {tmp_path}/marker\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def everything(repo: Repo) -> str:
    """Do all that we do with git, and return the revision."""
    repository = Repository.around(repo.folder)
    commit = repository.commit("HEAD")
    repository.time_of(commit)
    repository.text(commit, "acme.yaml")
    repository.merge_base("HEAD", "HEAD~0")
    return revision_of([repo.folder])


@pytest.mark.parametrize(
    ("setting", "attribute"),
    [
        ("core.fsmonitor", ""),
        ("core.pager", ""),
        ("pager.status", ""),
        ("gpg.program", ""),
        ("core.sshCommand", ""),
        ("diff.evil.textconv", "*.yaml diff=evil"),
        ("diff.evil.command", "*.yaml diff=evil"),
        ("filter.evil.clean", "*.yaml filter=evil"),
        ("filter.evil.process", "*.yaml filter=evil"),
        ("filter.e=v.i.clean", "*.yaml filter=e=v.i"),
    ],
)
def test_a_program_that_the_repository_s_settings_name_is_not_run(
    repo: Repo, program: Path, setting: str, attribute: str
) -> None:
    repo.git("config", setting, str(program))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "filter.evil.required", "true")
    if attribute:
        (repo.folder / ".git" / "info").mkdir(exist_ok=True)
        (repo.folder / ".git" / "info" / "attributes").write_text(f"{attribute}\n", encoding="utf-8")
    # Its content is the same, but git has to look.
    (repo.folder / "acme.yaml").touch()

    assert everything(repo) == repo.git("rev-parse", "HEAD")
    assert not (program.parent / "marker").exists()


def test_hooks_are_not_run(repo: Repo, program: Path) -> None:
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        hook = repo.folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(program.read_text(encoding="utf-8"), encoding="utf-8")
        hook.chmod(0o755)
    everything(repo)
    assert not (program.parent / "marker").exists()


def test_settings_that_are_included_count_as_little(repo: Repo, program: Path, tmp_path: Path) -> None:
    (tmp_path / "included").write_text(f'[core]\nfsmonitor = {program}\n[filter "x"]\nclean = {program}\n')
    repo.git("config", "include.path", str(tmp_path / "included"))
    (repo.folder / ".git" / "info").mkdir(exist_ok=True)
    (repo.folder / ".git" / "info" / "attributes").write_text("*.yaml filter=x\n", encoding="utf-8")
    (repo.folder / "acme.yaml").touch()
    assert everything(repo)
    assert not (program.parent / "marker").exists()


def test_a_folder_that_looks_like_a_repository_is_not_taken_for_one(repo: Repo, program: Path) -> None:
    inner = repo.folder / "organizations"
    repo.git("clone", "-q", "--bare", ".", str(inner))
    (inner / "config").write_text(f"[core]\nbare = false\nworktree = ..\nfsmonitor = {program}\n", encoding="utf-8")
    with pytest.raises(WrongUsage, match="git cannot read"):
        Repository.around(inner)
    assert revision_of([inner]) == ""
    assert not (program.parent / "marker").exists()


def test_nothing_is_fetched_where_a_clone_is_partial(repo: Repo, program: Path, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{repo.folder}"
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", url)
    clone.git("config", "remote.origin.promisor", "true")
    clone.git("config", "remote.origin.uploadpack", str(program))
    clone.git("fetch", "-q", "--filter=blob:none", "--upload-pack=git-upload-pack", "origin", "main")
    clone.git("update-ref", "refs/heads/main", "FETCH_HEAD")

    repository = Repository.around(clone.folder)
    with pytest.raises(WrongUsage) as caught:
        repository.text(repository.commit("HEAD"), "acme.yaml")
    assert "git fetch --refetch --no-filter" in caught.value.remedy
    assert not (program.parent / "marker").exists()


def test_a_commit_is_what_its_hash_says_whatever_replaces_it(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.write("acme.yaml", "a: 2\n")
    second = repo.commit()
    repo.git("replace", first, second)
    repository = Repository.around(repo.folder)
    assert repository.text(repository.commit(first), "acme.yaml") == "a: 1\n"


def test_git_gets_no_credential_and_no_setting_of_git_from_our_environment(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = dumping(tmp_path / "bin", "git", then=f'exec "{shutil.which("git")}" "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    for name in (*OURS, "GIT_DIR", "GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_CONFIG_PARAMETERS"):
        monkeypatch.setenv(name, SECRET)

    assert everything(repo)

    assert "GIT_TERMINAL_PROMPT=0" in dump.read_text(encoding="utf-8")
    assert SECRET not in dump.read_text(encoding="utf-8")


def test_where_git_cannot_say_whether_files_changed_no_revision_is_named(repo: Repo) -> None:
    (repo.folder / ".git" / "index").write_bytes(b"damaged")
    assert run_git(repo.folder, "status").returncode
    assert revision_of([repo.folder]) == ""
