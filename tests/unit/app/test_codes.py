"""Whatever code an output can print, ``explain`` knows it: codes are looked for in the source."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

import reconciler
from reconciler.app.codes import every_code, explained_code, explained_name
from reconciler.app.explain import every_key
from reconciler.model import errors
from reconciler.model.code_words import EVENTS, WORDS
from reconciler.model.errors import ExitCode, WrongUsage
from reconciler.plan.guards import ALLOW_DELETE, FORCE

SOURCE = Path(reconciler.__file__).parent
PLACES = {
    "low": 0, "medium": 0, "high": 0, "Risk": 1, "relied_on": 1, "harmless": 1,
    "Cause": 0, "certain": 0, "say": 1, "warn": 1, "tell": 1,
}  # fmt: skip
"""Which argument of a call is a code."""
CODE = re.compile(r"[a-z]+([-_][a-z]+)*")


@cache
def codes_in_the_source() -> frozenset[str]:
    return frozenset(_codes())


def _codes() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                given = [*node.args, *([None] * 2)][PLACES[name]] if name in PLACES else None
                if isinstance(given, ast.Constant) and CODE.fullmatch(str(given.value)):
                    yield str(given.value)
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if getattr(key, "value", None) == "event" and isinstance(value, ast.Constant):
                        yield str(value.value)


def test_every_code_of_the_source_is_explained() -> None:
    found = codes_in_the_source()

    assert {"client-disabled", "tier-up", "clock-skew", "plan-saved", "lock", "mapper-removed"} <= found
    assert sorted(found - {each.code for each in every_code()}) == []


def test_nothing_is_explained_that_no_output_prints() -> None:
    assert set(EVENTS) - codes_in_the_source() == {"error"}


def test_every_member_of_an_enum_that_outputs_print_is_explained() -> None:
    enums = {type(code) for words in WORDS.values() for code in words if isinstance(code, StrEnum)}

    assert len(enums) > 10
    assert [code for enum in enums for code in enum if not explained_code(str(code))] == []


@pytest.mark.parametrize(
    "code",
    [
        *map(str, map(int, ExitCode)), ALLOW_DELETE, FORCE, "[secret-lost]", "Secret-Lost", "allow-delete",
        *(name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)),
    ],
)  # fmt: skip
def test_exit_codes_options_of_guards_and_errors_are_codes(code: str) -> None:
    assert explained_code(code)[0].meaning


def test_a_name_that_is_a_key_too_is_explained_as_both() -> None:
    key, codes = explained_name("webhook")

    assert key in every_key()
    assert [each.code for each in codes] == ["webhook"]


@pytest.mark.parametrize(("typed", "meant"), [("secret-los", "secret-lost"), ("GuardRefusd", "GuardRefused")])
def test_a_code_that_is_misspelt_is_recognised(typed: str, meant: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        explained_name(typed)

    assert refused.value.remedy.startswith(f"Did you mean {meant}?")
