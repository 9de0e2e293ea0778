"""Find the files that may hold manifests, and read their text."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.manifest.content import MAX_BYTES, Unreadable, decoded
from reconciler.model.errors import Problem
from reconciler.model.text import file_name

SUFFIXES: Final = (".yaml", ".yml")
_SUFFIXES_NEARBY: Final = (*SUFFIXES, ".json")
"""In small letters: what people call files that they take for manifests."""
_DEPENDENCIES: Final = frozenset({"node_modules"})
"""Folders of other programs' code, which nobody writes manifests into."""
_STREAMS: Final = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""Where a shell puts what it hands over: `<(command)`."""


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """Name a file that may hold manifests."""

    path: Path
    named: bool = field(compare=False)
    """Whether it was named itself, and not found in a folder: then it must be a manifest."""
    text: str | None = field(default=None, compare=False, repr=False)
    """What it holds, where it need not be read."""

    @property
    def is_read(self) -> bool:
        """Tell whether it is read as a manifest: it was named, or its suffix says so."""
        return self.named or self.path.name.endswith(SUFFIXES)


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What the given paths lead to: files, sorted by path, each once."""

    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]


def find(paths: Sequence[Path]) -> FoundFiles:
    """Return the files that ``paths`` name, and those in the folders they name, however deep.

    In folders, only ``*.yaml`` and ``*.yml`` are read, and what is hidden (``.git``, ``.github``) is passed over. Files
    whose names come close (``*.json``, ``*.YAML``) are candidates too: they are refused where they hold manifests.
    """
    problems: list[Problem] = []
    by_file: dict[Path, Candidate] = {}
    for path in sorted(set(paths)):
        try:
            candidates = list(_candidates(path, problems))
        except OSError as error:
            problems.append(whole_file(path, f"It cannot be read: {_reason(error)}.", "Correct the path."))
            continue
        for candidate in candidates:
            real = _real(candidate.path)
            if real not in by_file or (candidate.named and not by_file[real].named):
                by_file[real] = candidate
    return FoundFiles(tuple(sorted(by_file.values())), tuple(problems))


def text_of(candidate: Candidate) -> str:
    """Return the file's text.

    Raises:
        Unreadable: It cannot be read, or is no text in UTF-8; the message says so in plain words.
    """
    if candidate.text is not None:
        return candidate.text
    path = candidate.path
    try:
        if not (is_regular(path) if candidate.named else stat.S_ISREG(path.stat().st_mode)):
            what = "It is a folder." if path.is_dir() else "It is not a regular file."
            raise Unreadable(what, _OTHER_FILE)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"It cannot be read: {_reason(error)}.", _OTHER_FILE) from error
    if len(content) > MAX_BYTES:
        raise Unreadable(f"It is larger than {MAX_BYTES // 1024**2} MiB; no manifest is.", _OTHER_FILE)
    return decoded(content)


def is_regular(path: Path) -> bool:
    """Tell whether it is a file that ends: a regular one, or what a shell hands over.

    Raises:
        OSError: There is none.
    """
    return path.as_posix().startswith(_STREAMS) or stat.S_ISREG(path.stat().st_mode)


_OTHER_FILE: Final = "Name a readable file, or remove it."


def whole_file(path: Path, message: str, remedy: str) -> Problem:
    """Return a problem that means a file, not a line of it."""
    return Problem(file_name(path), 0, 0, "", message, remedy)


def _candidates(path: Path, problems: list[Problem]) -> Iterator[Candidate]:
    if stat.S_ISDIR(path.stat().st_mode):
        yield from _inside(path, (), problems)
    else:
        yield Candidate(path, named=True)


def _inside(folder: Path, above: tuple[Path, ...], problems: list[Problem]) -> Iterator[Candidate]:
    real = _real(folder)
    if real in above:
        problems.append(whole_file(folder, "The link leads back to a folder that holds it.", "Remove the link."))
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        problems.append(whole_file(folder, f"It cannot be read: {_reason(error)}.", "Allow reading the folder."))
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _DEPENDENCIES:
            continue
        if (folder / entry.name).is_dir():
            yield from _inside(folder / entry.name, (*above, real), problems)
        elif entry.name.lower().endswith(_SUFFIXES_NEARBY):
            yield Candidate(folder / entry.name, named=False)


def _real(path: Path) -> Path:
    # Path.resolve() raises RuntimeError where links form a loop.
    return Path(os.path.realpath(path))


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
