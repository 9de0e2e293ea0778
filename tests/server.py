"""One real Keycloak for the whole run of the tests, also where several processes share the run."""

import fcntl
import os
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox import api
from reconciler.sandbox.folder import ApiSettings, Folder, State
from reconciler.sandbox.java import require_java
from reconciler.sandbox.keycloak import JVM_VARIABLE
from reconciler.sandbox.lifecycle import Options, Running, Sandbox

SHARED: Final = "RECONCILER_TEST_SANDBOX"
"""Names the folder of a sandbox that is up: its Keycloak is used, beside others, and nothing of it is stopped."""
_STARTING: Final = "starting"
"""A file in such a folder that was made for one run: whoever holds it starts the sandbox where it is not up."""
_BESIDE: Final = "beside-"
"""How the folders begin in it of those who use it beside others."""
_JVM: Final = "-XX:TieredStopAtLevel=4"
"""Both compilers: a start takes 8 s more than with the first alone, but making a realm, for its RSA keys, 1.4 s of
processor time instead of 4 s (measured on Keycloak 26.7.5, OpenJDK 17, 2 cores)."""
_CHEAP_HASH: Final = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"
"""Of the administrator's password, who logs in with each command: 9 ms of processor time instead of 77 ms."""
_OPTIONS: Final = Options(settings=ApiSettings(cache_seconds=0.2))
"""The platform API keeps what it read of an organization for 0.2 s."""


def _key(provider: str, **settings: str) -> dict[str, object]:
    config = {name: [value] for name, value in {"priority": "100", **settings}.items()}
    return {"name": provider, "providerId": provider, "config": config}


KEYS = {
    "org.keycloak.keys.KeyProvider": [
        _key("ecdsa-generated"),
        _key("hmac-generated", algorithm="HS512"),
        _key("aes-generated"),
    ]
}
"""``components`` of a realm that issues no tokens: making RSA keys takes seconds, and these a tenth of one."""


def pytest_configure(config: pytest.Config) -> None:
    """Give the processes that share this run a folder for one sandbox, which this process stops when it has done."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    # A run that is told to end stops what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if config.getoption("numprocesses", None) and SHARED not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="sandbox-of-tests-"))
        (folder / _STARTING).touch()
        os.environ[SHARED] = str(folder)
        config.add_cleanup(lambda: _stop(folder))


def _stop(folder: Path) -> None:
    """Stop the sandbox of the run, and what a process that was killed has left."""
    del os.environ[SHARED]
    for place in (*folder.glob(f"{_BESIDE}*"), folder):
        Sandbox(place).down()
    shutil.rmtree(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever needs the server."""
    for item in items:
        if isinstance(item, pytest.Function) and "started" in item.fixturenames:
            item.add_marker(pytest.mark.e2e)


class AdminAuth(httpx.Auth):
    """Log in as Keycloak's administrator, again whenever the token (60 s) is about to end."""

    requires_response_body = True

    def __init__(self, running: Running) -> None:
        self._running = running
        self._token = ""
        self._good_until = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() >= self._good_until:
            login = yield httpx.Request(
                "POST",
                f"{self._running.keycloak_url}/realms/master/protocol/openid-connect/token",
                data={
                    "grant_type": "password",
                    "client_id": "admin-cli",
                    "username": self._running.admin_user,
                    "password": self._running.admin_password,
                },
            )
            login.raise_for_status()
            self._token = login.json()["access_token"]
            self._good_until = time.monotonic() + login.json()["expires_in"] - 20
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            # Keycloak's cache of a composite role breaks while another realm is made or deleted beside it: 8 of 400
            # such writes under load (measured on 26.7.5, "DefaultLazyLoader … fallback is null").
            yield request


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox as it was started: a fresh one, or the shared one."""
    if shared := os.environ.get(SHARED):
        yield _shared(Path(shared))
        return
    fresh = Sandbox(tmp_path_factory.mktemp("sandbox"), _OPTIONS, say=print)
    try:
        yield _up(fresh)
    finally:
        fresh.down()


def _shared(folder: Path) -> Running:
    """Return the sandbox that is up there; in the folder of a run, whoever comes first starts it."""
    if not (folder / _STARTING).exists():
        return Sandbox(folder).running()
    with (folder / _STARTING).open("wb") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        return _up(Sandbox(folder, _OPTIONS, say=print))


def _up(sandbox: Sandbox) -> Running:
    try:
        require_java(print)
    except ReconcilerError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{error.message} {error.remedy}")
        pytest.skip(f"NO TEST OF THIS KIND RUNS HERE. {error.message} {error.remedy}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(JVM_VARIABLE, f"{_JVM} {os.environ.get(JVM_VARIABLE, '')}")
        running = sandbox.up()
    with httpx.Client(base_url=running.keycloak_url, auth=AdminAuth(running), timeout=60, trust_env=False) as admin:
        admin.put("/admin/realms/master", json={"passwordPolicy": _CHEAP_HASH}).raise_for_status()
    return running


@pytest.fixture(scope="session")
def sandbox(started: Running) -> Iterator[Running]:
    """The sandbox; where others use it, too, with a realm and a platform API of its own."""
    if SHARED not in os.environ:
        yield started
        return
    with tempfile.TemporaryDirectory(prefix=_BESIDE, dir=started.folder) as folder:
        try:
            yield _beside_others(started, Folder(Path(folder)))
        finally:
            Sandbox(Path(folder)).down()


def _beside_others(found: Running, folder: Folder) -> Running:
    """Start a platform API of our own, for a realm of our own, at the Keycloak of a sandbox that is up."""
    settings = _OPTIONS.settings.model_copy(update={"realm": f"it-{uuid.uuid4().hex[:8]}"})
    shutil.copy(found.admin_password_file, folder.admin_password)
    folder.partners.write_text("{}\n", encoding="utf-8")
    server = api.start(
        folder,
        settings,
        keycloak_url=found.keycloak_url,
        port=0,
        earlier=None,
        begun=lambda begun: folder.write(State(api=begun)),
    )
    return replace(
        found,
        api_url=server.url,
        realm=settings.realm,
        admin_password_file=folder.admin_password,
        partners_file=folder.partners,
        folder=folder.path,
        settings=settings,
    )


@pytest.fixture(scope="session")
def admin(sandbox: Running) -> Iterator[httpx.Client]:
    """Keycloak's Admin API, ``{keycloak}/admin/realms``, as the administrator; the token is renewed by itself."""
    with httpx.Client(
        base_url=f"{sandbox.keycloak_url}/admin/realms", auth=AdminAuth(sandbox), timeout=60, trust_env=False
    ) as client:
        yield client


@pytest.fixture
def no_realm(sandbox: Running, admin: httpx.Client) -> Iterator[str]:
    """The name of the realm that the platform API trusts; the realm does not exist, and will be deleted again."""
    admin.delete(f"/{sandbox.realm}")
    yield sandbox.realm
    admin.delete(f"/{sandbox.realm}")
