"""What git holds behind a filter (git-crypt, LFS): a blob that is not the file.

No filter is run, as it is a program that a repository's settings name (docs/decisions.md, 106). What LFS keeps beside
git's objects is read from there; everything else is refused, as a file that cannot be read would seem to be deleted.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from reconciler.adapters.git import Commit, Repository
from reconciler.adapters.git_process import run_git
from reconciler.manifest.content import MAX_BYTES, Unreadable, decoded, encrypted_or_elsewhere
from reconciler.manifest.recognition import foreign_text, says_ours
from reconciler.model.errors import ManifestError, Problem

_POINTER: Final = re.compile(rb"^version https://git-lfs\.github\.com/spec/.*\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n")
_NO_FILTER: Final = frozenset({"unspecified", "unset", "set", ""})


def look_behind_filters(repository: Repository, commit: Commit, exported: Path) -> None:
    """Put what LFS keeps in the place of its pointers, among the exported files of a commit.

    Raises:
        ManifestError: The content of files is behind a filter; each is named, with the filter and what to do.
    """
    files = [path for path in sorted(exported.rglob("*")) if path.is_file() and not path.is_symlink()]
    named = {path.relative_to(exported).as_posix(): path for path in files}
    filters = _filters(repository, list(named))
    problems = []
    for name, path in named.items():
        content = path.read_bytes()
        kept = _kept_by_lfs(repository, content)
        if kept is not None:
            path.write_bytes(kept)
        elif _is_behind(content, path, filters.get(name, "")):
            problems.append(_problem(commit, name, content, filters.get(name, "")))
    if problems:
        raise ManifestError(problems, f"what git holds of {commit.name}")


def _filters(repository: Repository, names: list[str]) -> dict[str, str]:
    """Return the filters that attributes name for files: those of the work tree, as git itself takes them."""
    if not names:
        return {}
    given = "".join(f"{name}\0" for name in names).encode("utf-8", "surrogateescape")
    done = run_git(repository.root, "check-attr", "--stdin", "-z", "filter", given=given)
    words = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    found = dict(zip(words[0::3], words[2::3], strict=False)) if done.returncode == 0 else {}
    return {name: value for name, value in found.items() if value not in _NO_FILTER}


def _is_behind(content: bytes, path: Path, by: str) -> bool:
    if encrypted_or_elsewhere(content) is not None:
        return True
    if not by:
        return False
    try:
        text = decoded(content)
    except Unreadable:
        return True
    # Many filters only tidy up: what can be told apart is what it seems to be.
    return bool(text.strip()) and not says_ours(text) and foreign_text(path, text) is None


def _kept_by_lfs(repository: Repository, content: bytes) -> bytes | None:
    pointer = _POINTER.match(content)
    if pointer is None:
        return None
    oid = pointer[1].decode("ascii")
    shared = run_git(repository.root, "rev-parse", "--git-common-dir").stdout.decode("utf-8", "surrogateescape")
    file = repository.root / shared.removesuffix("\n") / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    try:
        with file.open("rb") as stream:
            kept = stream.read(MAX_BYTES)
    except OSError:
        return None
    return kept if sha256(kept).hexdigest() == oid else None


def _problem(commit: Commit, name: str, content: bytes, by: str) -> Problem:
    said = encrypted_or_elsewhere(content)
    if content.startswith(b"version https://git-lfs"):
        what, remedy = "Git LFS", f"Run git lfs fetch origin {commit.hash}."
    else:
        maker = said[0].removeprefix("It is encrypted by ").removesuffix(".") if said else ""
        what = f"the filter {by}" if by else maker
        remedy = (
            "Manifests hold no secrets: take them out of the filter (.gitattributes: the path, and !filter), and "
            "commit them; revisions from before that cannot be compared."
        )
    message = f"git holds it behind {what}: what it says at this revision cannot be read."
    return Problem(f"{commit.name}:{name}", 1, 1, "", message, remedy)
