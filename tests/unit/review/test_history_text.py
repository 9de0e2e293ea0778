"""How a run ended, in a few words, says what it was restricted to."""

from dataclasses import replace

import pytest

from reconciler.model.address import Address
from reconciler.review.history_text import outcome_words
from tests.builders import ACME, ACME_CLIENT, a_change, a_plan

BETA = Address.organization("beta")


@pytest.mark.parametrize(
    ("command", "changed", "targets", "excluded", "left_out", "words"),
    [
        ("plan", False, (), (), (), "no changes"),
        ("plan", False, (), (ACME,), (), "no changes; --exclude organization/acme"),
        ("apply", False, (), (ACME,), (ACME,), "no other changes; 1 change left out: --exclude organization/acme"),
        ("drift", False, (BETA,), (), (), "no drift; only organization/beta (--target)"),
        ("plan", True, (), (ACME,), (ACME, ACME_CLIENT), "2 changes left out: --exclude organization/acme"),
    ],
)
def test_an_outcome_says_what_was_left_out(
    command: str,
    changed: bool,
    targets: tuple[Address, ...],
    excluded: tuple[Address, ...],
    left_out: tuple[Address, ...],
    words: str,
) -> None:
    plan = a_plan(*([a_change(BETA)] if changed else []))
    found = outcome_words(command, replace(plan, targets=targets, excluded=excluded, left_out=left_out), None, "")
    assert found.endswith(words)
    assert changed or found == words
