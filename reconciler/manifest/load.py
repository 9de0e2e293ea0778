"""Load manifests: from paths to the desired state, or to every problem at once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reconciler.kinds.registry import kinds_in
from reconciler.manifest.document import Document
from reconciler.manifest.file_documents import File, read_file, read_files
from reconciler.manifest.files import Candidate, FoundFiles, find, text_of
from reconciler.manifest.overlay import name_of, overlaid
from reconciler.manifest.positions import Source, Sources
from reconciler.manifest.read import OVERLAY, Entry, read_manifest
from reconciler.manifest.recognition import PassedOver, says_ours
from reconciler.manifest.references import PARTNERS_SUFFIX, Referred
from reconciler.manifest.rules import check
from reconciler.manifest.settings_file import FILE_NAME, overlay_folders
from reconciler.manifest.shared import SharedFacts, files_named_in, is_shared
from reconciler.model.address import Address
from reconciler.model.errors import ManifestError, Problem
from reconciler.model.manifest import LISTS, DesiredState, IntegrationOrganization, Realm

_NAMED: Final = 10
"""How many files one sentence names."""

_NAME_OR_ALLOW: Final = (
    "Name a file or folder with manifests: --file PATH. To retire the last organization, write allowEmpty: true into "
    "its environment of reconciler.yaml."
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the manifests say, and where they say it."""

    desired: DesiredState
    sources: Sources
    files: tuple[str, ...]
    """The files that hold manifests."""
    passed_over: tuple[PassedOver, ...]
    """The YAML files in the given folders that are not ours, and what they are."""

    @property
    def skipped(self) -> tuple[str, ...]:
        """Return the names of the files that were passed over."""
        return tuple(each.file for each in self.passed_over)


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
    files: tuple[File, ...]
    overlays: tuple[Document, ...]
    overlays_are_unread: bool
    """Whether there is an overlay that cannot be read."""
    shared: frozenset[str]
    """The files whose profiles, groups and partners others refer to: what refers to something invalid is so itself."""


def load(
    paths: Sequence[Path], *, overlays: Path | None = None, now: datetime | None = None, allow_empty: bool = False
) -> Loaded:
    """Return the desired state that the manifests at ``paths`` (files and folders) declare.

    ``overlays`` is a folder, or a file, with what one environment changes. The order of paths, files and lists has no
    influence on the result. ``now`` is the moment after which no agreement can have been accepted, by default the
    current one. That there is no manifest is an error unless ``allow_empty``.

    Raises:
        ManifestError: Something is wrong; it carries every problem of every file.
    """
    return _valid(_found(find(paths), _at(overlays), now, Referred()), paths, allow_empty=allow_empty)


def load_texts(
    manifests: Mapping[str, str], overlays: Mapping[str, str] | None, *, allow_empty: bool = False
) -> Loaded:
    """Return what the manifests declare that are at hand as texts, by the names that their files had.

    Raises:
        ManifestError: Something is wrong.
    """
    held = _held(manifests), None if overlays is None else _held(overlays)
    found = _found(*held, None, Referred(texts={**manifests, **(overlays or {})}))
    return _valid(found, (), allow_empty=allow_empty)


def load_what_is_valid(paths: Sequence[Path], *, overlays: Path | None = None, root: Path | None = None) -> Partial:
    """Return what is valid of the manifests at ``paths``; that there is nothing is no problem.

    ``root`` is the folder of the repository, where nothing else tells.

    Everything in a file with a problem counts as broken: a rule between documents names only one of them.
    """
    found = _found(find(paths), _at(overlays), None, Referred(root))
    wrong = {problem.file for problem in found.problems}
    changed = {name_of(overlay) for overlay in found.overlays if overlay.file in wrong}
    # An overlay that cannot be read may be about anything.
    suspects = [
        entry
        for entry in found.entries
        if found.overlays_are_unread
        or entry.manifest is None
        or entry.document.file in wrong
        or name_of(entry.document) in changed
    ]
    named = {_address_said(entry) for entry in suspects}
    valid = [entry for entry in found.entries if _address_said(entry) not in named]
    read = {document.file for document in (*found.overlays, *(entry.document for entry in found.entries))} | {
        *found.shared
    }
    return Partial(
        loaded=_loaded(valid, found.files),
        problems=found.problems,
        broken=frozenset(address for address in named if address),
        is_known=None not in named and wrong <= read and not any(file.is_cut_off for file in found.files),
    )


def _at(overlays: Path | None) -> FoundFiles | None:
    return None if overlays is None else find([overlays])


def _held(texts: Mapping[str, str]) -> FoundFiles:
    named = sorted(item for item in texts.items() if not item[0].endswith(PARTNERS_SUFFIX))
    return FoundFiles(tuple(Candidate(Path(name), named=True, text=text) for name, text in named), ())


def _valid(found: _Found, paths: Sequence[Path], *, allow_empty: bool) -> Loaded:
    problems = list(found.problems)
    if not (problems or found.entries or allow_empty):
        problems.append(_nothing_found(paths, _passed_over(found.files)))
    if problems:
        raise ManifestError(problems)
    return _loaded(found.entries, found.files)


