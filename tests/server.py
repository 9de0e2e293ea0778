"""One real Keycloak and one platform API for the whole run of the tests."""

import os
import shutil
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox import api, process
from reconciler.sandbox.folder import Folder
from reconciler.sandbox.java import require_java
from reconciler.sandbox.lifecycle import Options, Running, Sandbox

SHARED: Final = "RECONCILER_TEST_SANDBOX"
"""Names the folder of a sandbox that is up: its Keycloak is used, beside others, and nothing of it is stopped."""
_OPTIONS: Final = Options(api_cache_seconds=0.2)
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
        yield request


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox as it was started: a fresh one, or the shared one."""
    try:
        require_java(print)
    except ReconcilerError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{error.message} {error.remedy}")
        pytest.skip(f"NO TEST OF THIS KIND RUNS HERE. {error.message} {error.remedy}")
    if shared := os.environ.get(SHARED):
        yield Sandbox(Path(shared)).running()
        return
    with Sandbox(tmp_path_factory.mktemp("started"), _OPTIONS, say=print) as running:
        yield running


@pytest.fixture(scope="session")
def sandbox(started: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sandbox; where others use it, too, with a realm and a platform API of its own."""
    if SHARED not in os.environ:
        yield started
        return
    with _beside_others(started, tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@contextmanager
def _beside_others(found: Running, folder: Path) -> Iterator[Running]:
    """Start a platform API of our own, for a realm of our own, at the Keycloak of a sandbox that is up."""
    ours, realm = Folder(folder), f"it-{uuid.uuid4().hex[:8]}"
    shutil.copy(found.admin_password_file, ours.admin_password)
    ours.partners.write_text("{}\n", encoding="utf-8")
    settings = replace(_OPTIONS, realm=realm).settings
    started: list[process.Process] = []
    try:
        server = api.start(
            ours,
            settings,
            keycloak_url=found.keycloak_url,
            port=0,
            earlier=None,
            begun=lambda begun: started.append(begun.process),
        )
        yield replace(
            found,
            api_url=server.url,
            realm=realm,
            admin_password_file=ours.admin_password,
            partners_file=ours.partners,
            folder=folder,
            settings=settings,
        )
    finally:
        process.stop(started)


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
