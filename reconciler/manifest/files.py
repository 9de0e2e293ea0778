"""Find the files that may hold manifests, and read their text."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.model.errors import Problem

SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """Name a file that may hold manifests."""

    path: Path
    named: bool = field(compare=False)
    """Whether it was named itself, and not found in a folder: then it must be a manifest."""
    text: str | None = field(default=None, compare=False, repr=False)
    """What it holds, where it need not be read."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What the given paths lead to: files, sorted by path, each once."""

    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]


def find(paths: Sequence[Path]) -> FoundFiles:
    """Return the files that ``paths`` name, and those in the folders they name, however deep.

    In folders, only ``*.yaml`` and ``*.yml`` count, and what is hidden (``.git``, ``.github``) is passed over.
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


class NotUtf8(ValueError):
    """A file is there, and is written in another encoding."""


def text_of(candidate: Candidate) -> str:
    """Return the file's text.

    Raises:
        NotUtf8: The file is not UTF-8; the message says so in plain words.
        ValueError: It cannot be read; so does this one.
    """
    if candidate.text is not None:
        return candidate.text
    try:
        if not candidate.named and not stat.S_ISREG(candidate.path.stat().st_mode):
            raise ValueError("It is not a regular file.")
        content = candidate.path.read_bytes()
    except OSError as error:
        raise ValueError(f"It cannot be read: {_reason(error)}.") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotUtf8("It is encoded in UTF-16.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NotUtf8(f"Line {line} is not encoded in UTF-8.") from error


def whole_file(path: Path, message: str, remedy: str) -> Problem:
    """Return a problem that means a file, not a line of it."""
    return Problem(path.as_posix(), 0, 0, "", message, remedy)


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
        if entry.name.startswith("."):
            continue
        if (folder / entry.name).is_dir():
            yield from _inside(folder / entry.name, (*above, real), problems)
        elif entry.name.endswith(SUFFIXES):
            yield Candidate(folder / entry.name, named=False)


def _real(path: Path) -> Path:
    # Path.resolve() raises RuntimeError where links form a loop.
    return Path(os.path.realpath(path))


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
