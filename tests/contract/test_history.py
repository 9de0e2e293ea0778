"""The history on SQLite and on a real PostgreSQL: the same, whichever database keeps it."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.schema import CreateTable

from reconciler.adapters.history.database import parsed
from reconciler.adapters.history.store import SqlHistory, opened
from reconciler.adapters.history.tables import METADATA
from reconciler.model.attribution import Attribution
from reconciler.model.errors import HistoryBroken
from reconciler.model.history import INTERRUPTED, RUNNING, RecordedChange, RecordedField, Run, Search

BY_EVE = Attribution(
    at=datetime(2026, 11, 24, 11, 59, 30, 250_000, tzinfo=UTC),
    user="eve",
    client="security-admin-console",
    ip="10.1.2.3",
    request="UPDATE organizations/0f8c",
    exact=True,
)
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def a_run(run_id: str, *, hours: float = 0, command: str = "apply", changes: tuple[RecordedChange, ...] = ()) -> Run:
    at = START + timedelta(hours=hours)
    return Run(
        id=run_id,
        command=command,
        started_at=at,
        ended_at=at + timedelta(seconds=1.5),
        who="eve@laptop (process 1)",
        revision="0a1b2c+",
        version="0.1.0",
        environment="staging",
        keycloak_url="https://idp.example",
        realm="nt24-idp",
        api_url="https://api.example",
        owner="reconciler",
        login="reconciler-writer",
        fingerprint="f" * 64,
        exit_code=0,
        outcome="1 added, 0 changed, 0 destroyed; verified",
        findings=2,
        durations={"plan": 0.25, "apply": 1.0},
        changes=changes,
    )


def a_change(address: str) -> RecordedChange:
    fields = (
        RecordedField("authorizedPartners", ("a", "b"), ("a",), "keycloak-changed", BY_EVE, {"a": "Nord (DE)"}),
        RecordedField("keycloak.protocolMappers.x", {"config": {"claim.value": "ä'\";--"}}, None, "keycloak-changed"),
    )
    return RecordedChange(address, "update", "done", fields=fields)


def test_texts_that_no_database_takes_are_kept_as_far_as_they_can_be(history: SqlHistory) -> None:
    odd = "a\0b\ud800c\u2028\u0085"
    run = a_run("1", changes=(replace(a_change("organization/acme"), detail=odd),))
    history.record(replace(run, who=odd, outcome=odd))

    (found,) = history.run("1")

    assert found.who == found.outcome == found.changes[0].detail == "a\ufffdb\ufffdc\u2028\u0085"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/history.sqlite3"
    return str(request.getfixturevalue("database"))


@pytest.fixture
def history(url: str) -> Iterator[SqlHistory]:
    with opened(url) as history:
        yield history


def test_a_run_is_kept_whole(history: SqlHistory) -> None:
    run = a_run("r1", changes=(a_change("organization/acme"), a_change("client/acme/api-client-acme")))
    history.record(run)

    assert history.run("r") == (run,)
    assert list(history.everything()) == [run]


def test_a_run_that_has_begun_runs_until_it_ends(history: SqlHistory) -> None:
    ended = a_run("r1", changes=(a_change("organization/acme"),))
    begun = replace(ended, ended_at=None, exit_code=None, outcome="", changes=())
    history.begin(begun)
    history.seen("r1")

    assert history.run("r1") == history.runs(Search()) == (replace(begun, outcome=RUNNING),)

    history.record(ended)
    history.seen("r1")
    assert history.run("r1") == (ended,)


def test_a_run_that_is_not_seen_any_more_was_interrupted(url: str, history: SqlHistory) -> None:
    begun = replace(a_run("r1"), ended_at=None, exit_code=None)
    history.begin(begun)
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE runs SET seen_at = seen_at - 61"))
    engine.dispose()

    assert history.run("r1") == (replace(begun, outcome=INTERRUPTED),)


def test_what_was_deleted_by_hand_is_kept_with_who_did(history: SqlHistory) -> None:
    deleted = RecordedChange("client/acme/api-client-acme", "create", "planned", attribution=BY_EVE)
    run = a_run("r1", command="drift", changes=(deleted,))
    history.record(run)

    assert history.run("r1") == (run,)


def test_runs_are_listed_newest_first_and_found_by_what_they_did(history: SqlHistory) -> None:
    history.record(a_run("r1", changes=(a_change("client/acme/api-client-acme"),)))
    history.record(a_run("r2", hours=1, command="drift", changes=(a_change("organization/acme_x"),)))
    history.record(a_run("r3", hours=2))

    def found(search: Search) -> list[str]:
        return [run.id for run in history.runs(search)]

    assert found(Search()) == ["r3", "r2", "r1"]
    assert found(Search(limit=1)) == ["r3"]
    assert found(Search(command="drift")) == ["r2"]
    assert found(Search(command="dr")) == []
    assert found(Search(since=START + timedelta(minutes=30))) == ["r3", "r2"]
    assert found(Search(address="organization/acme")) == ["r1"]
    assert found(Search(address="client/acme/api-client-acme")) == ["r1"]
    assert found(Search(address="organization/a%")) == []
    assert found(Search(realm="another")) == []


def test_old_runs_are_forgotten_with_their_changes(history: SqlHistory) -> None:
    history.record(a_run("r1", changes=(a_change("organization/acme"),)))
    history.record(a_run("r2", hours=48))

    assert history.prune(START + timedelta(hours=24)) == 1
    assert [run.id for run in history.runs(Search())] == ["r2"]
    assert history.runs(Search(address="organization/acme")) == ()


def test_the_start_of_an_id_is_taken_literally(history: SqlHistory) -> None:
    history.record(a_run("r1"))
    assert history.run("%") == history.run("_1") == ()


def test_many_changes_are_kept(history: SqlHistory) -> None:
    changes = tuple(a_change(f"organization/o{number:04}") for number in range(1201))
    history.record(a_run("r1", changes=changes))
    assert history.run("r1")[0].changes == changes


def test_two_processes_at_once_make_the_tables_and_lose_nothing(url: str, tmp_path: Path) -> None:
    program = tmp_path / "record.py"
    program.write_text(
        "import sys\n"
        "from reconciler.adapters.history.store import opened\n"
        "from tests.contract.test_history import a_run\n"
        "with opened(sys.argv[1]) as history:\n"
        "    for number in range(20):\n"
        "        history.record(a_run(f'{sys.argv[2]}-{number}'))\n",
        encoding="utf-8",
    )

    def record(name: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(program), url, name]
        paths = {"PYTHONPATH": str(Path(__file__).parents[2])}
        return subprocess.run(command, env=paths, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(record, ("one", "two")))

    assert [each.stderr for each in done] == ["", ""]
    with opened(url) as history:
        assert len(history.runs(Search())) == 40


def test_the_migrations_lead_to_the_tables_that_the_program_uses(url: str, history: SqlHistory) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    history.record(a_run("r1"))
    engine = create_engine(parsed(url))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()
    assert [str(CreateTable(table)) for table in METADATA.sorted_tables]


def test_what_an_older_program_wrote_stays_readable(url: str, history: SqlHistory) -> None:
    change = RecordedChange("organization/acme", "update", "done", fields=(RecordedField("displayName", "A", "B", ""),))
    run = a_run("r1", changes=(change,))
    history.record(run)
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE changes DROP COLUMN attribution"))
        for column in ("seen_at", "api_url", "login"):
            connection.execute(text(f"ALTER TABLE runs DROP COLUMN {column}"))
        bare = '[{"path": "displayName", "before": "A", "after": "B", "reason": ""}]'
        connection.execute(text("UPDATE changes SET fields = :bare"), {"bare": bare})
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()

    assert history.run("r1") == (replace(run, api_url="", login=""),)


def test_what_a_newer_program_wrote_is_not_touched(url: str, history: SqlHistory) -> None:
    history.record(a_run("r1"))
    engine = create_engine(parsed(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(HistoryBroken, match="written by a newer reconciler"):
        history.record(a_run("r2"))


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "postgresql://eve:geheim@127.0.0.1:1/db"])
def test_a_database_that_cannot_be_used_is_said_without_its_password(url: str) -> None:
    with pytest.raises(HistoryBroken) as caught, opened(url) as history:
        history.record(a_run("r1"))
    assert "geheim" not in f"{caught.value.message} {caught.value.remedy}"


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_text("not a database, and long enough to be looked at as one", encoding="utf-8")
    with pytest.raises(HistoryBroken, match="cannot be used"), opened(f"sqlite:///{tmp_path}/x.sqlite3") as history:
        history.record(a_run("r1"))
