"""What ``diff`` does: read both sides, compare them, and ask the policies."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from reconciler.adapters.git import Commit, Repository
from reconciler.adapters.revision import revision_of
from reconciler.cli.environment import said_for
from reconciler.cli.revisions import COMMON, HEAD, RANGE, Declared, Question, Rules, commit_of, declared_at, question_of
from reconciler.manifest.load import load_what_is_valid
from reconciler.manifest.places import placed
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.errors import ManifestError, WrongUsage
from reconciler.model.layout import DEFAULT_OWNER, DEFAULT_REALM
from reconciler.model.observed import ReadFailure
from reconciler.model.origin import Base
from reconciler.model.plan import Plan
from reconciler.plan.declared import declared_changes
from reconciler.plan.effective import declared_names
from reconciler.plan.order import restricted
from reconciler.plan.policy import evaluated, with_rules_of

_TREE: Final = "the work tree"
_SHORT: Final = 12
_UNDECLARED_REALM: Final = "The realm is not declared any more: its scaffolding stays as it is, and is not watched."


@dataclass(frozen=True, slots=True)
class _Head:
    """The newer side, and when it was written."""

    declared: Declared
    name: str
    revision: str
    at: datetime


def compared(
    context: click.Context, revisions: str, files: tuple[Path, ...], overlays: Path | None, targets: tuple[Address, ...]
) -> Plan:
    """Return what the two sides declare differently, with what policies say of it.

    Raises:
        ManifestError: A manifest of the newer side is wrong; it carries every problem.
        WrongUsage: A revision does not exist, or neither side declares anything.
    """
    repository = Repository.around(files[0])
    question = question_of(context, repository, files, overlays)
    base_commit, head_commit = _sides(repository, revisions)
    base = declared_at(repository, base_commit, question)
    if head_commit is None:
        head = _work_tree(context, files, overlays, repository)
    else:
        head = _revision(repository, head_commit, question)
    if not base.is_there and not head.declared.is_there:
        raise WrongUsage(
            f"Neither {base_commit.name} nor {head.name} has anything at {', '.join(question.today)}.",
            remedy="Name a file or folder with manifests: --file PATH.",
        )
    said, settings = said_for(context), head.declared.rules.file
    policies = settings.policies if settings else ()
    before = base.before(_base(base, head), settings)
    plan = replace(_plan(base, head, said.defaults), base=before.base)
    changes = restricted(plan.changes, targets)
    plan = replace(plan, changes=changes, targets=tuple(sorted(set(targets), key=lambda each: each.sort_key)))
    plan = placed(plan, head.declared.partial.loaded.sources, head.declared.root)
    return evaluated(with_rules_of(before, plan, policies, said.environment), policies, said.environment)


def _sides(repository: Repository, revisions: str) -> tuple[Commit, Commit | None]:
    """Return the two sides; None for the work tree."""
    if COMMON in revisions:
        return commit_of(repository, revisions), repository.commit(revisions.partition(COMMON)[2] or HEAD)
    one, dots, other = revisions.partition(RANGE)
    return repository.commit(one or HEAD), repository.commit(other or HEAD) if dots else None


def _revision(repository: Repository, commit: Commit, question: Question) -> _Head:
    found = declared_at(repository, commit, question, strict=True)
    return _Head(found, f"{commit.name} ({commit.hash[:_SHORT]})", commit.hash, repository.time_of(commit))


def _work_tree(context: click.Context, files: tuple[Path, ...], overlays: Path | None, repository: Repository) -> _Head:
    # What is not there any more was deleted.
    there = [path for path in files if path.exists()]
    partial = load_what_is_valid(there, overlays=overlays)
    if partial.problems:
        raise ManifestError(partial.problems)
    read = files if overlays is None else (*files, overlays)
    declared = Declared(repository.commit(HEAD), partial, Path.cwd(), bool(there), (), Rules(said_for(context).file))
    return _Head(declared, _TREE, revision_of(read), datetime.now(UTC))


def _plan(base: Declared, head: _Head, defaults: dict[str, str]) -> Plan:
    old, new = base.partial.loaded.desired, head.declared.partial.loaded.desired
    declared = new.realm or old.realm
    realm = declared.name if declared else defaults.get("realm", DEFAULT_REALM)
    owner = defaults.get("owner", DEFAULT_OWNER)
    changes = declared_changes(old, new, realm, owner)
    known = {Address.organization(each.name) for each in old.organizations}
    known |= {Address.realm(old.realm.name)} if old.realm else set()
    return Plan(
        realm=realm,
        owner=owner,
        created_at=head.at,
        changes=tuple(each for each in changes if _is_known(each, base, known)),
        unchanged=(),
        findings=(),
        unmanaged=(),
        read_failures=tuple(_read_failures(changes, base, known)),
        references={},
        names={**declared_names(old), **declared_names(new)},
        asked_effective=False,
        keycloak_url=defaults.get("keycloak_url", ""),
        revision=head.revision,
    )


def _base(base: Declared, head: _Head) -> Base:
    is_gone = base.partial.loaded.desired.realm and not head.declared.partial.loaded.desired.realm
    notes = (
        *base.notes,
        *map(str, base.partial.problems),
        *head.declared.notes,
        *([_UNDECLARED_REALM] if is_gone else []),
    )
    return Base(base.commit.name, base.commit.hash, notes=notes, head=head.name)


def _is_known(change: Change, base: Declared, known: set[Address]) -> bool:
    """Tell whether the base says what the resource was, or that there was none."""
    home = change.address.home
    return home not in base.partial.broken and (base.partial.is_known or home in known)


def _read_failures(changes: tuple[Change, ...], base: Declared, known: set[Address]) -> Iterator[ReadFailure]:
    """Yield what is not compared, because the base is invalid."""
    lost = {each.address.home for each in changes if not _is_known(each, base, known)} | base.partial.broken
    for address in sorted(lost, key=lambda each: each.sort_key):
        yield ReadFailure(
            f"{address} at {base.commit.name}",
            "a manifest is invalid there, so that it is not compared",
            "The lines are named below.",
        )
