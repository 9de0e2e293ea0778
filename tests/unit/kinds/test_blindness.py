"""Nothing outside of ``kinds`` asks which kind a resource is of."""

import ast
from pathlib import Path

import reconciler
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.address import Address, Kind

ROOT = Path(reconciler.__file__).parent
ALLOWED = ("kinds/", "model/address.py")


READ_ONE_KIND = {
    "adapters/rejections.py": "says which client policy refuses a write",
    "app/drift.py": "says when secrets of clients end",
    "app/rotate.py": "reads the realm, whose policy rotates secrets",
    "diagnose/stored.py": "says when secrets of clients end",
    "observe/clients.py": "reads clients' own wire form",
    "observe/features.py": "tells the feature by the executor that it brings",
    "observe/keycloak.py": "reads every kind's own wire form",
    "observe/scope.py": "chooses the client that is asked for webhooks",
    "observe/unlisted.py": "reads what no listing of organizations shows",
    "observe/webhooks.py": "reads webhooks' own wire form",
    "rotate/abort.py": "rotates secrets of clients",
    "rotate/start.py": "rotates secrets of clients",
    "rotate/survey.py": "rotates secrets of clients",
    "rotate/tools.py": "rotates secrets of clients",
    "rotate/usage.py": "rotates secrets of clients",
}
"""Outside of ``kinds``: who takes something from the folder of a single kind, and why. The list only shrinks."""
TITLES = ("review/html/page.py", "review/history_text.py")
"""Where a word is a title for people, and no document's name."""


def folders_imported_in(path: Path) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    modules = {f"{node.module}.{name.name}" for node in nodes if node.module for name in node.names}
    folders = {each.name for each in (ROOT / "kinds").iterdir() if each.is_dir()}
    parts = [module.split(".") for module in modules]
    return {each[2] for each in parts if each[:2] == ["reconciler", "kinds"] and len(each) > 2 and each[2] in folders}


def texts_in(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


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


def test_only_those_that_read_a_kinds_own_wire_form_know_its_folder() -> None:
    files = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
    found = {name for name, path in files.items() if not name.startswith("kinds/") and folders_imported_in(path)}
    assert found == READ_ONE_KIND.keys()


def test_nothing_goes_by_the_name_of_a_document() -> None:
    documents = {kind.document for kind in KINDS.values()}
    files = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
    passed = ("kinds/", "model/", *TITLES)
    assert [name for name, path in files.items() if not name.startswith(passed) and texts_in(path) & documents] == []


def test_the_registry_knows_every_kind_in_the_order_of_creation() -> None:
    assert list(KINDS) == list(Kind)
    assert all(kind_of(Address(kind, ("a", "b"))).kind is kind for kind in Kind)
