"""One suite, two servers: the in-memory fake, and a real Keycloak that proves that the fake does not lie."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from reconciler.adapters import keycloak as adapter
from reconciler.adapters import platform_api
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.http import Connection
from reconciler.adapters.keycloak import KeycloakApi
from reconciler.adapters.login import PasswordLogin
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import RequestFailed
from reconciler.ports import AdminApi, PlatformApi, SecretApi
from reconciler.sandbox.lifecycle import Running
from tests.contract.hands import FakeHands, Hands, RealHands
from tests.contract.realms import Realms, a_name
from tests.fakes.keycloak import FakeKeycloak
from tests.fakes.platform import FakePlatform
from tests.fakes.runtime import FakeClock
from tests.server import KEYS


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.e2e)])
def server(request: pytest.FixtureRequest) -> Running | None:
    """The real server; None for the fake."""
    return request.getfixturevalue("sandbox") if request.param == "real" else None


@pytest.fixture
def console(server: Running | None, request: pytest.FixtureRequest) -> httpx.Client | None:
    """The real server's Admin API without the adapter; None for the fake."""
    return request.getfixturevalue("admin") if server else None


@pytest.fixture(scope="session")
def realms(admin: httpx.Client) -> Iterator[Realms]:
    """The real server's realms that tests use one after the other."""
    lent = Realms(admin)
    yield lent
    lent.close()


@pytest.fixture
def realm_name(server: Running | None, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a realm that only this test uses."""
    if server is None:
        yield a_name()
        return
    realms: Realms = request.getfixturevalue("realms")
    name = realms.take() if "keycloak" in request.fixturenames else a_name()
    yield name
    realms.give_back(name)


@pytest.fixture
async def no_realm_yet(
    server: Running | None, realm_name: str, monkeypatch: pytest.MonkeyPatch, anyio_backend: str
) -> AsyncIterator[AdminApi]:
    """The Admin API of a realm that nobody has created."""
    if server is None:
        yield FakeKeycloak(realm_name, FakeClock())
        return
    async with adapter.connect(_connection(server), _login(server), realm_name, SecretVault(), SystemClock()) as api:
        monkeypatch.setattr(api.http, "send", partial(_sent_again, api.http.send))
        yield api


async def _sent_again(
    send: Callable[..., Awaitable[httpx.Response]], request: httpx.Request, **options: Any
) -> httpx.Response:
    """Send once more what failed inside of the server: ``tests.server.AdminAuth`` says why."""
    try:
        return await send(request, **options)
    except RequestFailed as error:
        if error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return await send(request, **options)


@pytest.fixture
async def keycloak(
    no_realm_yet: AdminApi, realm_name: str, server: Running | None, request: pytest.FixtureRequest
) -> AdminApi:
    """The Admin API of a realm with organizations that is as new."""
    wanted = {"realm": realm_name, "enabled": True, "organizationsEnabled": True}
    if server is None:
        await no_realm_yet.create_realm(wanted)
        return no_realm_yet
    realms: Realms = request.getfixturevalue("realms")
    if not realms.is_there(realm_name):
        await no_realm_yet.create_realm({**wanted, "components": KEYS})
        realms.made(realm_name)
    return no_realm_yet


@pytest.fixture
def secret_api(keycloak: AdminApi) -> SecretApi:
    """The secrets of the realm's clients, which the same object hands out."""
    assert isinstance(keycloak, FakeKeycloak | KeycloakApi)
    return keycloak


@pytest.fixture
def hands(keycloak: AdminApi, console: httpx.Client | None, realm_name: str) -> Hands:
    """What an administrator can do beside the port."""
    if isinstance(keycloak, FakeKeycloak):
        return FakeHands(keycloak.by_hand)
    assert console is not None
    return RealHands(console, realm_name)


@dataclass(frozen=True)
class Platform:
    """A realm of Keycloak with the platform API that trusts it."""

    keycloak: AdminApi
    api: PlatformApi
    realm: str
    auto_pause: Callable[[str, str], None]
    """Pause the endpoints of a URL for a reason, as the platform does by itself."""


@pytest.fixture
async def platform(
    server: Running | None, request: pytest.FixtureRequest, anyio_backend: str
) -> AsyncIterator[Platform]:
    """The platform API, and its realm, which nobody has created yet."""
    if server is None:
        clock = FakeClock()
        fake = FakeKeycloak("nt24-idp", clock)
        api = FakePlatform(fake.store, clock)
        yield Platform(fake, api, "nt24-idp", lambda url, reason: assert_some(api.endpoints.auto_pause(url, reason)))
        return
    realm, vault = request.getfixturevalue("no_realm"), SecretVault()
    api_side = Connection("The platform", server.api_url)
    async with AsyncExitStack() as stack:
        keycloak_side = adapter.connect(_connection(server), _login(server), realm, vault, SystemClock())
        real = await stack.enter_async_context(keycloak_side)
        platform_side = platform_api.connect(api_side, _connection(server), realm, vault, SystemClock())
        yield Platform(real, await stack.enter_async_context(platform_side), realm, partial(auto_pause, server))


def assert_some(found: Sequence[object]) -> None:
    """Assert that something was found."""
    assert found


def auto_pause(server: Running, url: str, reason: str) -> None:
    """Make the sandbox's platform pause endpoints."""
    body = {"url": url, "reason": reason}
    httpx.post(f"{server.api_url}/sandbox/auto-pause", json=body, trust_env=False).raise_for_status()


def _login(server: Running) -> PasswordLogin:
    return PasswordLogin("master", "admin-cli", server.admin_user, server.admin_password)


def _connection(server: Running) -> Connection:
    return Connection("Keycloak", server.keycloak_url, timeout=60)
