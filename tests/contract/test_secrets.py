"""Secrets: what a new one makes of the old one, with and without a rotation policy, and who is seen to log in."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.kinds.client.secret_times import CREATED, EXPIRES, OLD_EXPIRES, ROTATED_AT
from reconciler.kinds.patch import merged
from reconciler.model.errors import NotFound
from reconciler.ports import AdminApi, SecretApi
from tests.contract.hands import Hands

pytestmark = pytest.mark.anyio

ID = "api-client-acme"
OWN = {"reconciler/owner": "reconciler"}
PERIODS = {"expiration-period": 1000, "rotated-expiration-period": 100, "remaining-rotation-period": 100}
OLD = {ROTATED_AT, OLD_EXPIRES}


@dataclass(frozen=True)
class Keys:
    """A client with its secrets, asked through both ports."""

    admin: AdminApi
    secrets: SecretApi
    hands: Hands
    uuid: str

    async def both(self) -> tuple[str | None, str | None]:
        current, old = await self.secrets.secrets_of(ID)
        return current.reveal() if current else None, old.reveal() if old else None

    async def times(self) -> dict[str, int]:
        """Return what the client's attributes say of its secrets, as whole seconds."""
        found = await self.live()
        return {key: int(value) for key, value in found["attributes"].items() if key.startswith("client.secret.")}

    async def live(self) -> dict[str, Any]:
        found = await self.admin.find_client(ID)
        assert found is not None
        return dict(found)

    async def write(self, **attributes: str) -> None:
        """Put the client with other attributes."""
        await self.admin.update_client(self.uuid, await self.whole(attributes))

    async def whole(self, attributes: dict[str, str]) -> dict[str, Any]:
        live = merged(await self.live(), {})
        return {**live, "attributes": {**live["attributes"], **attributes}}

    def accepts(self, secret: str | None) -> bool:
        return secret is not None and self.hands.log_in(ID, secret) is not None


@pytest.fixture
async def keys(keycloak: AdminApi, secret_api: SecretApi, hands: Hands) -> Keys:
    """A client in a realm without a rotation policy."""
    uuid = await keycloak.create_client({"clientId": ID, "serviceAccountsEnabled": True, "attributes": OWN})
    return Keys(keycloak, secret_api, hands, uuid)


async def declare_policy(keys: Keys, **periods: int) -> None:
    """Let the realm keep old secrets of our clients."""
    executors = [{"executor": "secret-rotation", "configuration": PERIODS | periods}]
    matching = json.dumps([{"key": key, "value": value} for key, value in OWN.items()])
    conditions = [{"condition": "client-attributes", "configuration": {"attributes": matching}}]
    await keys.admin.replace_client_profiles(({"name": "p", "executors": executors},))
    policy = {"name": "p", "enabled": True, "conditions": conditions, "profiles": ["p"]}
    await keys.admin.replace_client_policies((policy,))


async def test_a_new_client_has_one_secret_that_it_can_log_in_with(keys: Keys) -> None:
    current, old = await keys.both()
    assert current is not None
    assert old is None
    assert keys.accepts(current)
    assert not keys.accepts("another")
    assert (await keys.times()).keys() == {CREATED}


async def test_a_client_that_is_not_there_has_no_secret(keys: Keys) -> None:
    await keys.secrets.secrets_of(ID)
    await keys.admin.delete_client(keys.uuid)
    assert await keys.secrets.secrets_of(ID) == (None, None)


async def test_no_representation_holds_a_secret(keys: Keys) -> None:
    await declare_policy(keys)
    await keys.secrets.regenerate_secret(keys.uuid)
    secrets = await keys.both()
    seen = json.dumps([await keys.live(), *(dict(each) for each in await keys.admin.clients())])
    assert all(secret is not None and secret not in seen for secret in secrets)


async def test_without_a_policy_the_old_secret_dies_at_once(keys: Keys) -> None:
    first, _ = await keys.both()
    await keys.secrets.regenerate_secret(keys.uuid)
    second, old = await keys.both()
    assert old is None
    assert (keys.accepts(first), keys.accepts(second)) == (False, True)
    assert (await keys.times()).keys() == {CREATED}


async def test_under_a_policy_the_old_secret_lives_beside_the_new_one(keys: Keys) -> None:
    await declare_policy(keys)
    first, _ = await keys.both()
    await keys.secrets.regenerate_secret(keys.uuid)
    second, old = await keys.both()
    assert old == first != second
    assert keys.accepts(first)
    assert keys.accepts(second)
    times = await keys.times()
    assert times[EXPIRES] - times[CREATED] == 1000
    assert times[OLD_EXPIRES] - times[ROTATED_AT] == 100


async def test_another_new_secret_kills_the_older_of_two(keys: Keys) -> None:
    await declare_policy(keys)
    first, _ = await keys.both()
    await keys.secrets.regenerate_secret(keys.uuid)
    second, _ = await keys.both()
    await keys.secrets.regenerate_secret(keys.uuid)
    third, old = await keys.both()
    assert old == second
    assert [keys.accepts(secret) for secret in (first, second, third)] == [False, True, True]


