"""The state folder of one sandbox: what lies where in it, and who may change it at a time."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from reconciler.model.errors import ReconcilerError
from reconciler.model.layout import DEFAULT_REALM
from reconciler.model.user_folders import private_folder, state_folder
from reconciler.sandbox.process import Process

VARIABLE: Final = "RECONCILER_SANDBOX_DIR"
_TAIL_LINES: Final = 25


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(_Record):
    """Where one server is, and which process it is."""

    process: Process
    url: str
    ports: tuple[int, ...]

    @property
    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.is_alive()


class ApiSettings(_Record):
    """The rules that the platform API enforces; what is left out has the platform's own value."""

    realm: str = DEFAULT_REALM
    """The realm whose tokens it accepts; it need not exist yet."""
    current_dpa_version: str = "2026-01"
    """The oldest DPA version that it accepts."""
    cache_seconds: float = 3.0
    """How long it may keep what it read of an organization."""
    enterprise_limits: tuple[int, int, int] = (5000, 1000, 100)
    """Requests per minute of the tier ENTERPRISE: reads, writes, webhook management."""


class State(_Record):
    """What is known about the sandbox's processes."""

    keycloak: Server | None = None
    api: Server | None = None
    settings: ApiSettings | None = None

    @property
    def is_up(self) -> bool:
        """Tell whether both servers run."""
        return len(self.servers) == 2 and all(server.alive for server in self.servers)

    @property
    def servers(self) -> tuple[Server, ...]:
        """Return the servers that were started, in the order in which they are stopped."""
        return tuple(server for server in (self.api, self.keycloak) if server is not None)


class Folder:
    """Know the files of one sandbox."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.home = self.path / "keycloak"
        """Keycloak's home: links to the shared distribution, and the database."""
        self.initialized = self.home / "initialized"
        """Is there once Keycloak has made its database whole."""
        self.admin_password = self.path / "admin-password"
        self.partners = self.path / "partners.json"
        self.webhooks = self.path / "webhooks.json"
        """The platform's webhook endpoints."""
        self.keycloak_log = self.path / "keycloak.log"
        self.api_log = self.path / "platform-api.log"
        self._state = self.path / "sandbox.json"
        self._lock = self.path / "lock"

    @classmethod
    def default(cls) -> "Folder":
        """Return the folder that RECONCILER_SANDBOX_DIR names, or else the user's own below XDG_STATE_HOME."""
        chosen = os.environ.get(VARIABLE)
        if chosen:
            return cls(Path(chosen))
        return cls(state_folder() / "sandbox")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the sandbox for a change, so that two commands cannot start or stop it at once.

        Raises:
            ReconcilerError: Another command holds it.
        """
        private_folder(self.path)
        with self._lock.open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ReconcilerError(
                    f"Another command starts or stops the sandbox in {self.path} right now.",
                    remedy="Wait until it is done, then try again.",
                ) from error
            yield

    def read(self) -> State:
        """Return the state; an empty one when the sandbox was never up.

        Raises:
            ReconcilerError: The state file is not readable as such.
        """
        try:
            return State.model_validate_json(self._state.read_bytes())
        except FileNotFoundError:
            return State()
        except ValidationError as error:
            raise ReconcilerError(
                f"{self._state} is not a state file of the sandbox.",
                remedy="Stop what runs there by hand, and delete the file.",
            ) from error

    def write(self, state: State) -> None:
        """Replace the state."""
        _write_private(self._state, state.model_dump_json(indent=2) + "\n")

    def make_admin_password(self) -> str:
        """Return the password of Keycloak's administrator, made up when there is none yet.

        Raises:
            ReconcilerError: There is a database, but its password is gone.
        """
        if self.admin_password.exists():
            return self.admin_password.read_text(encoding="ascii").strip()
        if self.initialized.exists():
            raise ReconcilerError(
                f"The administrator's password is gone: there is no {self.admin_password}.",
                remedy="Start afresh: reconciler sandbox down --purge",
            )
        password = secrets.token_urlsafe(24)
        _write_private(self.admin_password, password + "\n")
        return password

    def forget_half_made_database(self) -> None:
        """Delete a database whose making was interrupted: Keycloak could not go on with it."""
        if not self.initialized.exists():
            shutil.rmtree(self.home, ignore_errors=True)

    def purge(self) -> None:
        """Delete what a sandbox makes, and the folder when nothing else is in it."""
        shutil.rmtree(self.home, ignore_errors=True)
        for file in self._files():
            file.unlink(missing_ok=True)
        if self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()

    def _files(self) -> tuple[Path, ...]:
        servers = (self.admin_password, self.partners, self.webhooks, self.keycloak_log, self.api_log)
        return (*servers, self._state, self._lock)


def tail(log: Path) -> str:
    """Return the last lines of a log, under a line that names it."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    return "\n".join((f"The end of {log}:", *(lines[-_TAIL_LINES:] or ("(nothing)",))))


def _write_private(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
