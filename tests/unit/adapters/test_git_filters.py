"""Blobs behind filters: read where LFS keeps them, refused otherwise, and never taken for deleted files."""

from hashlib import sha256
from pathlib import Path

import pytest

from reconciler.adapters.git import Repository
from reconciler.adapters.git_filters import look_behind_filters
from reconciler.model.errors import ManifestError
from tests.repository import Repo
from tests.unit.manifest.builders import an_organization_text

MANIFEST = an_organization_text("acme")
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(MANIFEST.encode()).hexdigest()}\nsize 9\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def looked(repo: Repo, out: Path, content: bytes, attributes: str) -> str:
    """Return what comes of a blob with such attributes."""
    if attributes:
        repo.write(".gitattributes", attributes)
    path = repo.folder / "m" / "acme.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    repo.commit()
    repository = Repository.around(repo.folder)
    commit = repository.commit("HEAD")
    repository.export(commit, ["m"], (".yaml",), out)
    look_behind_filters(repository, commit, out)
    return (out / "m" / "acme.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "attributes", "expected"),
    [
        (b"\0GITCRYPT\0\x8f", "*.yaml filter=git-crypt diff=git-crypt\n", "behind the filter git-crypt: what it says"),
        (b"\0GITCRYPT\0\x8f", "", "behind git-crypt: what it says"),
        (POINTER.encode(), "*.yaml filter=lfs\n", "cannot be read. Run git lfs fetch origin "),
        (POINTER.encode(), "", "behind Git LFS"),
        (b"age-encryption.org/v1\n", "", "behind age: "),
        (b"bmFtZTogYQo=\n", "m/** filter=base64\n", "behind the filter base64: "),
        (b"\x8f\x01\x02", "*.yaml filter=secret\n", "take them out of the filter (.gitattributes"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(
    repo: Repo, tmp_path: Path, content: bytes, attributes: str, expected: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        looked(repo, tmp_path / "out", content, attributes)
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith("HEAD:m/acme.yaml:1:1: git holds it ")
    assert expected in problem


@pytest.mark.parametrize("attributes", ["", "*.yaml filter=tidy\n", "*.yaml -filter\n", "*.yaml filter\n"])
@pytest.mark.parametrize("text", [MANIFEST, "apiVersion: v1\nkind: ConfigMap\n", ""])
def test_what_can_be_read_is_taken_as_it_is(repo: Repo, tmp_path: Path, text: str, attributes: str) -> None:
    assert looked(repo, tmp_path / "out", text.encode(), attributes) == text


def test_what_lfs_keeps_is_read(repo: Repo, tmp_path: Path) -> None:
    oid = sha256(MANIFEST.encode()).hexdigest()
    kept = repo.folder / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    kept.parent.mkdir(parents=True)
    kept.write_text(MANIFEST, encoding="utf-8")
    assert looked(repo, tmp_path / "out", POINTER.encode(), "*.yaml filter=lfs\n") == MANIFEST


def test_what_lfs_keeps_of_another_content_is_not(repo: Repo, tmp_path: Path) -> None:
    oid = sha256(MANIFEST.encode()).hexdigest()
    kept = repo.folder / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    kept.parent.mkdir(parents=True)
    kept.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(ManifestError):
        looked(repo, tmp_path / "out", POINTER.encode(), "")
