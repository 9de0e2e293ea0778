"""The clients by which the reconciler logs in: made once, mended where they differ, and nobody else's touched."""

from dataclasses import replace

import pytest

from reconciler.app.bootstrap_login import MARK, SHAPE, BootstrapRequest, LoginClient, Trust, Trusted, bootstrap_login
from reconciler.model.errors import NotFound, SinkFailed, WrongUsage
from reconciler.ports import Systems
from tests.builders import REALM, a_realm, desired
from tests.fakes.run_events import RememberedEvents
from tests.fakes.runtime import MemorySink
from tests.fakes.world import World

pytestmark = pytest.mark.anyio
READER = LoginClient("reader", ("view-clients", "view-users"))
REQUEST = BootstrapRequest((READER,), REALM)


async def a_world() -> World:
    return await World().settled(desired(realm=a_realm()))


def systems(world: World) -> Systems:
    return replace(world.systems, secrets=world.keycloak)


async def test_what_is_missing_is_made_and_delivered_once() -> None:
    world = await a_world()
    (first,) = (await bootstrap_login(REQUEST, systems(world), RememberedEvents())).clients
    assert (first.is_new, first.granted, bool(first.delivered)) == (True, READER.roles, True)
    client = world.keycloak.store.client_named("reader")
    assert client is not None
    assert client.items() >= SHAPE.items()
    (again,) = (await bootstrap_login(REQUEST, systems(world), RememberedEvents())).clients
    assert (again.is_new, again.mended, again.granted, again.surplus, again.delivered) == (False, (), (), (), "")


async def test_what_differs_is_mended_and_what_others_gave_is_left() -> None:
    world = await a_world()
    await bootstrap_login(REQUEST, systems(world), RememberedEvents())
    client = world.keycloak.store.client_named("reader")
    assert client is not None
    client["directAccessGrantsEnabled"] = True
    account = await world.keycloak.service_account(client["id"])
    assert account is not None
    await world.keycloak.revoke_role(account["id"], "realm-management/view-users")
    await world.keycloak.grant_role(account["id"], "realm-management/realm-admin")
    (found,) = (await bootstrap_login(REQUEST, systems(world), RememberedEvents())).clients
    assert (found.mended, found.granted, found.surplus) == (
        ("directAccessGrantsEnabled",),
        ("view-users",),
        ("realm-admin",),
    )


async def test_somebody_elses_client_of_that_name_is_left_alone() -> None:
    world = await a_world()
    await world.keycloak.create_client({"clientId": "reader", "publicClient": True})
    with pytest.raises(WrongUsage, match="not made by bootstrap-login"):
        await bootstrap_login(REQUEST, systems(world), RememberedEvents())
    client = world.keycloak.store.client_named("reader")
    assert client is not None
    assert client["publicClient"]
    assert MARK not in client["attributes"]


async def test_the_name_of_an_integrations_client_is_refused() -> None:
    world = await a_world()
    request = BootstrapRequest((replace(READER, client_id="api-client-acme"),), REALM)
    with pytest.raises(WrongUsage, match="integration"):
        await bootstrap_login(request, systems(world), RememberedEvents())


async def test_nothing_is_made_where_no_secret_could_be_delivered() -> None:
    class Full(MemorySink):
        async def check(self) -> None:
            raise SinkFailed("The disk is full.")

    world = await a_world()
    with pytest.raises(SinkFailed):
        await bootstrap_login(REQUEST, replace(systems(world), sink=Full()), RememberedEvents())
    assert world.keycloak.store.client_named("reader") is None


async def test_a_missing_realm_is_said() -> None:
    with pytest.raises(NotFound, match=REALM):
        await bootstrap_login(REQUEST, systems(World()), RememberedEvents())


TRUST = Trust("github", "https://git.example", "https://git.example/keys", 300)
JOB = LoginClient("reconciler-read", ("view-clients",), "repo:acme/integrations:environment:reconciler-read")
BY_TOKEN = BootstrapRequest((JOB,), REALM, trust=TRUST)


async def test_who_logs_in_by_a_host_s_tokens_has_no_secret_to_deliver() -> None:
    world = await a_world()
    without_sink = replace(systems(world), sink=None)
    first_of_all = await bootstrap_login(BY_TOKEN, without_sink, RememberedEvents())
    (first,) = first_of_all.clients
    assert (first.is_new, first.granted, first.delivered) == (True, JOB.roles, "")
    client = world.keycloak.store.client_named(JOB.client_id)
    assert client is not None
    assert client["clientAuthenticatorType"] == "federated-jwt"
    assert client["attributes"]["jwt.credential.issuer"] == "github"
    assert client["attributes"]["jwt.credential.sub"] == JOB.subject
    provider = world.keycloak.store.identity_providers["github"]
    assert provider["config"].items() >= TRUST.config.items()
    assert first_of_all.trusted == Trusted("github", is_new=True)
    (again,) = (await bootstrap_login(BY_TOKEN, without_sink, RememberedEvents())).clients
    assert (again.is_new, again.mended, again.granted) == (False, (), ())


