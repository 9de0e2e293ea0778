"""Load manifests: from paths to the desired state, or to every problem at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reconciler.kinds.registry import kinds_in
from reconciler.manifest.document import Document, read
from reconciler.manifest.files import Candidate, FoundFiles, NotUtf8, find, text_of, whole_file
from reconciler.manifest.overlay import is_overlay, name_of, overlaid
from reconciler.manifest.positions import Source, Sources
from reconciler.manifest.read import Entry, is_ours, read_manifest
from reconciler.manifest.rules import check
from reconciler.manifest.syntax import BadSyntax
from reconciler.model.address import Address
from reconciler.model.errors import ManifestError, Problem
from reconciler.model.manifest import LISTS, DesiredState, IntegrationOrganization, Realm

_LOOKS_OURS: Final = re.compile(
    r"""^["']?(apiVersion["']?\s*:\s*["']?reconciler/|kind["']?\s*:\s*["']?IntegrationOrganization)""", re.MULTILINE
)
"""How a file in a folder shows that it is a manifest when it cannot be read as YAML."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the manifests say, and where they say it."""

    desired: DesiredState
    sources: Sources
    files: tuple[str, ...]
    """The files that hold manifests."""
    skipped: tuple[str, ...]
    """The YAML files in the given folders that are not ours."""


@dataclass(frozen=True, slots=True)
class _File:
    """What one file holds."""

    name: str
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    ours: bool

    @property
    def is_cut_off(self) -> bool:
        """Tell whether there may be documents in it that could not be read."""
        return self.ours and bool(self.problems)


@dataclass(frozen=True, slots=True)
class Partial:
    """What is valid of manifests, and what is not.

    ``broken`` are the organizations, and the realm, that the invalid parts are about, as far as they say so; where
    they do not, ``is_known`` is False: anything may be declared there.
    """

    loaded: Loaded
    problems: tuple[Problem, ...]
    broken: frozenset[Address]
    is_known: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything at some paths, be it valid or not."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    files: tuple[_File, ...]
    overlays: tuple[Document, ...]
    overlays_are_unread: bool
    """Whether there is an overlay that cannot be read."""


def load(paths: Sequence[Path], *, overlays: Path | None = None, now: datetime | None = None) -> Loaded:
    """Return the desired state that the manifests at ``paths`` (files and folders) declare.

    ``overlays`` is a folder, or a file, with what one environment changes. The order of paths, files and lists has no
    influence on the result. ``now`` is the moment after which no agreement can have been accepted, by default the
    current one.

    Raises:
        ManifestError: Something is wrong; it carries every problem of every file.
    """
    return _valid(_found(find(paths), _at(overlays), now), paths)


def load_texts(manifests: Mapping[str, str], overlays: Mapping[str, str] | None) -> Loaded:
    """Return what the manifests declare that are at hand as texts, by the names that their files had.

    Raises:
        ManifestError: Something is wrong.
    """
    return _valid(_found(_held(manifests), None if overlays is None else _held(overlays), None), ())


def load_what_is_valid(paths: Sequence[Path], *, overlays: Path | None = None) -> Partial:
    """Return what is valid of the manifests at ``paths``; that there is nothing is no problem.

    Everything in a file with a problem counts as broken: a rule between documents names only one of them.
    """
    found = _found(find(paths), _at(overlays), None)
    wrong = {problem.file for problem in found.problems}
    changed = {name_of(overlay) for overlay in found.overlays if overlay.file in wrong}
    # An overlay that cannot be read may be about anything.
    suspects = [
        entry
        for entry in found.entries
        if found.overlays_are_unread or entry.document.file in wrong or name_of(entry.document) in changed
    ]
    named = {_address_said(entry) for entry in suspects}
    valid = [entry for entry in found.entries if _address_said(entry) not in named]
    read = {document.file for document in (*found.overlays, *(entry.document for entry in found.entries))}
    return Partial(
        loaded=_loaded(valid, found.files),
        problems=found.problems,
        broken=frozenset(address for address in named if address),
        is_known=None not in named and wrong <= read and not any(file.is_cut_off for file in found.files),
    )


def _at(overlays: Path | None) -> FoundFiles | None:
    return None if overlays is None else find([overlays])


def _held(texts: Mapping[str, str]) -> FoundFiles:
    return FoundFiles(tuple(Candidate(Path(name), named=True, text=text) for name, text in sorted(texts.items())), ())


def _valid(found: _Found, paths: Sequence[Path]) -> Loaded:
    problems = list(found.problems)
    if not problems and not found.entries:
        problems.append(_nothing_found(paths, sum(not file.ours for file in found.files)))
    if problems:
        raise ManifestError(problems)
    return _loaded(found.entries, found.files)


