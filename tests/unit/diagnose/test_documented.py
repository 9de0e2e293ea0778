"""The page about the doctor names every cause that it can name, and no other."""

import ast
import re
from pathlib import Path

from reconciler.model.diagnosis import CheckName
from reconciler.model.probe import ProbeFailure

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
CAUSES = {"Cause", "certain"}
"""What makes a cause."""
BY_ANSWER = {CheckName.ANSWER}


def codes() -> set[str]:
    """Return every code of a cause that is written down in the source."""
    found: set[str] = set(ProbeFailure)
    for file in (ROOT / "reconciler" / "diagnose").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            is_cause = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CAUSES
            if is_cause and isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def test_every_cause_is_documented() -> None:
    assert len(codes()) > 50
    assert {code for code in codes() if f"`{code}`" not in PAGE} == set()


def test_every_check_is_documented() -> None:
    assert {name for name in CheckName if name not in BY_ANSWER and f"`{name}`" not in PAGE} == set()


def test_codes_are_words_with_hyphens() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes())