async def test_a_subject_that_moved_and_settings_of_the_issuer_are_mended() -> None:
    world = await a_world()
    await bootstrap_login(BY_TOKEN, systems(world), RememberedEvents())
    world.keycloak.store.identity_providers["github"]["config"]["supportsClientAssertions"] = "false"
    moved = replace(JOB, subject="repo:acme/moved:environment:reconciler-read")
    (found,) = (await bootstrap_login(replace(BY_TOKEN, clients=(moved,)), systems(world), RememberedEvents())).clients
    assert found.mended == ("attributes",)
    client = world.keycloak.store.client_named(JOB.client_id)
    assert client is not None
    assert (client["attributes"]["jwt.credential.sub"], MARK in client["attributes"]) == (moved.subject, True)
    assert world.keycloak.store.identity_providers["github"]["config"]["supportsClientAssertions"] == "true"


async def test_an_identity_provider_of_another_issuer_is_left_alone() -> None:
    world = await a_world()
    await bootstrap_login(BY_TOKEN, systems(world), RememberedEvents())
    other = replace(TRUST, issuer="https://other.example")
    with pytest.raises(WrongUsage, match=r"already, of the type oidc and the issuer https://git.example"):
        await bootstrap_login(replace(BY_TOKEN, trust=other), systems(world), RememberedEvents())


OF_PEOPLE = {
    "issuer": TRUST.issuer, "clientId": "people-login", "clientSecret": "**********",
    "authorizationUrl": "https://git.example/authorize", "tokenUrl": "https://git.example/token",
}  # fmt: skip


async def shared(**config: str) -> World:
    """Return a world with an identity provider of that issuer by which people log in."""
    world = await a_world()
    given = {"alias": "github", "providerId": "oidc", "displayName": "Git", "config": {**OF_PEOPLE, **config}}
    await world.keycloak.create_identity_provider(given)
    return world


@pytest.mark.parametrize(
    ("config", "added"),
    [
        ({}, {**TRUST.keys_config, "fedClientAssertionMaxExp": "300"}),
        ({**TRUST.keys_config, "fedClientAssertionMaxExp": "7200"}, {}),
        ({"validateSignature": "true", "supportsClientAssertions": "false"}, {
            "useJwksUrl": "true", "jwksUrl": TRUST.keys, "fedClientAssertionMaxExp": "300",
        }),
    ],
)  # fmt: skip
async def test_an_identity_provider_of_people_gets_what_tokens_need_and_keeps_the_rest(
    config: dict[str, str], added: dict[str, str]
) -> None:
    world = await shared(**config)
    before = await world.keycloak.identity_provider("github")
    found = (await bootstrap_login(BY_TOKEN, systems(world), RememberedEvents())).trusted
    after = await world.keycloak.identity_provider("github")
    added = {**added, "supportsClientAssertions": "true", "supportsClientAssertionReuse": "true"}
    assert after == {**before, "config": {**before["config"], **added}}
    mended = tuple(sorted(f"{key}={value}" for key, value in added.items()))
    assert found == Trusted("github", is_new=False, is_shared=True, mended=mended)
    again = (await bootstrap_login(BY_TOKEN, systems(world), RememberedEvents())).trusted
    assert again == Trusted("github", is_new=False, is_shared=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("validateSignature", "false"), ("jwksUrl", "https://git.example/others"), ("useJwksUrl", "false")],
)
async def test_keys_of_an_identity_provider_that_are_others_are_not_overwritten(name: str, value: str) -> None:
    world = await shared(**{name: value})
    before = await world.keycloak.identity_provider("github")
    with pytest.raises(WrongUsage, match=f"{name}={value}, and people may log in by it"):
        await bootstrap_login(BY_TOKEN, systems(world), RememberedEvents())
    assert await world.keycloak.identity_provider("github") == before
    assert world.keycloak.store.client_named(JOB.client_id) is None


async def test_an_identity_provider_of_another_type_is_left_alone_and_another_alias_is_taken() -> None:
    world = await a_world()
    await world.keycloak.create_identity_provider({"alias": "github", "providerId": "github", "config": {}})
    with pytest.raises(WrongUsage, match="of the type github") as refused:
        await bootstrap_login(BY_TOKEN, systems(world), RememberedEvents())
    assert "--alias" in refused.value.remedy
    other = replace(BY_TOKEN, trust=replace(TRUST, alias="pipelines"))
    await bootstrap_login(other, systems(world), RememberedEvents())
    client = world.keycloak.store.client_named(JOB.client_id)
    assert client is not None
    assert client["attributes"]["jwt.credential.issuer"] == "pipelines"


async def test_who_goes_back_to_a_secret_has_one_that_is_delivered_and_no_trust_is_left() -> None:
    world = await a_world()
    await bootstrap_login(BY_TOKEN, systems(world), RememberedEvents())
    by_secret = BootstrapRequest((replace(JOB, subject=""),), REALM)
    (found,) = (await bootstrap_login(by_secret, systems(world), RememberedEvents())).clients
    assert (found.mended, bool(found.delivered)) == (("attributes", "clientAuthenticatorType"), True)
    client = world.keycloak.store.client_named(JOB.client_id)
    assert client is not None
    assert client["clientAuthenticatorType"] == "client-secret"
    assert not any(value for key, value in client["attributes"].items() if key.startswith("jwt.credential."))
    client["clientAuthenticatorType"] = "client-jwt"
    (again,) = (await bootstrap_login(by_secret, systems(world), RememberedEvents())).clients
    assert (again.mended, again.delivered, client["clientAuthenticatorType"]) == ((), "", "client-jwt")
