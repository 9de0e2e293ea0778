"""Open a history's database, and bring its tables up to date."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from reconciler.adapters.private_file import open_private
from reconciler.model.errors import HistoryBroken, WrongUsage
from reconciler.model.user_folders import state_folder

_HEAD: Final = "0004"
"""The newest step of ``migrations``."""
_LOCK: Final = 4_240_115_017
"""PostgreSQL's advisory lock that a migration holds; any number that others do not use."""
_WAIT: Final = 10
"""Seconds to wait for a database, or for another run that writes to a SQLite file."""
_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite"}


def default_url() -> str:
    """Return the URL of the user's own history, a SQLite file below ``XDG_STATE_HOME``.

    Raises:
        HistoryBroken: Nothing says where the user's files are.
    """
    try:
        return f"sqlite:///{state_folder() / 'history.sqlite3'}"
    except WrongUsage as error:
        raise HistoryBroken(
            "The history has no location: this user has no home folder.",
            remedy="Set RECONCILER_HISTORY to a database, or to none.",
        ) from error


def parsed(url: str) -> URL:
    """Return the URL with the driver that we bring.

    Raises:
        HistoryBroken: It is none of a database that we know.
    """
    remedy = "Write RECONCILER_HISTORY as sqlite:///PATH or postgresql://HOST/DATABASE."
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise HistoryBroken("The history's URL is not that of a database.", remedy=remedy) from error
    driver = _DRIVERS.get(found.drivername)
    if driver is None:
        raise HistoryBroken(
            f"A database of the kind '{found.drivername}' is not supported for the history.", remedy=remedy
        )
    return found.set(drivername=driver)


def open_engine(url: URL) -> Engine:
    """Return an engine; nothing is asked yet, but a SQLite file's folder is made."""
    try:
        if url.drivername == "sqlite":
            return _sqlite(url)
        return create_engine(url, connect_args={"connect_timeout": _WAIT}, pool_pre_ping=True)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise broken(url, error) from error


def broken(url: URL, error: Exception) -> HistoryBroken:
    """Return the error of ours for a driver's; it never holds a password."""
    of_system = error.strerror.lower() if isinstance(error, OSError) and error.strerror else ""
    reason = (of_system or str(getattr(error, "orig", None) or error)).strip().splitlines()
    where = url.render_as_string(hide_password=True)
    return HistoryBroken(
        f"The history {where} cannot be used: {reason[0] if reason else type(error).__name__}.",
        remedy="Correct RECONCILER_HISTORY, or set it to 'none'.",
    )


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        file = Path(url.database)
        # Values of others stand in it: for its owner only, as journals are.
        os.close(open_private(file, os.O_RDWR))
    engine = create_engine(url, connect_args={"timeout": _WAIT})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        # SQLAlchemy's documented way to have real transactions, with DDL inside, from Python's driver.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction on tables that are up to date.

    Raises:
        HistoryBroken: The database cannot be used, or a newer version of the program has written to it.
    """
    try:
        with engine.begin() as connection:
            if _step(connection) != _HEAD:
                _migrate(connection)
            yield connection
    except (SQLAlchemyError, OSError) as error:
        raise broken(engine.url, error) from error


def _step(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection) -> None:
    """Run the steps that are missing; of several runs at once, one does, and the others wait."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    found = _step(connection)
    if found is not None and found > _HEAD:
        raise HistoryBroken(
            f"The history was written by a newer reconciler (step {found}; this one knows {_HEAD}).",
            remedy="Use that version, or another database.",
        )
    # It takes half a second to import, and is needed once.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "reconciler.adapters.history:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
