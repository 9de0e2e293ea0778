"""What is read is what yaml-test-suite says, by both parsers; the rest is refused, with a sentence."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from reconciler.manifest import syntax
from reconciler.manifest.document import read
from reconciler.manifest.syntax import BadSyntax

SUITE: Final = Path(__file__).parent / "yaml_test_suite"
CASES: Final[dict[str, dict[str, Any]]] = json.loads((SUITE / "cases.json").read_text(encoding="utf-8"))
PARSERS: Final = [parser for name in ("CSafeLoader", "SafeLoader") if (parser := getattr(yaml, name, None))]
REFUSED_BY_ONE: Final = frozenset({"4ABK", "JR7V", "WZ62"})
"""Brackets in which only one of the parsers knows what ':' and '?' beside each other mean."""
BEYOND_JSON: Final = {
    "UKK6/02": [""],
    "4ABK": [{"unquoted": "separate", "http://foo.com": None, "omitted value": None}],
}
"""What is read of texts for which the suite has no JSON, by the events that it has for them."""


def outcome(text: str) -> list[object] | str:
    """Return the documents that are not empty, or why the text is refused."""
    try:
        documents = list(read("x.yaml", text))
    except BadSyntax as error:
        return error.message
    problems = [problem.message for document in documents for problem in document.problems]
    return problems[0] if problems else [document.value for document in documents]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@pytest.mark.parametrize("name", CASES)
def test_a_text_means_what_the_suite_says_or_is_refused(
    name: str, parser: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syntax, "LOADER", parser)
    found, case = outcome(CASES[name]["yaml"]), CASES[name]
    if not isinstance(found, str):
        assert not case.get("error"), f"invalid, and read as {found}"
        expected = case.get("documents", BEYOND_JSON.get(name))
        assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


@pytest.mark.skipif(len(PARSERS) == 1, reason="PyYAML's parser in C was not built")
@pytest.mark.parametrize("name", sorted(CASES.keys() - REFUSED_BY_ONE))
def test_both_parsers_read_or_refuse_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for parser in PARSERS:
        monkeypatch.setattr(syntax, "LOADER", parser)
        found.append(outcome(CASES[name]["yaml"]))
    assert [isinstance(each, str) for each in found] in ([True, True], [False, False])


@pytest.mark.skipif(len(PARSERS) == 1, reason="PyYAML's parser in C was not built")
def test_what_is_valid_and_refused_is_listed(update: bool) -> None:
    found = {name: outcome(case["yaml"]) for name, case in CASES.items() if not case.get("error")}
    text = "".join(f"{name}: {said}\n" for name, said in found.items() if isinstance(said, str))
    if update:
        (SUITE / "refused.txt").write_text(text, encoding="utf-8")
    assert text == (SUITE / "refused.txt").read_text(encoding="utf-8")
