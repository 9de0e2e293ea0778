"""Valid JSON of another shape, from any endpoint, says what answered where, and is never an internal error."""

import json
from contextlib import suppress
from inspect import Parameter, signature

import pytest

from reconciler.adapters.admin.clients import ClientEndpoints
from reconciler.adapters.admin.organizations import OrganizationEndpoints
from reconciler.adapters.admin.realm import RealmEndpoints
from reconciler.adapters.admin.roles import RoleEndpoints
from reconciler.adapters.http import Connection
from reconciler.adapters.keycloak import connect
from reconciler.adapters.login import AccessTokenLogin
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import LiveSystemError, RequestFailed
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import Reply, Script, serving

pytestmark = pytest.mark.anyio

SUBJECTS = (RealmEndpoints, OrganizationEndpoints, ClientEndpoints, RoleEndpoints)
READS = sorted(
    name
    for subject in SUBJECTS
    for name in vars(subject)
    if not name.startswith(("_", "create", "update", "delete", "add", "remove", "replace", "leave", "link_", "unlink"))
    and not name.startswith(("grant", "revoke", "unregister"))
)
SHAPES = ("null", "7", "true", '"text"', "[7]", "[null]", "[[]]", '{"id": 7}', '[{"id": []}]', "[{}]", "[" * 100_000)


@pytest.mark.parametrize("name", READS)
async def test_another_shape_is_an_error_of_the_live_system_or_read_as_nothing(name: str) -> None:
    for shape in SHAPES:
        async with serving(Script(Reply(200, shape))) as url:
            connection = Connection("Keycloak", url, attempts=1)
            async with connect(connection, AccessTokenLogin("abc"), "r", SecretVault(), FakeClock()) as api:
                method = getattr(api, name)
                taken = [p for p in signature(method).parameters.values() if p.kind is not Parameter.KEYWORD_ONLY]
                with suppress(LiveSystemError, RequestFailed):
                    await method(*("x" for _ in taken))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"id": "1", "alias": "a", "attributes": []}, "the field 'attributes' is a list"),
        ({"id": 7}, "the field 'id' is a number"),
        ([], "it is a list"),
        (None, "it is null"),
    ],
)
async def test_the_error_says_what_is_another_shape(body: object, named: str) -> None:
    async with serving(Script(Reply(200, json.dumps(body)))) as url:
        connection = Connection("Keycloak", url, attempts=1)
        async with connect(connection, AccessTokenLogin("abc"), "r", SecretVault(), FakeClock()) as api:
            with pytest.raises(LiveSystemError) as error:
                await api.organization("1")
    assert named in error.value.message
    assert "GET /admin/realms/r/organizations/1" in error.value.message


CLIENTS = json.dumps([{"id": "17", "clientId": "api-client-x"}])
TWO = json.dumps([{"id": "17", "clientId": "api-client-x"}, {"id": "18", "clientId": "api-client-x"}])
ONE_TWICE = json.dumps([{"id": "17", "clientId": "api-client-x"}] * 2)


@pytest.mark.parametrize(
    ("status", "location", "found", "then"),
    [
        (201, "https://kc.example/admin/realms/r/clients/17", "[]", "17"),
        (201, "/auth/admin/realms/r/clients/a%20b", "[]", "a b"),
        (201, None, CLIENTS, "17"),
        (200, None, CLIENTS, "17"),
        (201, "https://proxy.example/", CLIENTS, "17"),
        (201, "", ONE_TWICE, "17"),
        (201, None, TWO, "several have one clientId, or one id"),
        (201, None, "[]", "answered 201 Created without the Location of what it created, and has no clientId"),
    ],
)
async def test_what_is_created_without_a_location_is_looked_up(
    status: int, location: str | None, found: str, then: str
) -> None:
    made = Reply(status, "", {} if location is None else {"Location": location})
    async with serving(Script(made, Reply(200, found))) as url:
        connection = Connection("Keycloak", url, attempts=1)
        async with connect(connection, AccessTokenLogin("abc"), "r", SecretVault(), FakeClock()) as api:
            if " " not in then or then == "a b":
                assert await api.create_client({"clientId": "api-client-x"}) == then
                return
            with pytest.raises(LiveSystemError) as error:
                await api.create_client({"clientId": "api-client-x"})
    assert then in error.value.message
    assert "/admin/realms/r/clients (request " in error.value.message
    assert error.value.exit_code == 3


async def test_the_organization_and_the_scope_of_no_location_are_there() -> None:
    organizations = json.dumps([{"id": "17", "alias": "acme", "attributes": {}}])
    async with serving(Script(Reply(201, ""), Reply(201, ""), Reply(200, organizations))) as url:
        connection = Connection("Keycloak", url, attempts=1)
        async with connect(connection, AccessTokenLogin("abc"), "r", SecretVault(), FakeClock()) as api:
            await api.create_client_scope({"name": "x"})
            assert await api.create_organization({"alias": "acme"}) == "17"
