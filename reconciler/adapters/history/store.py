"""Keep runs in SQLite or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from reconciler.adapters.history.database import open_engine, parsed, transaction
from reconciler.adapters.history.tables import CHANGES, RUNS
from reconciler.model.history import RecordedChange, Run, Search
from reconciler.ports import History
from reconciler.review.run_document import RecordedChangePart

_AT_ONCE = 500
"""Rows per statement: databases limit the number of parameters."""


class SqlHistory(History):
    """Implement the port ``History``; every call is one transaction."""

    def __init__(self, url: str) -> None:
        """Name the database; it is opened by the first call.

        Raises:
            HistoryBroken: The URL is none of a database that we know.
        """
        self._engine = open_engine(parsed(url))

    def record(self, run: Run) -> None:
        """Keep a run."""
        with transaction(self._engine) as connection:
            connection.execute(insert(RUNS), [_run_row(run)])
            rows = [_change_row(run.id, place, change) for place, change in enumerate(run.changes)]
            for start in range(0, len(rows), _AT_ONCE):
                connection.execute(insert(CHANGES), rows[start : start + _AT_ONCE])

    def runs(self, search: Search) -> tuple[Run, ...]:
        """Return the runs that are meant, newest first, without what they changed."""
        query = select(RUNS).order_by(RUNS.c.started_at.desc(), RUNS.c.id)
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
            # An organization's name is the second part of its clients' addresses.
            inside = search.address.partition("/")[2]
            below = or_(address == search.address, address.like(f"%/{_escaped(inside)}/%", escape="\\"))
            query = query.where(RUNS.c.id.in_(select(CHANGES.c.run_id).where(below)))
        if search.limit is not None:
            query = query.limit(search.limit)
        with transaction(self._engine) as connection:
            return tuple(_run(row, ()) for row in connection.execute(query))

    def run(self, prefix: str) -> tuple[Run, ...]:
        """Return the runs whose id starts with ``prefix``, whole."""
        query = select(RUNS).where(RUNS.c.id.startswith(prefix, autoescape=True)).order_by(RUNS.c.id)
        with transaction(self._engine) as connection:
            return tuple(_run(row, _changes_of(connection, row.id)) for row in connection.execute(query).all())

    def everything(self) -> Iterator[Run]:
        """Yield every run, whole, oldest first."""
        with transaction(self._engine) as connection:
            for row in connection.execute(select(RUNS).order_by(RUNS.c.started_at, RUNS.c.id)).all():
                yield _run(row, _changes_of(connection, row.id))

    def prune(self, before: datetime) -> int:
        """Forget the runs that started earlier, and return how many."""
        old = RUNS.c.started_at < before.timestamp()
        with transaction(self._engine) as connection:
            number = connection.execute(select(func.count()).select_from(RUNS).where(old)).scalar_one()
            connection.execute(delete(RUNS).where(old))
            return int(number)

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


def _run_row(run: Run) -> dict[str, Any]:
    row = {name: getattr(run, name) for name in RUNS.c.keys()}  # noqa: SIM118  (the columns' names)
    times = {"started_at": run.started_at.timestamp(), "ended_at": run.ended_at.timestamp()}
    return row | times | {"durations": dict(run.durations)}


def _change_row(run_id: str, place: int, change: RecordedChange) -> dict[str, Any]:
    return RecordedChangePart.of(change).model_dump(mode="json") | {"run_id": run_id, "place": place}


def _changes_of(connection: Connection, run_id: str) -> tuple[RecordedChange, ...]:
    query = select(CHANGES).where(CHANGES.c.run_id == run_id).order_by(CHANGES.c.place)
    return tuple(map(_change, connection.execute(query)))


def _run(row: Row[Any], changes: tuple[RecordedChange, ...]) -> Run:
    values = dict(row._mapping)  # noqa: SLF001  (SQLAlchemy's public name for it)
    times = {name: datetime.fromtimestamp(values[name], UTC) for name in ("started_at", "ended_at")}
    return Run(**values | times, changes=changes)


def _change(row: Row[Any]) -> RecordedChange:
    kept = {name: getattr(row, name) for name in RecordedChangePart.model_fields}
    return RecordedChangePart.model_validate(kept, strict=False).model(RecordedChange)
