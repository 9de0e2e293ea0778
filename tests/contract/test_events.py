"""Admin events: which are listed, what they hold, and whose names stand behind their ids."""

from collections.abc import Mapping

import pytest

from reconciler.events.catalogue import UNDERSTOOD
from reconciler.model.attribution import AdminEvent
from reconciler.model.errors import RequestFailed
from reconciler.ports import AdminApi, SecretApi
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

ID = "api-client-acme"
RECORDED = {"adminEventsEnabled": True, "adminEventsDetailsEnabled": True}


@pytest.fixture
async def recording(keycloak: AdminApi) -> AdminApi:
    """The Admin API of a realm that records what is done, with one client."""
    await keycloak.update_realm(RECORDED)
    await keycloak.create_client({"clientId": ID, "serviceAccountsEnabled": True})
    return keycloak


async def uuid_of(keycloak: AdminApi) -> str:
    found = await keycloak.find_client(ID)
    assert found is not None
    return str(found["id"])


def told(events: tuple[AdminEvent, ...]) -> list[tuple[str, str, str]]:
    return [(event.operation, event.resource, event.path) for event in events]


async def test_the_newest_events_come_first_and_no_more_than_were_asked_for(recording: AdminApi) -> None:
    uuid = await uuid_of(recording)
    await recording.update_client(uuid, {"description": "d"})
    organization = await recording.create_organization({"name": "Acme", "alias": "acme"})
    assert told(await recording.events(limit=2)) == [
        ("CREATE", "ORGANIZATION", f"organizations/{organization}"),
        ("UPDATE", "CLIENT", f"clients/{uuid}"),
    ]
    everything = await recording.events(limit=100)
    assert [event.time for event in everything] == sorted((event.time for event in everything), reverse=True)
    assert len({event.id for event in everything}) == len(everything)


async def test_events_are_told_by_path_and_by_resource(recording: AdminApi) -> None:
    uuid = await uuid_of(recording)
    await recording.add_scope_mapping(uuid, "offline_access")
    organization = await recording.create_organization({"name": "Acme", "alias": "acme"})
    assert told(await recording.events(limit=9, path=f"clients/{uuid}")) == [("CREATE", "CLIENT", f"clients/{uuid}")]
    below = await recording.events(limit=9, path=f"clients/{uuid}*")
    assert [event.resource for event in below] == ["REALM_SCOPE_MAPPING", "CLIENT"]
    only = await recording.events(limit=9, resources=("ORGANIZATION",))
    assert [event.path for event in only] == [f"organizations/{organization}"]
    assert await recording.events(limit=9, path="clients/nothing-at-all") == ()


async def test_events_before_a_moment_are_left_out(recording: AdminApi) -> None:
    (created,) = await recording.events(limit=9, resources=("CLIENT",))
    assert await recording.events(created.time + 3_600_000, limit=9) == ()
    assert created in await recording.events(created.time, limit=9)


async def test_an_event_holds_what_was_written_but_no_secret(recording: AdminApi, secret_api: SecretApi) -> None:
    uuid = await uuid_of(recording)
    await recording.update_client(uuid, {"description": "by hand", "attributes": {"client.secret.rotated": "hunter2"}})
    await secret_api.regenerate_secret(uuid)
    renewed, updated = await recording.events(limit=2)
    assert isinstance(updated.content, Mapping)
    assert updated.content["description"] == "by hand"
    assert "hunter2" not in repr(updated)
    assert (renewed.operation, renewed.path) == ("ACTION", f"clients/{uuid}/client-secret")
    assert renewed.content == {"type": "secret"}


async def test_an_event_without_details_has_no_content(keycloak: AdminApi) -> None:
    await keycloak.update_realm({"adminEventsEnabled": True, "adminEventsDetailsEnabled": False})
    await keycloak.create_client({"clientId": ID})
    (created, *_) = await keycloak.events(limit=1)
    assert (created.operation, created.content) == ("CREATE", None)


async def test_who_did_it_has_a_name_where_it_logs_in(recording: AdminApi) -> None:
    (event, *_) = await recording.events(limit=1)
    assert event.actor.ip
    assert await recording.name_of_user(event.actor.user_id, event.actor.realm_id) == "admin"
    assert await recording.name_of_client(event.actor.client_id, event.actor.realm_id) == "admin-cli"


async def test_users_and_clients_of_the_realm_itself_have_names(recording: AdminApi, hands: Hands) -> None:
    realm = await recording.realm()
    assert realm is not None
    user = hands.add_user("eve")
    assert await recording.name_of_user(user, realm["id"]) == "eve"
    assert await recording.name_of_client(await uuid_of(recording), realm["id"]) == ID


async def test_what_is_gone_has_no_name(recording: AdminApi) -> None:
    realm = await recording.realm()
    assert realm is not None
    uuid = await uuid_of(recording)
    await recording.delete_client(uuid)
    assert await recording.name_of_client(uuid, realm["id"]) is None
    assert await recording.name_of_user(uuid, realm["id"]) is None


async def test_of_what_was_sent_only_what_is_asked_for_is_kept(recording: AdminApi) -> None:
    (created,) = await recording.events(limit=0, resources=("CLIENT",), keys=("serviceAccountsEnabled", "enabled"))
    assert created.content == {"serviceAccountsEnabled": True}


async def test_every_type_of_event_that_the_server_knows_is_understood(keycloak: AdminApi) -> None:
    """A new release's type is in no row of the catalogue: until it is, its events mean that everything is read."""
    types = await keycloak.event_types()
    assert types is not None
    # What an extension of the server records may be about anything.
    assert types - UNDERSTOOD == {"CUSTOM"}
    assert types >= UNDERSTOOD


async def test_a_server_that_does_not_know_a_type_tells_nothing(recording: AdminApi) -> None:
    with pytest.raises(RequestFailed):
        await recording.events(limit=0, resources=("CLIENT", "SOMETHING_NEW"))


async def test_switching_the_record_off_by_its_own_resource_is_recorded(recording: AdminApi, hands: Hands) -> None:
    hands.configure_events(adminEventsEnabled=False, adminEventsDetailsEnabled=True)
    await recording.create_client({"clientId": "unseen"})
    hands.configure_events(adminEventsEnabled=True, adminEventsDetailsEnabled=True)
    _, off, *_ = await recording.events(limit=9)
    assert (off.operation, off.resource, off.path) == ("UPDATE", "REALM", "events/config")
    assert isinstance(off.content, Mapping)
    assert off.content["adminEventsEnabled"] is False


async def test_every_request_is_counted(recording: AdminApi) -> None:
    before = recording.sent
    await recording.events(limit=1)
    assert recording.sent == before + 1
