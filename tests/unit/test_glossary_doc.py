"""The glossary explains every word that plans use for themselves."""

from pathlib import Path

import pytest

from reconciler.model.address import Kind
from reconciler.model.risk import RiskLevel
from reconciler.model.verdict import Verdict

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*Verdict, *RiskLevel])
def test_each_word_of_a_plan_is_explained(word: str) -> None:
    assert f"`{word}`" in GLOSSARY


@pytest.mark.parametrize("kind", Kind)
def test_the_address_of_each_kind_is_shown(kind: Kind) -> None:
    assert f"`{kind}/" in GLOSSARY


def test_no_word_has_two_meanings() -> None:
    words = [line.split("|")[1].strip() for line in GLOSSARY.splitlines() if line.startswith("| ")]
    explained = [word for word in words if word not in {"word", "---"}]
    assert sorted(set(explained)) == sorted(explained)
