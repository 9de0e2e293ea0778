"""Where the history is, where nobody says it."""

from pathlib import Path

import pytest

from reconciler.adapters.history.database import default_url
from reconciler.model.errors import HistoryBroken


def test_a_user_without_a_home_has_no_history_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home(_: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", classmethod(no_home))
    with pytest.raises(HistoryBroken, match="no home folder"):
        default_url()
