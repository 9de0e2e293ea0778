"""From one file to its documents: whose they are, and why what cannot be read cannot."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.manifest.content import SOPS, Unreadable, conflict_in, emptiness_of, template_in
from reconciler.manifest.document import Document, read
from reconciler.manifest.files import Candidate, text_of
from reconciler.manifest.positions import Position
from reconciler.manifest.recognition import foreign, foreign_text, says_ours
from reconciler.manifest.syntax import BadSyntax
from reconciler.model.errors import Problem
from reconciler.model.text import file_name


@dataclass(frozen=True, slots=True)
class File:
    """What one file holds."""

    name: str
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    what: str = ""
    """What it is, where another program reads it."""

    @property
    def ours(self) -> bool:
        """Tell whether it holds manifests, or means to."""
        return not self.what

    @property
    def is_cut_off(self) -> bool:
        """Tell whether there may be documents in it that could not be read."""
        return self.ours and bool(self.problems)


def read_files(candidates: Sequence[Candidate]) -> tuple[File, ...]:
    """Return what the files hold; of those that are not read, only the ones that hold manifests nevertheless."""
    read_ones = (read_file(each) if each.is_read else _misnamed(each) for each in candidates)
    return tuple(file for file in read_ones if file is not None)


def _misnamed(candidate: Candidate) -> File | None:
    try:
        if not _is_ours_nevertheless(text_of(candidate), candidate.path.suffix.lower()):
            return None
    except (Unreadable, ValueError, RecursionError):
        return None
    message = "It looks like a manifest, but is not read: in folders, only *.yaml and *.yml are."
    remedy = f"Rename it to {candidate.path.name.split('.')[0]}.yaml (JSON is YAML, too), or name it: --file PATH."
    return File(file_name(candidate.path), (), (Problem(file_name(candidate.path), 1, 1, "", message, remedy),))


def _is_ours_nevertheless(text: str, suffix: str) -> bool:
    if not says_ours(text):
        return False
    if suffix != ".json":
        return True
    # A word that we know, somewhere inside, is another program's affair.
    value = json.loads(text)
    return isinstance(value, dict) and says_ours(json.dumps({key: value.get(key) for key in ("apiVersion", "kind")}))


def read_file(candidate: Candidate) -> File:
    """Return what the file holds; what is wrong with its text is among its problems."""
    name = file_name(candidate.path)
    try:
        text = text_of(candidate)
    except Unreadable as error:
        at = (error.line, 1) if error.line else (0, 0)
        return File(name, (), (Problem(name, *at, "", str(error), error.remedy),))
    documents: list[Document] = []
    problems: tuple[Problem, ...] = ()
    try:
        documents.extend(read(name, text))
    except BadSyntax as error:
        problem = Problem(name, *error.mark, "", error.message, error.remedy)
        problems = (_caused(problem, conflict_in(text) or template_in(text, problem.line)),)
    whose = [foreign(document) for document in documents]
    if problems and all(whose):
        # What follows could not be read: it may be anything, where the text does not say otherwise.
        whose.append(foreign_text(candidate.path, text))
    if not whose:
        problems = (Problem(name, 1, 1, "", emptiness_of(text), "Write a manifest, or remove the file."),)
    elif not candidate.named and all(whose):
        return File(name, tuple(documents), problems, ", ".join(dict.fromkeys(map(str, whose))))
    encrypted = [each for each in documents if not foreign(each) and _is_encrypted(each)]
    problems += tuple(Problem(name, *each.root.nearest(("sops",)).start, "sops", *SOPS) for each in encrypted)
    readable = tuple(_in_their_cause(each, text) for each in documents if each not in encrypted)
    return File(name, readable, problems)


def _is_encrypted(document: Document) -> bool:
    return isinstance(document.value, dict) and isinstance(document.value.get("sops"), dict)


def _caused(problem: Problem, cause: tuple[Position, str, str] | None) -> Problem:
    if cause is None:
        return problem
    place, message, remedy = cause
    return Problem(problem.file, place.line, place.column, "", message, remedy)


def _in_their_cause(document: Document, text: str) -> Document:
    """Return the document with one problem, in place of all, where a line is a template's."""
    caused = (_caused(problem, template_in(text, problem.line)) for problem in document.problems)
    return replace(document, problems=tuple(dict.fromkeys(caused)))
