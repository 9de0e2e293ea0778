"""Read everything of a realm that its administrator can reach, as flat paths, so that two moments can be compared."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

Found = Mapping[str, str]

_LISTS: Final = ("defaultDefaultClientScopes", "requiredActions")
_PASSING: Final = re.compile(r"/(lastAccess|start|expires|notBefore)$")


def everything(admin: httpx.Client, realm: str) -> dict[str, str]:
    """Return the path and the text of each value, with names in the place of ids."""
    reader = _Reader(admin, realm)
    flat: dict[str, str] = {}
    for path, value in reader.parts():
        flat |= dict(_leaves(path, value))
    names = reader.names
    known = re.compile("|".join(map(re.escape, names))) if names else None
    named = {key: known.sub(lambda m: names[m[0]], value) if known else value for key, value in flat.items()}
    return {key: value for key, value in named.items() if not _PASSING.search(key)}


def differing(before: Found, after: Found) -> dict[str, tuple[str | None, str | None]]:
    """Return what was and what is, per path that differs; None where there is nothing.

    Of an object that came or went, only its own path is there.
    """
    paths = sorted(before.keys() | after.keys())
    found = {path: (before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)}
    return {path: sides for path, sides in found.items() if not any(_is_whole(found, each) for each in _above(path))}


def _above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:length]) for length in range(1, len(parts)))


def _is_whole(found: Mapping[str, tuple[str | None, str | None]], path: str) -> bool:
    return path in found and None in found[path]


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            yield path, "{}"
            for key, inner in value.items():
                if key not in {"id", "access", "containerId", "internalId"}:
                    yield from _leaves(f"{path}/{key}", inner)
        case [dict(), *_]:
            for inner in value:
                name = next(
                    (
                        inner[k]
                        for k in (
                            "name",
                            "alias",
                            "username",
                            "clientId",
                            "type",
                            "email",
                            "condition",
                            "executor",
                            "identityProvider",
                        )
                        if k in inner
                    ),
                    "?",
                )
                yield from _leaves(f"{path}/{name}", inner)
        case list():
            yield path, ", ".join(sorted(map(str, value)))
        case _:
            yield path, str(value)


class _Reader:
    def __init__(self, admin: httpx.Client, realm: str) -> None:
        self._admin = admin
        self._realm = realm
        self.names: dict[str, str] = {}

    def parts(self) -> Iterator[tuple[str, Any]]:
        realm = self._get("")
        yield "realm", realm
        yield "profiles", self._get("/client-policies/profiles")["profiles"]
        yield "policies", self._get("/client-policies/policies")["policies"]
        yield "default-groups", self._get("/default-groups")
        yield "default-scopes", self._get("/default-default-client-scopes")
        yield "optional-scopes", self._get("/default-optional-client-scopes")
        for role in self._named("/roles", "name"):
            yield from self._role(f"role/{role['name']}", role)
        for scope in self._named("/client-scopes", "name"):
            path = f"scope/{scope['name']}"
            yield path, scope
            yield f"{path}/mappings", self._get(f"/client-scopes/{scope['id']}/scope-mappings")
        for client in self._named("/clients", "clientId"):
            yield from self._client(client)
        for group in self._named("/groups", "path"):
            yield from self._group(f"group{group['path']}", f"/groups/{group['id']}")
        for provider in self._named("/identity-provider/instances", "alias", "internalId"):
            path = f"identity-provider/{provider['alias']}"
            yield path, provider
            yield f"{path}/mappers", self._get(f"/identity-provider/instances/{provider['alias']}/mappers")
        users = self._named("/users", "username", briefRepresentation="false")
        clients = self._get("/clients")
        for client in clients:
            if client["serviceAccountsEnabled"]:
                users.append(self._get(f"/clients/{client['id']}/service-account-user"))
        for user in users:
            yield from self._user(user)
        if realm["organizationsEnabled"]:
            for organization in self._named("/organizations", "alias", briefRepresentation="false"):
                yield from self._organization(organization)

    def _client(self, client: Any) -> Iterator[tuple[str, Any]]:
        path, at = f"client/{client['clientId']}", f"/clients/{client['id']}"
        yield path, client
        for role in self._named(f"{at}/roles", "name"):
            yield from self._role(f"{path}/role/{role['name']}", role)
        yield f"{path}/mappings", self._get(f"{at}/scope-mappings")
        yield f"{path}/sessions", [each["username"] for each in self._get(f"{at}/user-sessions")]
        yield f"{path}/offline", [each["username"] for each in self._get(f"{at}/offline-sessions")]
        if client.get("authorizationServicesEnabled"):
            yield f"{path}/authorization", self._get(f"{at}/authz/resource-server/settings")

    def _role(self, path: str, role: Any) -> Iterator[tuple[str, Any]]:
        self.names[role["id"]] = path
        yield path, role
        yield f"{path}/composites", [each["name"] for each in self._get(f"/roles-by-id/{role['id']}/composites")]

    def _group(self, path: str, at: str) -> Iterator[tuple[str, Any]]:
        group = self._get(at)
        self.names[group["id"]] = path
        yield path, {key: value for key, value in group.items() if key != "subGroups"}
        yield f"{path}/roles", self._get(f"{at}/role-mappings")
        yield f"{path}/members", [each["username"] for each in self._get(f"{at}/members")]
        parent = at.rpartition("/")[0]
        for child in self._get(f"{at}/children"):
            yield from self._group(f"{path}/{child['name']}", f"{parent}/{child['id']}")

    def _user(self, user: Any) -> Iterator[tuple[str, Any]]:
        path, at = f"user/{user['username']}", f"/users/{user['id']}"
        yield path, user
        yield f"{path}/roles", self._get(f"{at}/role-mappings")
        yield f"{path}/groups", [each["path"] for each in self._get(f"{at}/groups")]
        yield f"{path}/links", self._get(f"{at}/federated-identity")
        yield f"{path}/credentials", [each["type"] for each in self._get(f"{at}/credentials")]
        yield f"{path}/consents", self._get(f"{at}/consents")
        yield f"{path}/sessions", [sorted(each["clients"].values()) for each in self._get(f"{at}/sessions")]

    def _organization(self, organization: Any) -> Iterator[tuple[str, Any]]:
        path, at = f"organization/{organization['alias']}", f"/organizations/{organization['id']}"
        yield path, organization
        members = self._get(f"{at}/members")
        yield f"{path}/members", {each["username"]: each["membershipType"] for each in members}
        yield f"{path}/identity-providers", [each["alias"] for each in self._get(f"{at}/identity-providers")]
        yield f"{path}/invitations", [each["email"] for each in self._get(f"{at}/invitations")]
        for group in self._get(f"{at}/groups"):
            yield from self._group(f"{path}/group/{group['name']}", f"{at}/groups/{group['id']}")

    def _named(self, path: str, key: str, id_key: str = "id", **query: str) -> list[Any]:
        found = self._get(path, **query)
        self.names |= {each[id_key]: f"<{each[key]}>" for each in found if id_key in each}
        return list(found)

    def _get(self, path: str, **query: str) -> Any:
        answer = self._admin.get(f"/{self._realm}{path}", params={"max": "200", **query} if path else query)
        assert answer.is_success, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()
