"""Nothing outside of ``kinds`` asks which kind a resource is of."""

import ast
from pathlib import Path

import reconciler
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.address import Address, Kind

ROOT = Path(reconciler.__file__).parent
ALLOWED = ("kinds/", "model/address.py")


def members_named_in(path: Path) -> int:
    named = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    return sum(ast.unparse(node) in {f"Kind.{member}" for member in Kind.__members__} for node in named)


def names_in(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    return named | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def test_no_stage_asks_of_which_kind_a_resource_is() -> None:
    files = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
    found = {name: members_named_in(path) for name, path in files.items() if not name.startswith(ALLOWED)}
    assert {name: count for name, count in found.items() if count} == {}


def test_no_stage_knows_a_class_of_a_kind() -> None:
    classes = {type(kind).__name__ for kind in KINDS.values()}
    files = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
    named = {name: names_in(path) & classes for name, path in files.items() if not name.startswith(ALLOWED)}
    assert {name: found for name, found in named.items() if found} == {}


def test_the_registry_knows_every_kind_in_the_order_of_creation() -> None:
    assert list(KINDS) == list(Kind)
    assert all(kind_of(Address(kind, ("a", "b"))).kind is kind for kind in Kind)
