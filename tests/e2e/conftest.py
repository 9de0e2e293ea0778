"""What the tests of whole commands share."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.e2e.fault_proxy import FaultProxy, fault_proxying
from tests.e2e.shell import Realm, Shell


@pytest.fixture
def realm(admin: httpx.Client, no_realm: str) -> Realm:
    return Realm(admin, no_realm)


@pytest.fixture
def fault_proxy(sandbox: Running) -> Iterator[FaultProxy]:
    with fault_proxying(sandbox.keycloak_url) as between:
        yield between


@pytest.fixture
def shell(tmp_path: Path, sandbox: Running, fault_proxy: FaultProxy, realm: Realm) -> Shell:
    return Shell(tmp_path, sandbox, fault_proxy.url)
