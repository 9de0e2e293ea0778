"""Realms of a real Keycloak that tests use one after the other: making and deleting one takes it more than a second."""

import uuid
from typing import Any, Final

import httpx

_Found = dict[str, Any]

_PARTS: Final = {
    "clients": ("/clients", "id"),
    "identityProviders": ("/identity-provider/instances", "alias"),
    "groups": ("/groups", "id"),
    "clientScopes": ("/client-scopes", "id"),
    "realm roles": ("/roles-by-id", "id"),
    "organizations": ("/organizations", "id"),
    "users": ("/users", "id"),
}
"""What a test adds to, by how it is read: where it is deleted, by which key. Service accounts go with their clients."""


def a_name() -> str:
    """Return the name of a realm that is not there."""
    return f"ct-{uuid.uuid4().hex[:12]}"


class Realms:
    """Lend a realm that reads, with every id in it, as it did when it was new; any other one is deleted."""

    def __init__(self, console: httpx.Client) -> None:
        self._console = console
        self._free: list[str] = []
        self._new: dict[str, _Found] = {}

    def take(self) -> str:
        """Return the name of a realm that nobody uses, or of one that is still to be made."""
        return self._free.pop() if self._free else a_name()

    def is_there(self, name: str) -> bool:
        """Tell whether the realm was made before."""
        return name in self._new

    def made(self, name: str) -> None:
        """Take note of how the realm reads that was just made."""
        self._clear_events(name)
        self._new[name] = self._everything(name)

    def give_back(self, name: str) -> None:
        """Keep the realm if it reads as new once what was added to it is gone; delete what is so named if not."""
        new = self._new.get(name)
        if new is not None and self._is_as(new, name):
            self._free.append(name)
            return
        self._new.pop(name, None)
        self._console.delete(f"/{name}")

    def close(self) -> None:
        """Delete all realms."""
        for name in self._new:
            self._console.delete(f"/{name}")

    def _is_as(self, new: _Found, name: str) -> bool:
        found = self._everything(name)
        if found.keys() != new.keys():
            return False
        for part, (path, key) in _PARTS.items():
            known = {each[key] for each in new[part]}
            for each in found[part]:
                if each[key] not in known:
                    self._console.delete(f"/{name}{path}/{each[key]}")
        self._clear_events(name)
        return self._everything(name) == new

    def _clear_events(self, name: str) -> None:
        for kind in ("events", "admin-events"):
            self._console.delete(f"/{name}/{kind}").raise_for_status()

    def _everything(self, name: str) -> _Found:
        """Return all that the realm holds, as an export has it, and what none has; nothing where it cannot be read."""
        query = {"exportClients": "true", "exportGroupsAndRoles": "true"}
        export = self._console.post(f"/{name}/partial-export", params=query)
        if export.is_error:
            return {}
        found: _Found = {**dict.fromkeys(_PARTS, ()), **export.json()}
        for part in ("users", "organizations", "admin-events", "events"):
            listed = self._console.get(f"/{name}/{part}", params={"max": 100})
            found[part] = listed.json() if listed.is_success else listed.status_code
        found["realm roles"] = found["roles"]["realm"]
        return found
