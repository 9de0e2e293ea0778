"""Who runs the program."""

import pytest

from reconciler.adapters.identity import who


def test_the_person_that_a_ci_names_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "eve")
    assert who().startswith("eve, as ")
