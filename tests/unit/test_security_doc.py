"""Each sentence of docs/security.md names a test, and that test exists."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
_TEST = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")
ROWS = [
    line
    for line in (HERE / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| sentence")
]


def test_there_are_sentences() -> None:
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_a_sentence_is_shown_by_tests_that_exist(row: str) -> None:
    named = _TEST.findall(row.rsplit(" | ", maxsplit=1)[-1])
    assert named, row
    for path, name in named:
        tree = ast.parse((HERE / "tests" / path).read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert not name or name in functions, f"{path} has no test {name}"
