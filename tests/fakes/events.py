"""The fake server's record of who changed what."""

import json

from reconciler.adapters.secrets import without_secrets
from reconciler.model.event import Actor, AdminEvent
from reconciler.model.login import Login
from reconciler.model.value import frozen
from tests.fakes.store import Json, Store
from tests.fakes.traffic import Traffic, request


class Events:
    """Answer like Keycloak's ``/admin-events``, and like its lookups of users and clients."""

    traffic: Traffic
    store: Store

    @request
    async def events(
        self, since: int = 0, *, limit: int, path: str = "", resources: tuple[str, ...] = ()
    ) -> tuple[AdminEvent, ...]:
        self.store.the_realm()
        found = [
            event
            for event in self.store.events
            if event["time"] >= since
            and (not path or _like(event["resourcePath"], path))
            and (not resources or event["resourceType"] in resources)
        ]
        return tuple(map(_event, found[:limit]))

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


def _event(event: Json) -> AdminEvent:
    who = event["authDetails"]
    written = event.get("representation")
    return AdminEvent(
        id=event["id"],
        time=event["time"],
        operation=event["operationType"],
        resource=event["resourceType"],
        path=event["resourcePath"],
        actor=Actor(who["realmId"], who["clientId"], who["userId"], who["ipAddress"]),
        content=frozen(without_secrets(json.loads(written))) if written else None,
        details=event["details"],
    )
