"""What is advised for a mistake in a manifest is accepted where it is written: each mistake of ``cases`` is tried."""

import json
from pathlib import Path

import pytest

from reconciler.manifest.document import Document, read
from reconciler.manifest.read import read_manifest
from reconciler.manifest.syntax import BadSyntax
from tests.unit.manifest.advice import at, changed, proposals

FILES = sorted((Path(__file__).parent / "cases").glob("*/*.yaml"))


def documents(text: str) -> list[Document]:
    """Return the documents that can be compared with a kind; none where the text is no YAML of ours."""
    try:
        return [document for document in read("a.yaml", text) if not document.problems]
    except BadSyntax:
        return []


def tried(file: Path) -> int:
    """Write whatever is advised, one thing at a time, and return how often something was."""
    count = 0
    for document in documents(file.read_text(encoding="utf-8", errors="replace")):
        for problem in read_manifest(document).problems:
            for proposal in proposals(problem, at(document.value, problem.path)):
                (after,) = documents(json.dumps(changed(document.value, problem.path, proposal)))
                found = [each for each in read_manifest(after).problems if each.path == problem.path]
                assert not found, (problem, proposal)
                count += 1
    return count


@pytest.mark.parametrize("name", sorted({file.parent.name for file in FILES}))
def test_it_is_accepted(name: str) -> None:
    for file in FILES:
        if file.parent.name == name:
            tried(file)


def test_advice_is_found() -> None:
    assert sum(map(tried, FILES)) > 300
