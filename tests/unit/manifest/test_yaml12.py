"""Plain scalars mean what the core schema of YAML 1.2 says."""

import math

import pytest

from reconciler.manifest.yaml12 import plain_value


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "no",
        "yes",
        "on",
        "off",
        "y",
        "tRUE",
        "nULL",
        "12:30:00",
        "1_000",
        "0b11",
        "2026-01",
        "2026-01-15",
        "2026-01-15T10:00:00Z",
        "0o8",
        "-0o7",
        "0xG",
        ".",
        "+",
        "-",
        "1.2.3",
        "1e",
        "<<",
        "=",
        "-.nan",
        "١٢",
    ],
)
def test_it_is_text(text: str) -> None:
    assert plain_value(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("007", 7),
        ("-12", -12),
        ("+12", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_it_is_a_number(text: str, value: float) -> None:
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_it_is_nothing(text: str) -> None:
    assert plain_value(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False), ("FALSE", False)]
)
def test_it_is_a_boolean(text: str, value: bool) -> None:
    assert plain_value(text) is value


def test_a_number_of_thousands_of_digits_is_too_large_and_not_a_crash() -> None:
    assert plain_value("9" * 10_000) == math.inf
    assert plain_value("0x" + "f" * 10_000) == math.inf


def test_nan_is_not_a_number() -> None:
    assert isinstance(plain_value(".nan"), float)
    assert plain_value(".nan") != plain_value(".nan")
