"""Every part of a path is escaped: whatever a realm or an object is called, a request reaches that one."""

from contextlib import suppress
from inspect import Parameter, signature
from typing import Any
from urllib.parse import unquote

import pytest

from reconciler.adapters.admin.clients import ClientEndpoints
from reconciler.adapters.admin.organizations import OrganizationEndpoints
from reconciler.adapters.admin.realm import RealmEndpoints
from reconciler.adapters.admin.roles import RoleEndpoints
from reconciler.adapters.admin.secrets import SecretEndpoints
from reconciler.adapters.http import Connection
from reconciler.adapters.keycloak import connect
from reconciler.adapters.login import AccessTokenLogin
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import LiveSystemError, RequestFailed
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import Reply, Script, serving

pytestmark = pytest.mark.anyio

SUBJECTS = (RealmEndpoints, OrganizationEndpoints, ClientEndpoints, RoleEndpoints, SecretEndpoints)
ENDPOINTS = sorted({name for subject in SUBJECTS for name in vars(subject) if not name.startswith("_")})


async def paths(name: str, realm: str, value: str) -> list[str]:
    """Return the raw paths that the endpoint asks in the realm, every name in its arguments being ``value``."""
    script = Script(Reply(404))
    async with serving(script) as url:
        connection = Connection("Keycloak", url, attempts=1)
        async with connect(connection, AccessTokenLogin("abc"), realm, SecretVault(), FakeClock()) as api:
            method = getattr(api, name)
            given: dict[str, Any] = {"default": True}
            taken = signature(method).parameters.values()
            arguments = [
                {"name": "x"} if "epresentation" in str(each.annotation) else value
                for each in taken
                if each.kind is not Parameter.KEYWORD_ONLY
            ]
            keywords = {each.name: given[each.name] for each in taken if each.kind is Parameter.KEYWORD_ONLY}
            with suppress(RequestFailed, LiveSystemError):
                await method(*arguments, **keywords)
    return [seen.path for seen in script.seen]


@pytest.mark.parametrize("name", ENDPOINTS)
async def test_no_request_leaves_the_realm_that_is_meant(name: str) -> None:
    for realm in ("50%25", "a b/ä?#"):
        for path in await paths(name, realm, "x"):
            if path.startswith("/admin/realms/"):
                assert unquote(path.partition("?")[0].split("/")[3]) == realm


@pytest.mark.parametrize("name", ENDPOINTS)
async def test_no_name_of_an_object_adds_a_part_to_a_path(name: str) -> None:
    plain = await paths(name, "r", "x")
    for value in ("a/b?c#d", "50%25"):
        hostile = await paths(name, "r", value)
        # Roles whose names fit into no path are looked up first: the first request is another one then.
        if hostile and plain and "role" not in name and "composite" not in name and "mapping" not in name:
            assert hostile[0].partition("?")[0].count("/") == plain[0].partition("?")[0].count("/")
