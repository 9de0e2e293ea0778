"""What the tests of whole commands share."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.e2e.fault_proxy import FaultProxy, fault_proxying
from tests.e2e.shell import Realm, Shell

EXAMPLES = Path(__file__).parents[2] / "examples"


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


@pytest.fixture
def partners_of_the_examples(sandbox: Running) -> Iterator[None]:
    """The platform knows the partners of the examples."""
    file = sandbox.partners_file
    before = file.read_text(encoding="utf-8")
    file.write_text((EXAMPLES / "partners.json").read_text(encoding="utf-8"), encoding="utf-8")
    yield
    file.write_text(before, encoding="utf-8")
