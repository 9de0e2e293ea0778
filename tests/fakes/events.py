"""The fake server's record of who changed what."""

import json

from reconciler.adapters.vault import without_secrets
from reconciler.model.attribution import Actor, AdminEvent
from reconciler.model.errors import RequestFailed
from reconciler.model.login import Login
from reconciler.model.value import frozen
from tests.fakes.store import Json, Store
from tests.fakes.traffic import Traffic, request


class Events:
    """Answer like Keycloak's ``/admin-events``, and like its lookups of users and clients."""

    traffic: Traffic
    store: Store

    @request
    async def event_types(self) -> frozenset[str] | None:
        return self.store.event_types

    @request
    async def events(
        self,
        since: int = 0,
        *,
        limit: int,
        path: str = "",
        resources: tuple[str, ...] = (),
        operations: tuple[str, ...] = (),
        keys: tuple[str, ...] | None = None,
    ) -> tuple[AdminEvent, ...]:
        self.store.the_realm()
        if not frozenset(resources) <= (self.store.event_types or frozenset(resources)):
            raise RequestFailed("500 Internal Server Error.", status=500)
        found = [
            _event(event, keys)
            for event in self.store.events
            if event["time"] >= since
            and (not path or _like(event["resourcePath"], path))
            and (not resources or event["resourceType"] in resources)
            and (not operations or event["operationType"] in operations)
        ]
        return tuple(found[:limit] if limit else found)

    @request
    async def name_of_user(self, user_id: str, realm_id: str) -> str | None:
        return {"admin-id": "admin"}.get(user_id) or self.store.users.get(user_id, {}).get("username")

    @request
    async def name_of_client(self, uuid: str, realm_id: str) -> str | None:
        return {"admin-cli-id": "admin-cli"}.get(uuid) or self.store.clients.get(uuid, {}).get("clientId")

    async def login(self) -> Login:
        return self.store.login

    @property
    def sent(self) -> int:
        return self.traffic.total


def _like(path: str, pattern: str) -> bool:
    place = 0
    for number, part in enumerate(pattern.split("*")):
        found = path.find(part, place)
        if found < 0 or (number == 0 and found):
            return False
        place = found + len(part)
    return pattern.endswith("*") or place == len(path)


def _event(event: Json, keys: tuple[str, ...] | None) -> AdminEvent:
    who = event["authDetails"]
    sent = json.loads(event.get("representation") or "null")
    if keys is not None and isinstance(sent, dict):
        sent = {key: sent[key] for key in keys if key in sent}
    return AdminEvent(
        id=event["id"],
        time=event["time"],
        operation=event["operationType"],
        resource=event["resourceType"],
        path=event["resourcePath"],
        actor=Actor(who["realmId"], who["clientId"], who["userId"], who["ipAddress"]),
        content=frozen(without_secrets(sent)),
        details=event["details"],
    )
