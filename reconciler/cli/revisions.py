"""Which revisions, and which files of them, a command line means."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from reconciler.adapters.git import Commit, Repository
from reconciler.adapters.revision import revision_of
from reconciler.adapters.revisions import COMMON, HEAD, RANGE, Question, commit_of, declared_at
from reconciler.app.diff import DiffRequest, Head, before_of
from reconciler.cli.environment import is_said, known_choice, said
from reconciler.manifest.committed import DeclaredRevision, Rules
from reconciler.manifest.load import load_what_is_valid
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.errors import ManifestError, WrongUsage
from reconciler.model.layout import DEFAULT_OWNER
from reconciler.model.origin import Base
from reconciler.plan.since import Before

_TREE: Final = "the work tree"
_SHORT: Final = 12


def base_of(revision: str, files: tuple[Path, ...], overlays: Path | None) -> Before:
    """Return what the manifests of ``--base`` declare; what is invalid there stops nothing, and is noted.

    Raises:
        WrongUsage: It is no revision, or the manifests are in no repository.
    """
    repository = Repository.around(files[0])
    question = _question(repository, files, overlays)
    found = declared_at(repository, commit_of(repository, revision), question)
    base = Base(
        name=revision,
        commit=found.commit,
        unknown=sorted_addresses(found.partial.broken),
        notes=(*found.notes, *map(str, found.partial.problems)),
    )
    before = before_of(found, base, said().file)
    source = click.get_current_context().get_parameter_source("owner")
    if source in {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}:
        return before
    return replace(before, owner=found.rules.owner(DEFAULT_OWNER))


def diff_of(
    revisions: Sequence[str],
    files: tuple[Path, ...],
    overlays: Path | None,
    targets: tuple[Address, ...],
    exclude: tuple[Address, ...],
) -> DiffRequest:
    """Read the two sides that ``diff`` compares.

    Raises:
        ManifestError: A manifest of the newer side is wrong; it carries every problem.
        WrongUsage: A revision does not exist, or neither side declares anything.
    """
    repository = Repository.around(files[0])
    question = _question(repository, files, overlays)
    base_commit, head_commit = _sides(repository, revisions)
    base = declared_at(repository, base_commit, question)
    if head_commit is None:
        head = _work_tree(files, overlays, repository)
    else:
        head = _revision(repository, head_commit, question)
    if not base.is_there and not head.declared.is_there:
        raise WrongUsage(
            f"Neither {base_commit.name} nor {head.name} has anything at {', '.join(question.today)}.",
            remedy="Name a file or folder with manifests: --file PATH.",
        )
    return DiffRequest(base, head, targets, exclude, said().defaults, said().environment)


def _sides(repository: Repository, given: Sequence[str]) -> tuple[Commit, Commit | None]:
    """Return the two sides; None for the work tree.

    Raises:
        WrongUsage: There is no such revision, or more than two were given.
    """
    if len(given) == 2:
        base, head = (commit_of(repository, each) for each in given)
        return base, head
    if len(given) > 2:
        raise WrongUsage(
            f"diff compares two revisions, and {len(given)} were given.",
            remedy="Name the manifests by --file: diff BASE HEAD -f PATH.",
        )
    revisions = given[0] if given else HEAD
    if COMMON in revisions:
        return commit_of(repository, revisions), repository.commit(revisions.partition(COMMON)[2] or HEAD)
    one, dots, other = revisions.partition(RANGE)
    return repository.commit(one or HEAD), repository.commit(other or HEAD) if dots else None


def _revision(repository: Repository, commit: Commit, question: Question) -> Head:
    found = declared_at(repository, commit, question, strict=True)
    return Head(found, f"{commit.name} ({commit.hash[:_SHORT]})", commit.hash, repository.time_of(commit))


def _work_tree(files: tuple[Path, ...], overlays: Path | None, repository: Repository) -> Head:
    # What is not there any more was deleted.
    there = [path for path in files if path.exists()]
    partial = load_what_is_valid(there, overlays=overlays)
    if partial.problems:
        raise ManifestError(partial.problems)
    read = files if overlays is None else (*files, overlays)
    base = repository.commit(HEAD)
    declared = DeclaredRevision(base.name, base.hash, partial, Path.cwd(), bool(there), (), Rules(said().file))
    return Head(declared, _TREE, revision_of(read), datetime.now(UTC))


def _question(repository: Repository, files: tuple[Path, ...], overlays: Path | None) -> Question:
    """Return where a command's options and settings say that manifests are.

    Raises:
        WrongUsage: Some of them are outside of the repository.
    """
    today = tuple(map(repository.relative, files))
    overlays_today = None if overlays is None else repository.relative(overlays)
    config, _ = known_choice(click.get_current_context())
    return Question(
        files=today if is_said("files") else None,
        overlays=overlays_today if is_said("overlays") else None,
        config=None if config is None else repository.relative(config),
        environment=said().environment,
        here=_here(repository),
        today=today,
        overlays_today=overlays_today,
    )


def _here(repository: Repository) -> str:
    try:
        return repository.relative(Path.cwd())
    except WrongUsage:
        return "."
