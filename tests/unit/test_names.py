"""One name for one thing: no two modules, and no two classes, are called alike that are different things."""

import ast
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import nt24_tokens
import reconciler

ROOT = Path(reconciler.__file__).parent
TOKENS = Path(nt24_tokens.__file__).parent
FLOORS = (
    "cli",
    "api",
    "app",
    "adapters",
    "manifest observe plan apply rotate diagnose review events",
    "kinds",
    "ports",
    "model",
)
"""On each floor a name stands once: what is about a thing is called like the value of the model that it is about. The
sandbox is an island, with names of its own; folders of kinds have the same files."""


def modules() -> Iterator[tuple[str, Path]]:
    for floor in FLOORS:
        for package in floor.split():
            yield from ((floor, path) for path in (ROOT / package).rglob("*.py") if not path.name.startswith("__"))
    yield from (("tokens", path) for path in TOKENS.glob("*.py") if not path.name.startswith("_"))


def more_than_once(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found = ((name, [place for _, place in same]) for name, same in groupby(sorted(names), key=lambda pair: pair[0]))
    return {name: places for name, places in found if len(places) > 1}


def place(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def is_of_a_kind(path: Path) -> bool:
    return path.parent.parent.name == "kinds"


def test_no_two_modules_of_a_floor_have_one_name() -> None:
    named = (
        (f"{floor}: {path.stem}", f"{path.parent.name}/{path.name}")
        for floor, path in modules()
        if not is_of_a_kind(path)
    )
    assert more_than_once(named) == {}


def test_no_two_classes_have_one_name() -> None:
    named = (
        (node.name, place(path))
        for floor, path in modules()
        if floor != "tokens"  # another distribution, with errors of its own
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert more_than_once(named) == {}