async def test_a_policy_of_no_overlap_keeps_no_old_secret(keys: Keys) -> None:
    await declare_policy(keys, **{"rotated-expiration-period": 0})
    first, _ = await keys.both()
    await keys.secrets.regenerate_secret(keys.uuid)
    assert (await keys.both())[1] is None
    assert not keys.accepts(first)
    assert (await keys.times()).keys() == {CREATED, EXPIRES}


async def test_a_revoked_secret_is_gone_with_its_times(keys: Keys) -> None:
    await declare_policy(keys)
    first, _ = await keys.both()
    await keys.secrets.regenerate_secret(keys.uuid)
    await keys.secrets.revoke_old_secret(keys.uuid)
    current, old = await keys.both()
    assert old is None
    assert (keys.accepts(first), keys.accepts(current)) == (False, True)
    assert not OLD & (await keys.times()).keys()


async def test_revoking_where_there_is_no_old_secret_is_no_error(keys: Keys) -> None:
    before = await keys.both()
    await keys.secrets.revoke_old_secret(keys.uuid)
    assert await keys.both() == before


async def test_two_secrets_change_places_and_both_stay_accepted(keys: Keys) -> None:
    await declare_policy(keys)
    await keys.secrets.regenerate_secret(keys.uuid)
    before = await keys.both()
    await keys.secrets.exchange_secrets(keys.uuid, ID, await keys.whole({"k": "v"}))
    assert await keys.both() == before[::-1]
    assert all(map(keys.accepts, before))
    assert (await keys.live())["attributes"]["k"] == "v"


async def test_there_is_nothing_to_exchange_one_secret_with(keys: Keys) -> None:
    with pytest.raises(NotFound):
        await keys.secrets.exchange_secrets(keys.uuid, ID, await keys.whole({}))


async def test_an_old_secret_that_is_closed_is_refused_until_its_end_is_written_back(keys: Keys) -> None:
    await declare_policy(keys)
    await keys.secrets.regenerate_secret(keys.uuid)
    current, old = await keys.both()
    end = (await keys.times())[OLD_EXPIRES]
    await keys.write(**{OLD_EXPIRES: "1"})
    assert (keys.accepts(old), keys.accepts(current)) == (False, True)
    await keys.write(**{OLD_EXPIRES: str(end)})
    assert keys.accepts(old)
    assert await keys.both() == (current, old)


async def test_a_client_that_is_written_under_a_policy_gets_an_end_and_keeps_its_secret(keys: Keys) -> None:
    before = await keys.both()
    await declare_policy(keys)
    assert EXPIRES not in await keys.times()
    await keys.write(k="v")
    assert EXPIRES in await keys.times()
    assert await keys.both() == before


async def test_a_secret_that_has_expired_is_refused_and_replaced_when_the_client_is_written(keys: Keys) -> None:
    await declare_policy(keys)
    first, _ = await keys.both()
    await keys.write(k="v")
    await keys.write(**{EXPIRES: "5"})
    second, old = await keys.both()
    assert old == first != second
    assert keys.accepts(second)


async def test_logins_are_told_newest_first_with_the_id_of_the_token(keys: Keys) -> None:
    await keys.admin.update_realm({"eventsEnabled": True, "enabledEventTypes": ["CLIENT_LOGIN", "CLIENT_LOGIN_ERROR"]})
    current, _ = await keys.both()
    assert current is not None
    token_id = keys.hands.log_in(ID, current)
    keys.hands.log_in(ID, "another")
    failed, succeeded = await keys.secrets.logins(ID)
    assert (failed["type"], failed["error"]) == ("CLIENT_LOGIN_ERROR", "invalid_client_credentials")
    assert (succeeded["type"], succeeded["details"]["token_id"]) == ("CLIENT_LOGIN", token_id)
    assert failed["time"] >= succeeded["time"]
    assert all(event["ipAddress"] for event in (failed, succeeded))


async def test_logins_of_others_are_not_told_nor_types_that_are_not_recorded(keys: Keys) -> None:
    await keys.admin.update_realm({"eventsEnabled": True, "enabledEventTypes": ["CLIENT_LOGIN"]})
    await keys.admin.create_client({"clientId": "api-client-other", "serviceAccountsEnabled": True})
    other, _ = await keys.secrets.secrets_of("api-client-other")
    assert other is not None
    keys.hands.log_in("api-client-other", other.reveal())
    keys.hands.log_in(ID, "another")
    assert await keys.secrets.logins(ID) == ()


async def test_where_nothing_is_recorded_no_logins_are_told(keys: Keys) -> None:
    current, _ = await keys.both()
    assert keys.accepts(current)
    assert await keys.secrets.logins(ID) == ()