def _found(found: FoundFiles, overlays: FoundFiles | None, now: datetime | None) -> _Found:
    files = tuple(_read_file(candidate) for candidate in found.candidates)
    ours = [file for file in files if file.ours]
    changes, problems_of_overlays = _overlays(overlays)
    documents, problems_of_merging = overlaid([document for file in ours for document in file.documents], changes)
    entries = tuple(read_manifest(document) for document in documents)
    problems = (
        *found.problems,
        *(problem for file in ours for problem in file.problems),
        *problems_of_overlays,
        *problems_of_merging,
        *(problem for entry in entries for problem in entry.problems),
        *check(entries, now or datetime.now(UTC)),
    )
    return _Found(entries, problems, files, tuple(changes), bool(problems_of_overlays))


def _loaded(entries: Sequence[Entry], files: Sequence[_File]) -> Loaded:
    ours = tuple(file.name for file in files if file.ours)
    skipped = tuple(file.name for file in files if not file.ours)
    return Loaded(desired_by(entries), _sources(entries), ours, skipped)


def texts_at(paths: Sequence[Path]) -> tuple[dict[Path, str], tuple[Problem, ...]]:
    """Return the text of every file at ``paths`` with manifests or overlays, be they valid or not, by its path.

    The problems are those of files and folders that cannot be read.
    """
    found = find(paths)
    texts: dict[Path, str] = {}
    problems = list(found.problems)
    for candidate in found.candidates:
        file = _read_file(candidate, _is_overlay_or_ours)
        if not file.ours:
            continue
        try:
            texts[candidate.path] = text_of(candidate)
        except ValueError:
            problems += file.problems
    return texts, tuple(problems)


def _overlays(found: FoundFiles | None) -> tuple[list[Document], list[Problem]]:
    """Return every overlay of the files; a manifest there is refused, another program's file is passed over."""
    if found is None:
        return [], []
    files = [_read_file(candidate, _is_overlay_or_ours) for candidate in found.candidates]
    documents = [document for file in files for document in file.documents]
    problems = [problem for file in files if file.ours for problem in file.problems]
    return [document for document in documents if _is_overlay_or_ours(document)], [*found.problems, *problems]


def _is_overlay_or_ours(document: Document) -> bool:
    return is_overlay(document) or is_ours(document)


def _read_file(candidate: Candidate, wanted: Callable[[Document], bool] = is_ours) -> _File:
    name = candidate.path.as_posix()
    try:
        text = text_of(candidate)
    except ValueError as error:
        remedy = "Save it as UTF-8" if isinstance(error, NotUtf8) else "Put a file there that can be read"
        unreadable = whole_file(candidate.path, str(error), f"{remedy}, or leave it out.")
        return _File(name, (), (unreadable,), ours=True)
    documents: list[Document] = []
    problems: tuple[Problem, ...] = ()
    try:
        documents.extend(read(name, text))
    except BadSyntax as error:
        problems = (Problem(name, *error.mark, "", error.message, error.remedy),)
        ours = candidate.named or any(map(wanted, documents)) or _LOOKS_OURS.search(text) is not None
    else:
        ours = candidate.named or any(map(wanted, documents))
    if ours and not documents and not problems:
        problems = (whole_file(candidate.path, "The file holds no document.", "Write a manifest, or leave it out."),)
    return _File(name, tuple(documents), problems, ours)


def _nothing_found(paths: Sequence[Path], skipped: int) -> Problem:
    places = ", ".join(sorted(path.as_posix() for path in paths)) or "nowhere"
    others = f" Other programs' YAML files that were passed over: {skipped}." if skipped else ""
    message = f"No manifest was found here.{others}"
    return Problem(places, 0, 0, "", message, "Name a file or folder with manifests: --file PATH.")


def desired_by(entries: Sequence[Entry]) -> DesiredState:
    """Return the state that valid documents declare, in one order."""
    manifests = [entry.manifest for entry in entries]
    organizations = [each for each in manifests if isinstance(each, IntegrationOrganization)]
    return DesiredState(
        realm=next((each for each in manifests if isinstance(each, Realm)), None),
        organizations=tuple(sorted(map(in_order, organizations), key=lambda each: each.name)),
    )


def in_order(organization: IntegrationOrganization) -> IntegrationOrganization:
    """Return the organization with its clients sorted by id, its partners by UUID, and so on."""
    spec = organization.spec
    lists = {
        name: tuple(sorted(getattr(spec, name), key=lambda each: str(getattr(each, each.IDENTITY)))) for name in LISTS
    }
    return organization.model_copy(update={"spec": spec.model_copy(update=lists)})


def _sources(entries: Sequence[Entry]) -> Sources:
    return Sources(
        MappingProxyType(
            {
                address: Source(entry.document.file, entry.document.root)
                for entry in entries
                if entry.manifest is not None and (address := _address_said(entry)) is not None
            }
        )
    )


def _address_said(entry: Entry) -> Address | None:
    """Return what the document is about, as far as it says so, be it valid or not."""
    name, kinds = entry.raw("metadata", "name"), kinds_in(entry.kind)
    if kinds and kinds[0].default_name:
        return Address(kinds[0].kind, (name if isinstance(name, str) else kinds[0].default_name,))
    return Address.organization(name) if isinstance(name, str) else None
