"""A use case knows what it is given: no terminal, no environment, no current folder, and nothing that outlives it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import reconciler.app

FILES = sorted(Path(reconciler.app.__path__[0]).rglob("*.py"))
FORBIDDEN = {
    "print", "input", "open", "exit", "quit", "environ", "environb", "getenv", "getcwd", "chdir", "cwd",
    "expanduser", "stdin", "stdout", "stderr", "argv", "isatty", "getuser", "getlogin",
}  # fmt: skip
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_use_case_touches_no_surroundings(file: Path) -> None:
    assert list(surroundings(ast.parse(file.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "print('x')", "os.environ['A']", "os.getenv('A')", "Path.cwd()", "Path.home()", "os.getcwd()", "sys.exit(1)",
        "raise SystemExit", "from os import environ", "from sys import exit as leave", "sys.stdin.isatty()",
        "known = set()", "KNOWN: Final = {}", "def f():\n    global x\n    x = 1",
    ],
)  # fmt: skip
def test_the_check_sees(source: str) -> None:
    assert list(surroundings(ast.parse(source)))


def surroundings(tree: ast.Module) -> Iterator[str]:
    """Yield what a module takes from around it, or keeps for longer than a call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (node.attr in FORBIDDEN or ast.unparse(node) == "Path.home"):
            yield f"{node.lineno}: .{node.attr}"
        if isinstance(node, ast.Name) and node.id in FORBIDDEN | {"SystemExit"}:
            yield f"{node.lineno}: {node.id}"
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.lineno}: {each.name}" for each in node.names if each.name in FORBIDDEN)
        if isinstance(node, ast.Global):
            yield f"{node.lineno}: global"
    for statement in tree.body:
        value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
        is_made = (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Name)
            and value.func.id in {"set", "dict", "list"}
        )
        if isinstance(value, MUTABLE) or is_made:
            yield f"{statement.lineno}: a value that can change"
