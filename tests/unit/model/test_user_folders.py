"""The folders of a user's own files, and what is said where there are none."""

from pathlib import Path

import pytest

from reconciler.model.errors import WrongUsage
from reconciler.model.user_folders import cache_folder, state_folder


def test_they_are_those_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "/home/ada")

    assert state_folder() == Path("/var/state/nt24-reconciler")
    assert cache_folder() == Path("/home/ada/.cache/nt24-reconciler")


def test_a_user_without_a_home_folder_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody_at_home)

    with pytest.raises(WrongUsage) as error:
        state_folder()
    assert "XDG_STATE_HOME" in error.value.remedy


def nobody_at_home() -> Path:
    raise RuntimeError("Could not determine home directory.")