def _found(found: FoundFiles, overlays: FoundFiles | None, now: datetime | None, referred: Referred) -> _Found:
    apart = {os.path.realpath(each.path) for each in overlays.candidates} if overlays else set()
    candidates = [each for each in found.candidates if each.named or os.path.realpath(each.path) not in apart]
    folders = _folders_of_overlays(found)
    files = tuple(_without_overlays(file, folders) for file in read_files(candidates))
    ours = [file for file in files if file.ours]
    changes, problems_of_overlays = _overlays(overlays)
    documents = [document for file in ours for document in file.documents]
    shared = SharedFacts(tuple(read_manifest(each) for each in documents if is_shared(each)), referred.text_of)
    own = [document for document in documents if not is_shared(document)]
    merged, problems_of_merging = overlaid(own, changes, shared.completed)
    entries = tuple(read_manifest(shared.expanded(document)) for document in merged)
    problems = (
        *found.problems,
        *(problem for file in ours for problem in file.problems),
        *problems_of_overlays,
        *problems_of_merging,
        *shared.problems(),
        *(problem for entry in entries for problem in entry.problems),
        *check(entries, now or datetime.now(UTC)),
    )
    of_others = frozenset((*(entry.document.file for entry in shared.entries), *referred.read))
    return _Found(entries, problems, files, tuple(changes), bool(problems_of_overlays), of_others)


def _without_overlays(file: File, folders: frozenset[Path]) -> File:
    """Return the file; one with nothing but overlays, where another environment's are, is passed over and named."""
    if not file.ours or file.problems or folders.isdisjoint(Path(os.path.realpath(file.name)).parents):
        return file
    is_apart = all(isinstance(each.value, dict) and each.value.get("kind") == OVERLAY for each in file.documents)
    return replace(file, what="overlays of another environment") if is_apart else file


def _folders_of_overlays(found: FoundFiles) -> frozenset[Path]:
    """Return where the settings at, or above, the manifests say that overlays are, of whichever environment."""
    folders = {Path(os.path.realpath(each.path)).parent for each in found.candidates if each.text is None}
    settings = {above / FILE_NAME for folder in folders for above in (folder, *folder.parents)}
    return frozenset(folder for file in settings if file.is_file() for folder in overlay_folders(file))


def _loaded(entries: Sequence[Entry], files: Sequence[File]) -> Loaded:
    ours = tuple(file.name for file in files if file.ours)
    return Loaded(desired_by(entries), _sources(entries), ours, _passed_over(files))


def _passed_over(files: Sequence[File]) -> tuple[PassedOver, ...]:
    return tuple(PassedOver(file.name, file.what) for file in files if not file.ours)


def texts_at(paths: Sequence[Path]) -> tuple[dict[Path, str], tuple[Problem, ...]]:
    """Return the text of every file at ``paths`` with manifests or overlays, be they valid or not, by its path.

    The problems are those of files and folders that cannot be read.
    """
    found = find(paths)
    texts: dict[Path, str] = {}
    problems = list(found.problems)
    for candidate in found.candidates:
        if not candidate.is_read or not (file := read_file(candidate)).ours:
            continue
        try:
            text = text_of(candidate)
        except ValueError:
            problems += file.problems
            continue
        # What only may be meant to be ours, is left alone.
        if candidate.named or says_ours(text):
            texts[candidate.path] = text
    return texts, tuple(problems)


def partner_files(paths: Sequence[Path], root: Path | None = None) -> tuple[Path, ...]:
    """Return the CSV files that the manifests and overlays at ``paths`` name, sorted, be they there or not."""
    texts, _ = texts_at(paths)
    naming = [path for path, text in texts.items() if "partnersFrom" in text]
    referred = Referred(root)
    return tuple(
        sorted(
            {
                referred.path_of(document.file, name)
                for path in naming
                for document in read_file(Candidate(path, named=True)).documents
                for name in files_named_in(document)
            }
        )
    )


def _overlays(found: FoundFiles | None) -> tuple[list[Document], list[Problem]]:
    """Return every overlay of the files; a manifest there is refused, another program's file is passed over."""
    if found is None:
        return [], []
    files = [file for file in read_files(found.candidates) if file.ours]
    problems = [problem for file in files for problem in file.problems]
    return [document for file in files for document in file.documents], [*found.problems, *problems]


def _nothing_found(paths: Sequence[Path], passed_over: Sequence[PassedOver]) -> Problem:
    places = ", ".join(sorted(path.as_posix() for path in paths)) or "nowhere"
    named = "; ".join(map(str, passed_over[:_NAMED]))
    more = f"; and {len(passed_over) - _NAMED} more" if len(passed_over) > _NAMED else ""
    others = f" Skipped YAML files of other programs: {named}{more}." if passed_over else ""
    return Problem(places, 0, 0, "", f"No manifest was found here.{others}", _NAME_OR_ALLOW)


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
