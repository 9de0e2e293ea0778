"""What is read of the client in Keycloak, and how honest it is about what could not be read."""

from collections.abc import Mapping

import pytest

from reconciler.adapters.vault import PlainSecret
from reconciler.diagnose.stored import SecretMatch, Stored, read_stored
from reconciler.model.errors import AccessRefused
from reconciler.model.observed import ReadFailure
from reconciler.model.value import Representation
from reconciler.ports import Secret, SecretApi
from tests.builders import a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

CLIENT = "api-client-acme"
WANTED = desired(an_organization(), an_organization("other"), realm=a_realm())
REFUSED = AccessRefused("403 Forbidden.", remedy="Give it the role.")


class Secrets(SecretApi):
    """The secrets of every client alike; they can only be read."""

    def __init__(self, current: str | None = "current", old: str | None = None) -> None:
        self._pair = tuple(None if value is None else PlainSecret(value) for value in (current, old))

    async def secrets_of(self, client_id: str) -> tuple[Secret | None, Secret | None]:
        return self._pair[0], self._pair[1]

    async def logins(self, client_id: str) -> tuple[Representation, ...]:
        return ({"time": 1},)

    async def regenerate_secret(self, uuid: str) -> None:
        raise AssertionError("a doctor writes nothing")

    async def revoke_old_secret(self, uuid: str) -> None:
        raise AssertionError("a doctor writes nothing")

    async def exchange_secrets(self, uuid: str, client_id: str, representation: Representation) -> None:
        raise AssertionError("a doctor writes nothing")


async def read(world: World, secrets: Secrets | None = None, *, own: str = "current", client: str = CLIENT) -> Stored:
    return await read_stored(world.keycloak, secrets or Secrets(), client, PlainSecret(own))


async def test_a_client_is_read_with_its_account_and_organization() -> None:
    stored = await read(await World().settled(WANTED))

    assert stored.client is not None
    assert stored.client["clientId"] == CLIENT
    assert isinstance(stored.account, Mapping)
    assert stored.organization is not None
    assert stored.organization["alias"] == "acme"
    assert isinstance(stored.scope, Mapping)
    assert stored.logins == ({"time": 1},)


@pytest.mark.parametrize(
    ("secrets", "own", "match"),
    [
        (Secrets(), "current", SecretMatch.CURRENT),
        (Secrets(old="old"), "old", SecretMatch.OLD),
        (Secrets(old="old"), "other", SecretMatch.NEITHER),
        (Secrets(), "other", SecretMatch.NEITHER),
        (Secrets(current=None), "current", SecretMatch.UNKNOWN),
    ],
)
async def test_the_program_s_secret_is_compared_with_those_of_the_client(
    secrets: Secrets, own: str, match: SecretMatch
) -> None:
    assert (await read(await World().settled(WANTED), secrets, own=own)).secret is match


async def test_a_realm_or_client_that_is_not_there_is_none() -> None:
    nothing, somebody = await read(World()), await read(await World().settled(WANTED), client="api-client-nobody")

    assert (nothing.realm, nothing.client) == (None, None)
    assert somebody.realm is not None
    assert somebody.client is None


async def test_no_service_account_is_asked_for_where_there_should_be_none() -> None:
    world = await World().settled(WANTED)
    client = await world.keycloak.find_client(CLIENT)
    assert client is not None
    await world.keycloak.update_client(str(client["id"]), {**client, "serviceAccountsEnabled": False})
    stored = await read(world)

    assert (stored.account, stored.organizations, stored.organization) == (None, (), None)


@pytest.mark.parametrize("method", ["realm", "service_account", "organizations_of", "organizations", "client_scope"])
async def test_what_may_not_be_read_leaves_a_hole_and_the_rest(method: str) -> None:
    world = await World().settled(WANTED)
    world.keycloak.traffic.fail(REFUSED, method=method)
    stored = await read(world)

    read_failures = [
        each
        for each in (stored.realm, stored.account, stored.organizations, stored.scope)
        if isinstance(each, ReadFailure)
    ]
    assert read_failures
    assert {failure.reason for failure in read_failures} == {"403 Forbidden."}
    assert stored.client is not None


async def test_a_login_that_may_not_read_clients_at_all_is_refused() -> None:
    world = await World().settled(WANTED)
    world.keycloak.traffic.fail(REFUSED, method="find_client")

    with pytest.raises(AccessRefused):
        await read(world)


@pytest.mark.parametrize("release", ["26.7.5", None])
async def test_the_server_s_release_is_read_where_it_is_shown(release: str | None) -> None:
    world = await World().settled(WANTED)
    world.keycloak.store.release = release
    assert (await read(world)).release == release
    assert (await read(world, client="api-client-nobody")).release == release
