"""What the tests of whole commands share."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.e2e.meddler import Meddler, meddling
from tests.e2e.shell import Realm, Shell


@pytest.fixture
def realm(admin: httpx.Client, no_realm: str) -> Realm:
    return Realm(admin, no_realm)


@pytest.fixture
def meddler(sandbox: Running) -> Iterator[Meddler]:
    with meddling(sandbox.keycloak_url) as between:
        yield between


@pytest.fixture
def shell(tmp_path: Path, sandbox: Running, meddler: Meddler, realm: Realm) -> Shell:
    return Shell(tmp_path, sandbox, meddler.url)
