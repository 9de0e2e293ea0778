"""The map is true: each name that it links is there, and its layers are those that import-linter checks."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
MAP: Final = ROOT / "docs" / "architecture.md"
LINK: Final = re.compile(r"\[([^\]]+)\]\(((?:\.\./)?[\w./-]+\.\w+)(?:#[\w-]+)?\)")
NAME: Final = re.compile(r"`([\w.]+)`")


def text() -> str:
    return MAP.read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    chapter = text().split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in chapter.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@cache
def defined(path: Path) -> frozenset[str]:
    """Return what a module defines, and as ``Class.method`` what its classes do."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(_names(tree.body))


def _names(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name, body=inner):
                yield prefix + name
                yield from _names(inner, f"{prefix}{name}.")
            case ast.Assign(targets=targets):
                yield from (prefix + target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name
            case _:
                pass


def missing(cell: str) -> list[str]:
    """Return what a text links that is not there: a file, or the name that the link says."""
    found: list[str] = []
    for label, target in LINK.findall(cell):
        path = (MAP.parent / target).resolve()
        name = NAME.fullmatch(label)
        if not path.exists() or (path.suffix == ".py" and name and name[1] not in defined(path)):
            found.append(f"{label} in {target}")
    return found


def layers() -> list[list[str]]:
    """Return the layers that import-linter checks, from the top."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    return [sorted(layer.split(" | ")) for layer in contract["layers"]]


@pytest.mark.parametrize("name", ["architecture.md", "adding-a-kind.md"])
def test_everything_that_is_linked_is_there(name: str) -> None:
    assert missing((MAP.parent / name).read_text(encoding="utf-8")) == []


def test_adding_a_kind_names_each_module_of_the_example() -> None:
    chapter = (
        (MAP.parent / "adding-a-kind.md")
        .read_text(encoding="utf-8")
        .split("**The folder**")[1]
        .split("**One line**")[0]
    )
    modules = {path.stem for path in (ROOT / "reconciler" / "kinds" / "identity_provider").glob("[!_]*.py")}

    assert set(re.findall(r"^   - `(\w+)`:", chapter, re.MULTILINE)) == modules


@pytest.mark.parametrize("row", rows("Where does X live"), ids=lambda row: row[0])
def test_a_behaviour_has_a_module_and_a_test(row: list[str]) -> None:
    _, code, proof = row
    links = LINK.findall(code), LINK.findall(proof)

    assert all(links), "each behaviour links its code and its test"
    assert all(target.startswith("../reconciler/") for _, target in links[0])
    assert all(target.startswith("../tests/") for _, target in links[1])
    assert missing(code) + missing(proof) == []


def test_the_way_of_a_partner_names_a_function_at_each_step() -> None:
    way = text().split("## One partner's way through the code\n")[1].split("\n## ")[0]
    steps = re.findall(r"^\d+\. .*?(?=^\d+\. |\Z)", way, re.MULTILINE | re.DOTALL)

    assert len(steps) >= 10
    assert [step for step in steps if not LINK.search(step)] == []


def test_the_packages_are_those_that_are_there_in_the_order_of_the_layers() -> None:
    packages = [NAME.findall(cell)[0] for cell, *_ in rows("Packages")]
    there = {path.parent.name for path in (ROOT / "reconciler").glob("*/__init__.py")}

    assert set(packages) == there
    assert len(packages) == len(there)
    heights = {name: height for height, layer in enumerate(layers()) for name in layer}
    assert packages == sorted(packages, key=heights.__getitem__)


def test_the_picture_shows_every_package_once_from_the_top_layer_down() -> None:
    picture = text().split("```mermaid\n")[1].split("```")[0]
    drawn = re.findall(r"^\s*(\w+)\[", picture, re.MULTILINE)
    heights = {name: height for height, layer in enumerate(layers()) for name in layer}

    assert sorted(drawn) == sorted(heights)
    assert drawn == sorted(drawn, key=heights.__getitem__)


def test_somebody_who_starts_at_the_readme_finds_the_map_and_the_decisions() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "(docs/architecture.md)" in readme
    assert "(docs/decisions.md)" in readme


BEHAVIOURS = (
    'A person\'s account is never deleted under "0 to destroy"',
    "A saved plan that was edited is refused",
    "A killed apply is finished by the next",
    "Drift names who caused it",
    "A pull request cannot evade the policies of its base",
    "A redirect carries no token to another host",
    "No message holds a secret",
    "One run writes at a time",
    "A capability is declared once, with its risk",
    "Unlinking an identity provider says what becomes of its accounts",
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_behaviour_that_people_ask_for_is_a_row_of_the_map(behaviour: str) -> None:
    assert [row for row in rows("Where does X live") if behaviour in row]
