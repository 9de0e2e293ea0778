"""Keycloak's record of who changed what: admin events, and the names behind their ids."""

import json
from functools import partial
from typing import Any, Final

from reconciler.adapters.admin.realm_admin import RealmAdmin
from reconciler.adapters.tape import read
from reconciler.adapters.vault import without_secrets
from reconciler.model.attribution import Actor, AdminEvent
from reconciler.model.errors import AccessRefused, RequestFailed
from reconciler.model.sensitive import masked
from reconciler.model.url import realm_path, segment
from reconciler.model.value import Value, frozen

_MASTER: Final = "master"
"""Where administrators of other realms log in."""


class EventEndpoints(RealmAdmin):
    """Admin events."""

    @read
    async def event_types(self) -> frozenset[str] | None:
        found = (await self._server_info()).get("enums") or {}
        types = found.get("resourceType") if isinstance(found, dict) else None
        return frozenset(map(str, types)) if types else None

    @read
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
        asked = {
            "dateFrom": since,
            "resourcePath": path,
            "resourceTypes": list(resources),
            "operationTypes": list(operations),
        }
        query: dict[str, Any] = {key: value for key, value in asked.items() if value}
        return await self.listed("/admin-events", partial(event_of, keys=keys), limit=limit, **query)

    @read
    async def name_of_user(self, user_id: str, realm_id: str) -> str | None:
        return await self._name(f"/users/{segment(user_id)}", "username", realm_id)

    @read
    async def name_of_client(self, uuid: str, realm_id: str) -> str | None:
        return await self._name(f"/clients/{segment(uuid)}", "clientId", realm_id)

    @property
    def sent(self) -> int:
        return self.http.sent

    async def _name(self, path: str, key: str, realm_id: str) -> str | None:
        # An event names the realm of the login by its id, which no request takes: it is this realm, or the master.
        realm = self._realm if realm_id == await self._own_id() else _MASTER
        try:
            response = await self.http.get(realm_path(realm, path))
            return str(response.json()[key])
        except (RequestFailed, AccessRefused, ValueError, KeyError, TypeError, RecursionError):
            return None

    async def _own_id(self) -> str:
        if not self._realm_id:
            self._realm_id = str((await self.get("")).get("id", ""))
        return self._realm_id


def event_of(representation: dict[str, Any], keys: tuple[str, ...] | None = None) -> AdminEvent:
    """Return an event as Keycloak lists it; of an object that was sent, the ``keys``, None for all of them."""
    who = representation.get("authDetails") or {}
    return AdminEvent(
        id=str(representation.get("id") or ""),
        time=int(representation.get("time") or 0),
        operation=str(representation.get("operationType") or ""),
        resource=str(representation.get("resourceType") or ""),
        path=str(representation.get("resourcePath") or ""),
        actor=Actor(
            realm_id=str(who.get("realmId") or ""),
            client_id=str(who.get("clientId") or ""),
            user_id=str(who.get("userId") or ""),
            ip=str(who.get("ipAddress") or ""),
        ),
        content=_content(representation.get("representation"), keys),
        details={str(key): str(value) for key, value in masked(representation.get("details") or {}).items()},
    )


def _content(text: str | None, keys: tuple[str, ...] | None) -> Value:
    if not text:
        return None
    try:
        sent = json.loads(text)
        if keys is not None and isinstance(sent, dict):
            sent = {key: sent[key] for key in keys if key in sent}
        return frozen(without_secrets(sent))
    except (ValueError, TypeError, RecursionError):
        # Keycloak cuts long representations where its database is told to; what is left says nothing.
        return None
