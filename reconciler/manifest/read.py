"""From one document to one manifest, with every mistake in plain words at its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reconciler.manifest.document import Document
from reconciler.manifest.explain import Words, closest, meant_key, words_for
from reconciler.manifest.positions import Position, Spot, Step, path_text
from reconciler.manifest.shape import MODELS
from reconciler.model.errors import MAX_SHOWN, Problem
from reconciler.model.lifecycle import ENTRY_FORM, PATH_FORM
from reconciler.model.manifest import API_VERSION, FLAG_FORM, GRANT_FORM, AnyManifest, parse_document
from reconciler.model.text import quoted

OVERLAY: Final = "OrganizationOverlay"
"""The kind of an overlay: what an environment changes in a manifest."""

_OVERLAY_ELSEWHERE: Final = (
    f"Move it out of the folders of manifests, and name its folder: overlays in reconciler.yaml, or --overlays DIR "
    f"(kind: {OVERLAY})."
)

_KEY_OF_MAPPING = "[key]"
"""Where pydantic's location means the key itself."""
_NOWHERE: Final = frozenset({_KEY_OF_MAPPING, PATH_FORM, ENTRY_FORM, FLAG_FORM, GRANT_FORM})
"""Steps of pydantic's locations that stand in no file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document and what it says; no manifest if it is wrong."""

    document: Document
    manifest: AnyManifest | None
    problems: tuple[Problem, ...]

    @property
    def kind(self) -> str:
        """Return the kind that the document names, be it valid or not."""
        return str(self.raw("kind"))

    def raw(self, *steps: Step) -> Any:
        """Return the plain value at ``steps``, or nothing."""
        value: Any = self.document.value
        for step in steps:
            in_mapping = isinstance(value, dict) and step in value
            in_list = isinstance(value, list) and isinstance(step, int) and step < len(value)
            if not in_mapping and not in_list:
                return None
            value = value[step]
        return value

    def raw_list(self, *steps: Step) -> list[Any]:
        """Return the plain list at ``steps``, or an empty one."""
        value = self.raw(*steps)
        return value if isinstance(value, list) else []

    def problem(self, steps: Sequence[Step], message: str, remedy: str) -> Problem:
        """Return a problem at the value of ``steps``."""
        spot = self.document.root.nearest(steps)
        return Problem(spot.file or self.document.file, *spot.value, path_text(steps), message, remedy)


def read_manifest(document: Document) -> Entry:
    """Return what the document says, with every problem of it alone."""
    entry = Entry(document, None, document.problems)
    unfit = _unfit(entry)
    if unfit is not None:
        return Entry(document, None, (*document.problems, unfit))
    try:
        manifest = parse_document(document.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        return Entry(document, None, (*document.problems, *_problems(entry, details)))
    is_known = not document.problems and not document.is_incomplete
    return Entry(document, manifest if is_known else None, document.problems)


def _unfit(entry: Entry) -> Problem | None:
    """Say why the document cannot be compared with any kind of manifest."""
    if not isinstance(entry.document.value, dict):
        return entry.problem((), "This is not a manifest.", f"Start it with 'apiVersion: {API_VERSION}'.")
    kind = entry.raw("kind")
    if isinstance(kind, str) and kind in MODELS:
        return None
    allowed = f"Allowed: {', '.join(MODELS)}."
    if isinstance(kind, str) and kind.casefold() == OVERLAY.casefold():
        return entry.problem(("kind",), "This is an overlay among the manifests.", _OVERLAY_ELSEWHERE)
    if kind is None and entry.raw("apiVersion") is None:
        remedy = f"Add apiVersion: {API_VERSION}, and kind. {allowed} Or move another program's file elsewhere."
        return entry.problem(("kind",), "The document has no kind.", remedy)
    if kind is None:
        return entry.problem(("kind",), "The document has no kind.", f"Add kind. {allowed}")
    if not isinstance(kind, str):
        return entry.problem(("kind",), "This is not a kind of manifest.", allowed)
    return entry.problem(("kind",), f"{quoted(kind)} is not a kind of manifest.", f"{closest(kind, MODELS)}{allowed}")


def _problems(entry: Entry, details: Sequence[ErrorDetails]) -> Iterator[Problem]:
    document = entry.document
    model = MODELS[entry.kind]
    unknown = [error for error in details if error["type"] == "extra_forbidden"]
    meant = {meant_key(model, _steps(error)) for error in unknown[:MAX_SHOWN]}
    refused = {problem.path for problem in document.problems}
    placed = [(place_of(document.root, _steps(error), error), error) for error in details]
    for number, (place, error) in enumerate(sorted(placed, key=lambda each: each[0].mark)):
        steps = _steps(error)
        if path_text(steps) in refused:
            continue
        # A key that was refused for its form or its spelling is missing only because of that.
        if error["type"] == "missing" and (document.problems or steps in meant):
            continue
        # To find what was meant takes a millisecond, and nobody sees more of them.
        words = words_for(error, model, steps, place.written) if number < MAX_SHOWN else Words("It is wrong.", "")
        yield Problem(place.file or document.file, *place.mark, path_text(steps), *words)


def _steps(error: ErrorDetails) -> tuple[Step, ...]:
    _kind, *location = error["loc"]
    return keys_and_indexes(location)


def keys_and_indexes(location: Sequence[Step]) -> tuple[Step, ...]:
    """Return pydantic's location without words that stand in no file: its own, and the names of forms of an item."""
    return tuple(step for step in location if step not in _NOWHERE)


class PlaceOfError(NamedTuple):
    """Where a reader finds what pydantic complains about; ``file`` is empty for the document's own."""

    mark: Position
    file: str
    written: str | None


def place_of(root: Spot, steps: Sequence[Step], error: ErrorDetails) -> PlaceOfError:
    """Return the place of an error: the value's, or the key's where that is what is wrong."""
    if error["type"] == "missing":
        parent = root.nearest(steps[:-1])
        return PlaceOfError(parent.start, parent.file, None)
    spot = root.nearest(steps)
    at_key = _KEY_OF_MAPPING in error["loc"] or error["type"] == "extra_forbidden" or error["input"] is None
    return PlaceOfError(spot.start if at_key else spot.value, spot.file, spot.text)
