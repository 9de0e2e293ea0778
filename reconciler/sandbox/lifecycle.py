"""Bring the sandbox up and down: Keycloak first, then the platform API that trusts it."""

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox import api, distribution, keycloak, process
from reconciler.sandbox.folder import ApiSettings, Folder, Server, State
from reconciler.sandbox.java import Say, require_java

NOT_UP = "reconciler sandbox up"


@dataclass(frozen=True, slots=True)
class Options:
    """Say how the sandbox shall be."""

    port: int = 0
    """Keycloak's port; 0 for the one of the last time, or else a free one."""
    api_port: int = 0
    """The platform API's port; 0 for the one of the last time, or else a free one."""
    settings: ApiSettings = field(default_factory=ApiSettings)
    """The rules that the platform API enforces."""
    partners: Path | None = None
    """A JSON file ``{uuid: {name, country}}``, the platform's directory of partners; null for one that is none."""


@dataclass(frozen=True, slots=True)
class Running:
    """Tell how to reach a sandbox that is up."""

    keycloak_url: str
    """Keycloak's base URL, without a slash at its end."""
    api_url: str
    """The platform API's base URL: ``{api_url}/v1/me``."""
    realm: str
    """The realm whose tokens the platform API accepts."""
    admin_user: str
    """Keycloak's administrator, in the realm master, for the client admin-cli."""
    admin_password_file: Path
    """The file with the administrator's password; nobody else may read it."""
    partners_file: Path
    """The platform's directory of partners; a change takes effect at once."""
    folder: Path
    """The state folder, with the logs."""
    settings: ApiSettings
    """The rules that the platform API enforces."""
    started: bool = False
    """Whether the call started it, or found it up."""

    @property
    def admin_password(self) -> str:
        """Return the administrator's password."""
        return self.admin_password_file.read_text(encoding="ascii").strip()


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """Tell how one server is."""

    up: bool
    url: str | None
    pid: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """Tell how the sandbox is."""

    keycloak: ServerStatus
    api: ServerStatus
    folder: Path

    @property
    def up(self) -> bool:
        """Tell whether both servers run and answer."""
        return self.keycloak.up and self.api.up


def _quiet(_: str) -> None:
    return


class Sandbox:
    """Own one sandbox: the processes and the files of one state folder.

    As a context manager it is up inside the block and down after it::

        with Sandbox(folder) as running:
            print(running.api_url)
    """

    def __init__(self, folder: Path | None = None, options: Options | None = None, *, say: Say = _quiet) -> None:
        """Choose the sandbox; nothing is started yet.

        The state folder is by default that of RECONCILER_SANDBOX_DIR, or the user's own; ``options`` are what ``with``
        starts it with, and ``say`` is told of progress, a line at a time.
        """
        self._folder = Folder.default() if folder is None else Folder(folder)
        self._options = options or Options()
        self._say = say

    def __enter__(self) -> Running:
        return self.up(self._options)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def up(self, options: Options | None = None) -> Running:
        """Start what does not run yet, and return when both servers are ready.

        The first time takes a minute or two (Keycloak is fetched and built), the first start of a folder 20 s, later
        ones 10 s. When it fails or is interrupted, everything that it started is stopped again.

        Raises:
            ReconcilerError: Something is missing here, or a server did not start.
        """
        options = options or self._options
        api.require_extra()
        with self._folder.locked():
            state = self._folder.read()
            if state.is_up:
                self._load_partners(options.partners)
                return self._running(state, started=False)
            process.stop([server.process for server in state.servers])
            java = require_java(self._say)
            built = distribution.ensure(java, self._say)
            self._load_partners(options.partners)
            try:
                return self._running(self._start(java, built, options, state), started=True)
            except BaseException:
                # A server that is still starting does not listen to TERM, and has nothing to lose.
                process.stop([server.process for server in self._folder.read().servers], grace=2.0)
                raise

    def down(self, *, purge: bool = False) -> bool:
        """Stop both servers, and return whether anything ran.

        With ``purge``, delete the state as well: Keycloak's database, its administrator's password, the logs.
        """
        if not self._folder.path.is_dir():
            return False
        with self._folder.locked():
            running = [server.process for server in self._folder.read().servers if server.alive]
            process.stop(running)
            if purge:
                self._folder.purge()
        return bool(running)

    def status(self) -> Status:
        """Return how the sandbox is; asks both servers."""
        state = self._folder.read()
        return Status(
            keycloak=_status(state.keycloak, up=state.keycloak is not None and keycloak.is_ready(state.keycloak)),
            api=_status(state.api, up=state.api is not None and api.is_ready(state.api)),
            folder=self._folder.path,
        )

    def running(self) -> Running:
        """Return how to reach the sandbox.

        Raises:
            ReconcilerError: It is not up.
        """
        return self._running(self._folder.read(), started=False)

    def _start(self, java: Path, built: Path, options: Options, earlier: State) -> State:
        state = earlier.model_copy(update={"settings": options.settings})

        def record(**changed: Server) -> None:
            # At once, so that not even a kill of this very process leaves a server that nobody knows.
            nonlocal state
            state = state.model_copy(update=changed)
            self._folder.write(state)

        server = keycloak.start(
            self._folder,
            java,
            built,
            port=options.port,
            earlier=earlier.keycloak,
            begun=lambda begun: record(keycloak=begun),
            say=self._say,
        )
        self._say("Starting the platform API …")
        api.start(
            self._folder,
            options.settings,
            keycloak_url=server.url,
            port=options.api_port,
            earlier=earlier.api,
            begun=lambda begun: record(api=begun),
        )
        return state

    def _running(self, state: State, *, started: bool) -> Running:
        if not (state.is_up and state.keycloak and state.api and state.settings):
            raise ReconcilerError(f"No sandbox is up in {self._folder.path}.", remedy=f"Start it: {NOT_UP}")
        return Running(
            keycloak_url=state.keycloak.url,
            api_url=state.api.url,
            realm=state.settings.realm,
            admin_user=keycloak.ADMIN,
            admin_password_file=self._folder.admin_password,
            partners_file=self._folder.partners,
            folder=self._folder.path,
            settings=state.settings,
            started=started,
        )

    def _load_partners(self, file: Path | None) -> None:
        from reconciler.sandbox.platform.directory import parse_directory

        if file is not None:
            try:
                text = file.read_text(encoding="utf-8")
            except OSError as error:
                raise ReconcilerError(f"{file} cannot be read: {error.strerror}.") from error
            parse_directory(text, str(file))
            self._folder.partners.write_text(text, encoding="utf-8")
        elif not self._folder.partners.exists():
            self._folder.partners.write_text("{}\n", encoding="utf-8")


def _status(server: Server | None, *, up: bool) -> ServerStatus:
    if server is None:
        return ServerStatus(up=False, url=None, pid=None)
    return ServerStatus(up=up and server.alive, url=server.url, pid=server.process.pid if server.alive else None)
