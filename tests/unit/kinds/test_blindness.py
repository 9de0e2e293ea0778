"""Nothing outside of ``kinds`` asks which kind a resource is of."""

import ast
from pathlib import Path

import reconciler
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.address import Address, Kind

ROOT = Path(reconciler.__file__).parent
ALLOWED = ("kinds/", "model/address.py")
STILL_ASKING = {
    "events/attribution.py": 4,
    "events/clues.py": 8,
    "events/mark_history.py": 4,
    "events/subjects.py": 5,
}
"""How often files still name a member of ``Kind``: this may only go down."""


def members_named_in(path: Path) -> int:
    named = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    return sum(ast.unparse(node) in {f"Kind.{member}" for member in Kind.__members__} for node in named)


def test_no_stage_asks_of_which_kind_a_resource_is() -> None:
    files = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
    found = {name: members_named_in(path) for name, path in files.items() if not name.startswith(ALLOWED)}
    assert {name: count for name, count in found.items() if count > STILL_ASKING.get(name, 0)} == {}


def test_the_registry_knows_every_kind_in_the_order_of_creation() -> None:
    assert list(KINDS) == list(Kind)
    assert all(kind_of(Address(kind, ("a", "b"))).kind is kind for kind in Kind)
