"""What git holds: files of a revision, read from its objects.

The work tree is never touched, nothing is fetched, and whoever wrote the repository starts no program by its settings.
"""

import os
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from reconciler.adapters.git_process import run_git
from reconciler.model.errors import WrongUsage

_LINK: Final = "120000"
_SUBMODULE: Final = "160000"
_OWNERSHIP: Final = "dubious ownership"
_NO_REPOSITORY: Final = "not a git repository"
_UNSAFE: Final = frozenset({"", ".", "..", ".git"})
_HASH: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: as it was named, and its hash."""

    name: str
    hash: str


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object: str
    path: str


class Repository:
    """One repository; paths are relative to its root, with slashes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._trees: dict[str, dict[str, _Entry]] = {}

    @classmethod
    def around(cls, path: Path) -> "Repository":
        """Return the repository that a path is in, be there such a file or not.

        Raises:
            WrongUsage: It is in none, git refuses to read it, or there is no git.
        """
        folder = Path(os.path.realpath(path))
        while not folder.is_dir():
            folder = folder.parent
        done = run_git(folder, "rev-parse", "--show-toplevel")
        if done.returncode == 0:
            return cls(Path(_text(done.stdout).removesuffix("\n")))
        said = _text(done.stderr)
        if _OWNERSHIP in said:
            raise WrongUsage(
                f"git refuses to read {folder}: it belongs to another user.",
                remedy=f"If you trust it: git config --global --add safe.directory {folder}",
            )
        if _NO_REPOSITORY in said:
            raise WrongUsage(
                f"{folder} is not in a git repository.",
                remedy="Run it in the repository of the manifests, or name them there: --file PATH.",
            )
        raise WrongUsage(f"git cannot read {folder}: {_first_line(said)}", remedy="Run it in a work tree.")

    def commit(self, name: str) -> Commit:
        """Return the commit that a revision means.

        Raises:
            WrongUsage: There is none; it says how to get it.
        """
        found = self._commit(name)
        if found:
            return Commit(name, found)
        raise WrongUsage(f"git knows no revision '{name}' here.", remedy=self._how_to_get(name))

    def merge_base(self, one: str, other: str) -> Commit:
        """Return the last commit that two revisions have in common.

        Raises:
            WrongUsage: There is none, or it is not in this clone.
        """
        first, second = self.commit(one), self.commit(other)
        done = run_git(self.root, "merge-base", first.hash, second.hash)
        if done.returncode == 0:
            return Commit(f"{one}...{other}", _text(done.stdout).strip())
        raise WrongUsage(
            f"'{one}' and '{other}' have no commit in common here.",
            remedy=_DEEPEN if self.is_shallow else "Name two revisions of one history, or compare them by two dots.",
        )

    def time_of(self, commit: Commit) -> datetime:
        """Return when the commit was made."""
        # Other than show, rev-list has no setting by which it would verify signatures with a program.
        line = _text(self._checked("rev-list", "--max-count=1", "--timestamp", commit.hash))
        return datetime.fromtimestamp(int(line.split(" ")[0]), UTC)

    @cached_property
    def is_shallow(self) -> bool:
        """Tell whether the clone holds only the newest commits."""
        return _text(run_git(self.root, "rev-parse", "--is-shallow-repository").stdout).strip() == "true"

    def relative(self, path: Path) -> str:
        """Return a path of this machine as one of the repository; ``.`` is its root.

        Raises:
            WrongUsage: It lies outside.
        """
        whole = Path(os.path.normpath(Path.cwd() / path))
        # What the path itself is at a revision, git knows: only what is above it is resolved.
        named = Path(os.path.realpath(whole.parent)) / whole.name
        found = self._below_root(named) or self._below_root(Path(os.path.realpath(whole)))
        if found is None:
            raise WrongUsage(
                f"{path} is outside of the git repository {self.root}.",
                remedy="Only files of one repository can be compared with another revision.",
            )
        return found

    def _below_root(self, path: Path) -> str | None:
        below = Path(os.path.relpath(path, self.root)).as_posix()
        return None if below == ".." or below.startswith("../") else below

    def has(self, commit: Commit, path: str) -> bool:
        """Tell whether the commit has a file, or a folder with files, at the path."""
        return any(_is_below(each, path) for each in self._tree(commit))

    def text(self, commit: Commit, path: str) -> str | None:
        """Return the text of a file; None where there is no such file.

        Raises:
            ValueError: It is not UTF-8.
        """
        entry = self._tree(commit).get(path)
        if entry is None or entry.mode in {_LINK, _SUBMODULE}:
            return None
        content = self._contents([entry.object])[entry.object]
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError("It is not encoded in UTF-8.") from error

    def export(self, commit: Commit, paths: Collection[str], suffixes: tuple[str, ...], to: Path) -> tuple[str, ...]:
        """Write what the commit has at the paths into a folder: named files, and in folders those with a suffix.

        Links are followed inside of the repository, and lead nowhere where they leave it. Return the submodules on
        the way, whose files this repository does not hold.
        """
        tree, wanted = self._tree(commit), set(paths)
        entries: dict[str, _Entry] = {}
        while wanted:
            found = [e for e in tree.values() if any(_is_wanted(e, path, suffixes) for path in wanted)]
            new = {entry.path: entry for entry in found if entry.path not in entries}
            entries |= new
            links = [entry for entry in new.values() if entry.mode == _LINK]
            wanted = {target for target in self._targets(links).values() if target}
        targets = self._targets([entry for entry in entries.values() if entry.mode == _LINK])
        files = [entry for entry in entries.values() if entry.mode not in {_LINK, _SUBMODULE}]
        contents = self._contents({entry.object for entry in files})
        for path in paths:
            if path not in tree:
                (to / path).mkdir(parents=True, exist_ok=True)
        for entry in files:
            _at(to, entry.path).write_bytes(contents[entry.object])
        for path, target in targets.items():
            _at(to, path).symlink_to(os.path.relpath(to / (target or _NOWHERE), (to / path).parent))
        return tuple(sorted(entry.path for entry in entries.values() if entry.mode == _SUBMODULE))

    def _targets(self, links: list[_Entry]) -> dict[str, str | None]:
        """Return where links lead to, by path; None where that is outside of the repository."""
        contents = self._contents({entry.object for entry in links})
        found: dict[str, str | None] = {}
        for entry in links:
            written = contents[entry.object].decode("utf-8", "surrogateescape")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), written))
            found[entry.path] = None if target.startswith(("/", "../")) or target == ".." else target
        return found

    def _tree(self, commit: Commit) -> dict[str, _Entry]:
        if commit.hash not in self._trees:
            listed = self._checked("ls-tree", "-r", "-z", "--full-tree", commit.hash)
            entries = (_entry(line) for line in listed.split(b"\0") if line)
            # A tree that git itself did not make could lead out of the folder that it is written to.
            self._trees[commit.hash] = {each.path: each for each in entries if not _UNSAFE & set(each.path.split("/"))}
        return self._trees[commit.hash]

    def _contents(self, objects: Iterable[str]) -> dict[str, bytes]:
        names = sorted(set(objects))
        if not names:
            return {}
        stream = self._checked("cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
        return dict(_objects(stream))

    def _commit(self, name: str) -> str:
        done = run_git(self.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        found = _text(done.stdout).strip() if done.returncode == 0 else ""
        return found if _HASH.fullmatch(found) else ""

    def _how_to_get(self, name: str) -> str:
        remote = f"origin/{name}"
        if self._commit(remote):
            return f"Did you mean {remote}?"
        if self.is_shallow:
            return _DEEPEN
        return f"See git branch --all and git log; fetch what is only on the server: git fetch origin {name}"

    def _checked(self, *arguments: str, given: bytes = b"") -> bytes:
        done = run_git(self.root, *arguments, given=given)
        if done.returncode != 0:
            raise WrongUsage(
                f"git {arguments[0]} failed in {self.root}: {_first_line(_text(done.stderr))}",
                remedy=f"Try git fsck; {_WHOLE}",
            )
        return done.stdout


_DEEPEN: Final = (
    "This clone is shallow. Get the rest by git fetch --unshallow (actions/checkout: fetch-depth: 0; GitLab: "
    "GIT_DEPTH: 0)."
)
_WHOLE: Final = "where the clone is partial, get the rest by git fetch --refetch --no-filter."
_NOWHERE: Final = ".git/outside-of-the-repository"


def _entry(line: bytes) -> _Entry:
    head, _, path = line.partition(b"\t")
    mode, _, name = head.decode("ascii").split(" ")
    return _Entry(mode, name, path.decode("utf-8", "surrogateescape"))


def _objects(stream: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what ``git cat-file --batch`` writes: a line with name, type and size, the content, and a line end."""
    start = 0
    while start < len(stream):
        end = stream.index(b"\n", start)
        words = stream[start:end].decode("ascii").split(" ")
        if len(words) != 3:
            raise WrongUsage(
                f"git does not have the object {words[0]}.", remedy=f"The clone is damaged, or partial: {_WHOLE}"
            )
        size = int(words[2])
        yield words[0], stream[end + 1 : end + 1 + size]
        start = end + 1 + size + 1


def _is_wanted(entry: _Entry, path: str, suffixes: tuple[str, ...]) -> bool:
    if entry.path == path:
        return True
    # A link may be one to a folder.
    return _is_below(entry.path, path) and (entry.mode in {_LINK, _SUBMODULE} or entry.path.endswith(suffixes))


def _is_below(path: str, folder: str) -> bool:
    return folder in {".", path} or path.startswith(f"{folder}/")


def _at(folder: Path, path: str) -> Path:
    """Return the path inside of the folder, with the folders above it made."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "it says nothing")
