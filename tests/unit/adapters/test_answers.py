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
