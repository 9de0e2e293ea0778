"""The fake server's secrets of clients, with what a rotation policy makes of them, and the record of logins."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from reconciler.adapters.vault import PlainSecret
from reconciler.kinds.client.secret_times import CREATED, EXPIRES, OLD_EXPIRES, ROTATED_AT, RotationPeriods
from reconciler.kinds.realm.rotation_policy import in_force
from reconciler.model.errors import NotFound
from reconciler.model.observed import RealmObservation
from reconciler.model.value import Representation
from tests.fakes.store import Json, Store
from tests.fakes.traffic import Traffic, request

_OLD = (ROTATED_AT, OLD_EXPIRES)
_LATEST = 100
_SENT = '{"type":"secret","value":"**********"}'
"""What an admin event says of a secret."""


class Secrets:
    """Answer like Keycloak's ``/clients/UUID/client-secret`` and ``/events``, and like its token endpoint."""

    traffic: Traffic
    store: Store

    @request
    async def secrets_of(self, client_id: str) -> tuple[PlainSecret | None, PlainSecret | None]:
        self.store.the_realm()
        client = self.store.client_named(client_id)
        if client is None:
            return None, None
        current, old = (kept.get(client["id"]) for kept in (self.store.secrets, self.store.old_secrets))
        return PlainSecret(current) if current else None, PlainSecret(old) if old else None

    @request
    async def regenerate_secret(self, uuid: str) -> None:
        renew(self.store, self.store.the_client(uuid))
        self.store.record("ACTION", "CLIENT", f"clients/{uuid}/client-secret", _SENT)

    @request
    async def revoke_old_secret(self, uuid: str) -> None:
        client = self.store.the_client(uuid)
        self.store.old_secrets.pop(uuid, None)
        for key in _OLD:
            client["attributes"].pop(key, None)
        self.store.record("DELETE", "CLIENT", f"clients/{uuid}/client-secret/rotated", _SENT)

    async def exchange_secrets(self, uuid: str, client_id: str, representation: Representation) -> None:
        current, old = await self.secrets_of(client_id)
        if current is None or old is None:
            raise NotFound(f"Keycloak has no old secret of {client_id}.")
        await self.put_exchanged(uuid, representation)

    @request
    async def put_exchanged(self, uuid: str, representation: Representation) -> None:
        """Put a client with its secrets exchanged."""
        current, old = self.store.secrets, self.store.old_secrets
        current[uuid], old[uuid] = old[uuid], current[uuid]
        self.write_client(uuid, representation)

    @abstractmethod
    def write_client(self, uuid: str, representation: Representation) -> None:
        """Do what a PUT of the client does."""

    @request
    async def logins(self, client_id: str) -> tuple[Representation, ...]:
        self.store.the_realm()
        return tuple(event for event in self.store.logins if event["clientId"] == client_id)[:_LATEST]


def renew(store: Store, client: Json) -> None:
    """Make a new secret; with a policy in force the one until now stays valid beside it."""
    uuid, periods, now = client["id"], policy_for(store, client), store.seconds()
    if periods is not None and periods.overlap:
        store.old_secrets[uuid] = store.secrets[uuid]
        client["attributes"][ROTATED_AT] = str(now)
        client["attributes"][OLD_EXPIRES] = str(now + int(periods.overlap.total_seconds()))
    store.secrets[uuid] = store.new_secret()
    client["attributes"][CREATED] = str(now)
    if periods is not None:
        client["attributes"][EXPIRES] = str(now + int(periods.expiration.total_seconds()))


def on_write(store: Store, client: Json) -> None:
    """Do what a rotation policy does whenever a client is written: give its secret an end, or replace a dead one."""
    periods = policy_for(store, client)
    if periods is None or client["publicClient"] or client["bearerOnly"]:
        return
    end = client["attributes"].get(EXPIRES)
    if end is None:
        client["attributes"][EXPIRES] = str(store.seconds() + int(periods.expiration.total_seconds()))
    elif int(end) <= store.seconds():
        renew(store, client)


def policy_for(store: Store, client: Json) -> RotationPeriods | None:
    """Return the periods of the policy that holds for the client."""
    profiles, policies = tuple(store.profiles), tuple(store.policies)
    return in_force(RealmObservation(store.the_realm(), None, {}, {}, profiles, policies, ()), client["attributes"])


def log_in(store: Store, client_id: str, secret: str) -> str | None:
    """Ask for a token as a client does, and return the token's id; None where the secret is refused."""
    client = store.client_named(client_id)
    accepted = client is not None and _accepts(store, client, secret)
    token_id = store.new_secret() if accepted else None
    kind = "CLIENT_LOGIN" if accepted else "CLIENT_LOGIN_ERROR"
    realm: Mapping[str, Any] = store.the_realm()
    if realm.get("eventsEnabled") and kind in (realm.get("enabledEventTypes") or [kind]):
        event: Json = {"time": store.seconds() * 1000, "type": kind, "clientId": client_id, "ipAddress": "192.0.2.7"}
        event |= {"details": {"token_id": token_id}} if accepted else {"error": "invalid_client_credentials"}
        store.logins.insert(0, event)
    return token_id


def _accepts(store: Store, client: Json, secret: str) -> bool:
    uuid, said, now = client["id"], client["attributes"], store.seconds()
    if EXPIRES in said and int(said[EXPIRES]) <= now:
        return False
    old_lives = OLD_EXPIRES in said and int(said[OLD_EXPIRES]) > now
    return secret == store.secrets.get(uuid) or (old_lives and secret == store.old_secrets.get(uuid))
