"""The Admin API's adapter: paging, secrets, translated errors. What a server does with it is in ``tests/contract``."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from reconciler.adapters.http import Connection
from reconciler.adapters.keycloak import KeycloakApi, connect
from reconciler.adapters.login import AccessTokenLogin, AdminLogin, ClientSecretLogin, PasswordLogin
from reconciler.adapters.vault import PlainSecret, SecretVault
from reconciler.model.errors import AccessRefused, Conflict, NotFound, OutcomeUnknown, RequestFailed, Unreachable
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import HANG_UP, Reply, Script, serving

pytestmark = pytest.mark.anyio

READY = AccessTokenLogin("abc")
SECRETS = ("hunter2", "hunter3", "hunter4")
CLIENT: dict[str, Any] = {
    "id": "1",
    "clientId": "api-client-acme",
    "secret": "hunter2",
    "registrationAccessToken": "hunter3",
    "attributes": {"client.secret.rotated": "hunter4"},
}


def replying(*bodies: object) -> Script:
    return Script(*(Reply(200, json.dumps(body)) for body in bodies))


@asynccontextmanager
async def asking(
    script: Script, login: AdminLogin = READY, vault: SecretVault | None = None
) -> AsyncIterator[KeycloakApi]:
    async with serving(script) as url:
        connection = Connection("Keycloak", url, attempts=1)
        async with connect(connection, login, "nt24-idp", vault or SecretVault(), FakeClock()) as api:
            yield api


async def test_a_ready_token_is_used_without_a_login() -> None:
    script = replying({"realm": "nt24-idp"})
    async with asking(script) as api:
        assert await api.realm() == {"realm": "nt24-idp"}
    (seen,) = script.seen
    assert (seen.path, seen.headers["Authorization"]) == ("/admin/realms/nt24-idp", "Bearer abc")


@pytest.mark.parametrize(
    ("login", "form"),
    [
        (
            ClientSecretLogin("master", "reconciler", "s"),
            "grant_type=client_credentials&client_id=reconciler&client_secret=s",
        ),
        (
            PasswordLogin("master", "admin-cli", "u", "p"),
            "grant_type=password&client_id=admin-cli&username=u&password=p",
        ),
    ],
)
async def test_a_login_asks_for_a_token_first(login: AdminLogin, form: str) -> None:
    script = replying({"access_token": "xyz", "expires_in": 60}, {"realm": "nt24-idp"})
    async with asking(script, login) as api:
        await api.realm()
    token, read = script.seen
    assert (token.path, token.body) == ("/realms/master/protocol/openid-connect/token", form)
    assert read.headers["Authorization"] == "Bearer xyz"


async def test_a_login_that_is_not_accepted_refuses_us() -> None:
    async with asking(Script(Reply(401)), ClientSecretLogin("master", "x", "hunter2")) as api:
        with pytest.raises(AccessRefused) as error:
            await api.realm()
    assert "hunter2" not in str(error.value) + error.value.remedy
    assert "The login was the client 'x' of the realm 'master', by KEYCLOAK_CLIENT_SECRET." in error.value.message


async def test_a_ready_token_that_is_refused_says_what_it_is() -> None:
    async with asking(Script(Reply(401))) as api:
        with pytest.raises(AccessRefused) as error:
            await api.realm()
    assert error.value.remedy.startswith("Check KEYCLOAK_ACCESS_TOKEN: It is not a readable JWT.")


async def test_organizations_and_members_are_read_whole() -> None:
    script = replying([])
    async with asking(script) as api:
        await api.organizations()
        await api.members("1")
    assert all("briefRepresentation=false" in seen.path for seen in script.seen)


async def test_no_representation_of_a_client_holds_a_secret() -> None:
    vault = SecretVault()
    async with asking(replying([CLIENT]), vault=vault) as api:
        found = [*await api.clients(), await api.find_client("api-client-acme")]
    assert len(found) == 2
    assert not any(secret in json.dumps(found) for secret in SECRETS)
    assert vault.current("api-client-acme") == PlainSecret("hunter2")


async def test_only_the_exact_client_id_counts() -> None:
    async with asking(replying([CLIENT])) as api:
        assert await api.find_client("api-client") is None


async def test_a_realm_that_is_missing_is_none_but_a_refusal_is_an_error() -> None:
    async with asking(Script(Reply(404), Reply(403))) as api:
        assert await api.realm() is None
        with pytest.raises(AccessRefused, match="403") as error:
            await api.realm()
    assert "view-realm" in error.value.remedy


async def test_a_client_without_a_service_account_has_none_but_other_errors_stay() -> None:
    async with asking(Script(Reply(400), Reply(404))) as api:
        assert await api.service_account("1") is None
        with pytest.raises(NotFound):
            await api.service_account("1")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(409), Conflict),
        (Reply(404), NotFound),
        (Reply(500), RequestFailed),
        (Reply(403), AccessRefused),
        (Reply(503), Unreachable),
        (HANG_UP, OutcomeUnknown),
    ],
)
async def test_errors_are_ours_even_through_the_vendors_library(reply: Reply | None, error: type[Exception]) -> None:
    async with asking(Script(reply)) as api:
        with pytest.raises(error):
            await api.create_client({"clientId": "x"})
        with pytest.raises(error):
            await api.create_organization({"alias": "x"})


async def test_a_created_object_is_known_by_its_location() -> None:
    script = Script(Reply(201, "", {"Location": "https://kc.example/admin/realms/nt24-idp/clients/42"}))
    async with asking(script) as api:
        assert await api.create_client({"clientId": "x"}) == "42"


async def test_a_client_scope_is_addressed_by_its_name() -> None:
    script = replying([{"id": "7", "name": "basic"}], {})
    async with asking(script) as api:
        await api.add_client_scope("1", "basic", default=True)
        await api.remove_client_scope("1", "basic", default=False)
    assert [(seen.method, seen.path.removeprefix("/admin/realms/nt24-idp")) for seen in script.seen] == [
        ("GET", "/client-scopes"),
        ("PUT", "/clients/1/default-client-scopes/7"),
        ("DELETE", "/clients/1/optional-client-scopes/7"),
    ]


async def test_a_client_scope_that_is_missing_says_what_to_declare() -> None:
    async with asking(replying([])) as api:
        with pytest.raises(NotFound, match="no client scope 'basic'") as error:
            await api.add_client_scope("1", "basic", default=True)
    assert "kind: Realm" in error.value.remedy


async def test_roles_are_named_with_their_client() -> None:
    mappings = {
        "realmMappings": [{"name": "offline_access"}],
        "clientMappings": {"realm-management": {"mappings": [{"name": "view-users"}, {"name": "manage-users"}]}},
    }
    async with asking(replying(mappings, {})) as api:
        assert await api.roles_of("1") == (
            "offline_access",
            "realm-management/manage-users",
            "realm-management/view-users",
        )
        assert await api.roles_of("1") == ()


async def test_a_role_of_a_client_that_is_missing_is_not_found() -> None:
    async with asking(replying([])) as api:
        with pytest.raises(NotFound, match="no client 'nope'"):
            await api.grant_role("1", "nope/role")


async def test_a_server_is_asked_once_about_itself_however_many_want_to_know() -> None:
    about = {"features": [{"name": "ORGANIZATION", "enabled": True}], "enums": {"resourceType": ["CLIENT"]}}
    script = replying({**about, "systemInfo": {"version": "26.7.5"}})
    async with asking(script) as api:
        found = await asyncio.gather(api.release(), api.features(), api.event_types(), api.release())
    assert found == ["26.7.5", frozenset({"organization"}), frozenset({"CLIENT"}), "26.7.5"]
    assert [seen.path for seen in script.seen] == ["/admin/serverinfo"]


@pytest.mark.parametrize(
    "reply", [Reply(403, "{}"), Reply(200, "{}"), Reply(200, "[]"), Reply(200, '{"systemInfo": {}}')]
)
async def test_a_server_that_does_not_tell_its_release_has_none(reply: Reply) -> None:
    async with asking(Script(reply)) as api:
        assert await api.release() is None
