"""Keep runs in SQLite or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from reconciler.adapters.history.database import open_engine, parsed, transaction
from reconciler.adapters.history.tables import CHANGES, RUNS
from reconciler.model.history import INTERRUPTED, RUNNING, RecordedChange, Run, Search
from reconciler.ports import History

_CHANGE: Final = TypeAdapter(RecordedChange)
_AT_ONCE: Final = 500
"""Rows per statement: databases limit the number of parameters."""
_SILENT: Final = 60.0
"""Seconds after which a run that was not seen is gone: several beats of ``kept_run``."""
_NOW: Final = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
}
"""The database's time, in seconds since 1970: clocks of runners may differ."""


class SqlHistory(History):
    """Implement the port ``History``; every call is one transaction."""

    def __init__(self, url: str) -> None:
        """Name the database; it is opened by the first call.

        Raises:
            HistoryBroken: The URL is none of a database that we know.
        """
        self._engine = open_engine(parsed(url))

    def begin(self, run: Run) -> None:
        with transaction(self._engine) as connection:
            connection.execute(insert(RUNS).values({**_run_row(run), "seen_at": _now(self._engine)}))

    def seen(self, run_id: str) -> None:
        alive = update(RUNS).where(RUNS.c.id == run_id, RUNS.c.seen_at.is_not(None))
        with transaction(self._engine) as connection:
            connection.execute(alive.values(seen_at=_now(self._engine)))

    def record(self, run: Run) -> None:
        with transaction(self._engine) as connection:
            connection.execute(delete(RUNS).where(RUNS.c.id == run.id))
            connection.execute(insert(RUNS), [_run_row(run)])
            rows = [_change_row(run.id, place, change) for place, change in enumerate(run.changes)]
            for start in range(0, len(rows), _AT_ONCE):
                connection.execute(insert(CHANGES), rows[start : start + _AT_ONCE])

    def runs(self, search: Search) -> tuple[Run, ...]:
        query = self._all().order_by(RUNS.c.started_at.desc(), RUNS.c.id)
        if search.command is not None:
            command = RUNS.c.command
            grouped = command.like(f"{_escaped(search.command)} %", escape="\\")
            query = query.where(or_(command == search.command, grouped))
        if search.realm is not None:
            query = query.where(RUNS.c.realm == search.realm)
        if search.since is not None:
            query = query.where(RUNS.c.started_at >= search.since.timestamp())
        if search.address is not None:
            address = CHANGES.c.address
            whole = _escaped(search.address).replace("*", "%")
            # An organization's name is the second part of its clients' addresses.
            inside = whole.partition("/")[2]
            below = or_(address.like(whole, escape="\\"), address.like(f"%/{inside}/%", escape="\\"))
            query = query.where(RUNS.c.id.in_(select(CHANGES.c.run_id).where(below)))
        if search.limit is not None:
            query = query.limit(search.limit)
        with transaction(self._engine) as connection:
            return tuple(_run(row, ()) for row in connection.execute(query))

    def run(self, prefix: str) -> tuple[Run, ...]:
        meant = or_(RUNS.c.id.startswith(prefix, autoescape=True), RUNS.c.fingerprint == prefix)
        query = self._all().where(meant).order_by(RUNS.c.id)
        with transaction(self._engine) as connection:
            return tuple(_run(row, _changes_of(connection, row.id)) for row in connection.execute(query).all())

    def everything(self) -> Iterator[Run]:
        with transaction(self._engine) as connection:
            for row in connection.execute(self._all().order_by(RUNS.c.started_at, RUNS.c.id)).all():
                yield _run(row, _changes_of(connection, row.id))

    def prune(self, before: datetime) -> int:
        old = RUNS.c.started_at < before.timestamp()
        with transaction(self._engine) as connection:
            number = connection.execute(select(func.count()).select_from(RUNS).where(old)).scalar_one()
            connection.execute(delete(RUNS).where(old))
            return int(number)

    def _all(self) -> Select[Any]:
        return select(RUNS, (_now(self._engine) - RUNS.c.seen_at).label("silent"))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[SqlHistory]:
    """Open the history at the URL."""
    history = SqlHistory(url)
    try:
        yield history
    finally:
        history.close()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _now(engine: Engine) -> ColumnElement[float]:
    return literal_column(_NOW[engine.dialect.name])


def _run_row(run: Run) -> dict[str, Any]:
    row = {name: getattr(run, name, None) for name in RUNS.c.keys()}  # noqa: SIM118  (the columns' names)
    # Columns that must not be empty; of a run that has not ended, nobody reads them.
    row["ended_at"] = (run.ended_at or run.started_at).timestamp()
    row["exit_code"] = run.exit_code or 0
    return row | {"started_at": run.started_at.timestamp(), "durations": dict(run.durations)}


def _change_row(run_id: str, place: int, change: RecordedChange) -> dict[str, Any]:
    return {**_CHANGE.dump_python(change, mode="json"), "run_id": run_id, "place": place}


def _changes_of(connection: Connection, run_id: str) -> tuple[RecordedChange, ...]:
    query = select(CHANGES).where(CHANGES.c.run_id == run_id).order_by(CHANGES.c.place)
    return tuple(map(_change, connection.execute(query)))


def _run(row: Row[Any], changes: tuple[RecordedChange, ...]) -> Run:
    values = dict(row._mapping)  # noqa: SLF001  (SQLAlchemy's public name for it)
    silent = values.pop("silent")
    del values["seen_at"]
    values |= {name: datetime.fromtimestamp(values[name], UTC) for name in ("started_at", "ended_at")}
    if silent is not None:
        values |= {"ended_at": None, "exit_code": None, "outcome": RUNNING if silent < _SILENT else INTERRUPTED}
    return Run(**values, changes=changes)


def _change(row: Row[Any]) -> RecordedChange:
    kept = {each.name: getattr(row, each.name) for each in fields(RecordedChange)}
    return _CHANGE.validate_python(kept, strict=False)
