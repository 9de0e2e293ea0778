"""One real PostgreSQL server for the whole run of the tests, on a free port of the loopback."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_INSTALLED = "/usr/lib/postgresql"
_PATIENCE = 60


def _program(name: str) -> str | None:
    found = sorted(Path(_INSTALLED).glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return shutil.which(name) or (str(found[-1]) if found else None)


def _account() -> str | None:
    """Return whom the server runs as: it refuses to be root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a database of a server that is gone afterwards."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        reason = "There is no PostgreSQL server here; on Debian and Ubuntu: apt-get install postgresql."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(f"NO TEST OF THIS KIND RUNS HERE. {reason}")
    account = _account()
    with tempfile.TemporaryDirectory(prefix="pg-") as place, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        data = Path(place) / "data"
        if account is not None:
            shutil.chown(place, account)

        def run(*command: str) -> None:
            subprocess.run(
                command, user=account, cwd=place, check=True, timeout=_PATIENCE, stdout=subprocess.DEVNULL, text=True
            )

        run(initdb, "--pgdata", str(data), "--username", "tester", "--auth", "trust", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={place} -c fsync=off"
        run(pg_ctl, "--pgdata", str(data), "--wait", "--log", f"{place}/log", "--options", options, "start")
        try:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            run(pg_ctl, "--pgdata", str(data), "--wait", "--mode", "immediate", "stop")


@pytest.fixture
def database(postgresql: str) -> str:
    """The URL of an empty database."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS fresh WITH (FORCE)")
        connection.execute("CREATE DATABASE fresh")
    return postgresql.replace("/postgres", "/fresh")
