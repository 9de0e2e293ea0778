"""The journal file of an apply."""

import json
import stat
from pathlib import Path

import pytest

from reconciler.adapters.journal import FileJournal, default_folder
from reconciler.model.change import Verb
from reconciler.model.errors import WrongUsage
from tests.builders import ACME
from tests.fakes.runtime import FakeClock


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_entry_is_on_the_disk_as_soon_as_it_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "run.jsonl"
    with FileJournal(path, FakeClock()) as journal:
        journal.record(ACME, Verb.CREATE_ORGANIZATION, "STARTED")
        assert lines(path) == [
            {
                "at": "2026-03-01T12:00:00+00:00",
                "address": "organization/acme",
                "verb": "create-organization",
                "event": "STARTED",
            }
        ]


def test_a_detail_is_kept_where_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with FileJournal(path, FakeClock()) as journal:
        journal.record(ACME, Verb.CREATE_ORGANIZATION, "FAILED", "Ünwanted\nline")
    assert [line.get("detail") for line in lines(path)] == ["Ünwanted\nline"]


def test_a_journal_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    for event in ("STARTED", "DONE"):
        with FileJournal(path, FakeClock()) as journal:
            journal.record(ACME, Verb.CREATE_ORGANIZATION, event)
    assert [line["event"] for line in lines(path)] == ["STARTED", "DONE"]


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    with FileJournal(tmp_path / "run.jsonl", FakeClock()) as journal:
        assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_a_journal_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WrongUsage) as error:
        FileJournal(tmp_path / "file" / "run.jsonl", FakeClock())
    assert "--journal" in error.value.remedy


def test_journals_go_to_the_users_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "nt24-reconciler" / "journal"
