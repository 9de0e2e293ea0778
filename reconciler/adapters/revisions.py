"""What the manifests of a git revision say, resolved by the ``reconciler.yaml`` and the overlays of that revision."""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from reconciler.adapters.git import Commit, Repository
from reconciler.adapters.git_filters import look_behind_filters
from reconciler.manifest.committed import DeclaredRevision, Rules
from reconciler.manifest.files import SUFFIXES
from reconciler.manifest.load import load_what_is_valid, partner_files
from reconciler.manifest.settings_file import FILE_NAME, chosen, read_settings_file
from reconciler.model.errors import ManifestError, Problem, SettingsError, WrongUsage

COMMON: Final = "..."
RANGE: Final = ".."
HEAD: Final = "HEAD"
_TODAY: Final = (
    "Manifests are looked for where they are today; settings are not compared, and its policies are not checked."
)


@dataclass(frozen=True, slots=True)
class Question:
    """Where manifests are, in paths of the repository; None where the command line says nothing.

    ``today`` and ``overlays_today`` are where they are now, for a revision that has no settings.
    """

    files: tuple[str, ...] | None
    overlays: str | None
    config: str | None
    environment: str
    here: str
    today: tuple[str, ...]
    overlays_today: str | None


@dataclass(frozen=True, slots=True)
class _Places:
    paths: tuple[str, ...]
    overlays: str | None = None
    notes: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)


def commit_of(repository: Repository, revision: str) -> Commit:
    """Return the commit of a revision; ``main...`` is where this branch left ``main``.

    Raises:
        WrongUsage: There is no such revision, or it is a range of them.
    """
    one, dots, other = revision.partition(COMMON)
    if not dots and RANGE in revision:
        raise WrongUsage(
            f"'{revision}' is a range of revisions, not one.",
            remedy=f"Name one revision; main{COMMON} is where this branch left main.",
        )
    return repository.merge_base(one or HEAD, other or HEAD) if dots else repository.commit(revision)


def declared_at(
    repository: Repository, commit: Commit, question: Question, *, strict: bool = False
) -> DeclaredRevision:
    """Return what is valid of the manifests of a revision; files are named ``REVISION:path``, as git shows them.

    Raises:
        ManifestError: With ``strict``, where something is wrong; in any case, where git holds only what a filter made
            of a file: it would seem to be deleted. It carries every problem.
        WrongUsage: With ``strict``, where the revision's settings do not have the environment.
    """
    places = _places(repository, commit, question, strict=strict)
    there = [path for path in places.paths if repository.has(commit, path)]
    overlays = places.overlays if places.overlays and repository.has(commit, places.overlays) else None
    with TemporaryDirectory(prefix="reconciler-") as folder:
        root = Path(os.path.realpath(folder))
        # The settings beside and above the manifests say where the overlays of other environments are.
        above = {folder for path in there for folder in (path, *_above(path))}
        settings = {posixpath.join(folder, FILE_NAME) for folder in above if folder != "."} | {FILE_NAME}
        brought_along = [path for path in sorted(settings) if repository.has(commit, path)]
        wanted = [*there, *([overlays] if overlays else []), *brought_along]
        submodules = repository.export(commit, wanted, SUFFIXES, root)
        placed = tuple(root / path for path in wanted if os.path.lexists(root / path))
        listed = [
            each.relative_to(root).as_posix() for each in partner_files(placed, root) if each.is_relative_to(root)
        ]
        if partners := [each for each in listed if repository.has(commit, each)]:
            repository.export(commit, partners, (), root)
        look_behind_filters(repository, commit, root)
        # A folder without manifests, as in a new repository, is not brought along: it declares nothing.
        brought = [root / path for path in there if os.path.lexists(root / path)]
        partial = load_what_is_valid(brought, overlays=root / overlays if overlays else None, root=root)
        partial = replace(partial, problems=tuple(_named(each, root, commit) for each in partial.problems))
    if strict and partial.problems:
        raise ManifestError(partial.problems)
    notes = [*places.notes, *(f"{commit.name}:{path} is a submodule; nothing is read there." for path in submodules)]
    if not partial.loaded.files and not partial.problems:
        named = ", ".join("its root" if path == "." else path for path in places.paths)
        notes.append(f"{commit.name} has no manifest at {named or 'all'}.")
    return DeclaredRevision(commit.name, commit.hash, partial, root, bool(there), tuple(notes), places.rules)


def _places(repository: Repository, commit: Commit, question: Question, *, strict: bool) -> _Places:
    """Return where the manifests of a revision are, as its own settings say."""
    today = _Places(question.files or question.today, question.overlays or question.overlays_today)
    path = question.config or _settings_path(repository, commit, question.here)
    try:
        text = None if path is None else repository.text(commit, path)
        if path is None or text is None:
            return today
        file = f"{commit.name}:{path}"
        read = read_settings_file(file, text)
    except SettingsError as error:
        if strict:
            raise
        return replace(today, notes=(*map(str, error.problems), _TODAY), rules=Rules(is_known=False))
    except ValueError as error:
        return replace(today, notes=(f"{commit.name}:{path}: {error}", _TODAY), rules=Rules(is_known=False))
    # What is said of the file's lines is said of a file of the work tree, as for manifests.
    rules = Rules(replace(read, source=replace(read.source, file=path)))
    try:
        name, environment = chosen(read.settings, question.environment or None, file)
    except WrongUsage as error:
        if strict:
            raise
        return _Places((), notes=(error.message,), rules=rules)
    folder = posixpath.dirname(path)
    said = environment.overlays and _joined(folder, environment.overlays)
    files = question.files or tuple(_joined(folder, each) for each in environment.manifests)
    return _Places(files, question.overlays or said, rules=replace(rules, environment=name))


def _settings_path(repository: Repository, commit: Commit, here: str) -> str | None:
    """Return the settings of the folder, or of the nearest one above it, as of a revision."""
    folder = "" if here == "." else here
    while True:
        path = posixpath.join(folder, FILE_NAME)
        if repository.has(commit, path):
            return path
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _named(problem: Problem, root: Path, commit: Commit) -> Problem:
    """Return the problem with its files, those in its words too, named as of the revision."""

    def named(text: str) -> str:
        return text.replace(f"{root.as_posix()}/", f"{commit.name}:").replace(root.as_posix(), f"{commit.name}:.")

    return replace(problem, file=named(problem.file), message=named(problem.message), remedy=named(problem.remedy))
