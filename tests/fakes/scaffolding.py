"""The fake server's realm, client scopes, profiles and policies."""

import json
from typing import Any

from reconciler.model.server import ServerLimits
from reconciler.model.value import Representation
from tests.fakes.store import Json, Store, broken, copied, missing, refused, taken, texts
from tests.fakes.traffic import Traffic, request

_KEPT = {"cibaExpiresIn": "120"}
"""Attributes of a realm that Keycloak writes itself, whatever is sent."""


GLOBAL_PROFILES: tuple[Json, ...] = (
    {
        "name": "fapi-1-baseline",
        "executors": [
            {"executor": "secure-session", "configuration": {}},
            {"executor": "pkce-enforcer", "configuration": {"auto-configure": True}},
            {
                "executor": "secure-client-authenticator",
                "configuration": {
                    "allowed-client-authenticators": ["client-jwt", "client-secret-jwt", "client-x509"],
                    "default-client-authenticator": "client-jwt",
                },
            },
            {"executor": "secure-client-uris", "configuration": {}},
            {"executor": "consent-required", "configuration": {"auto-configure": True}},
            {"executor": "full-scope-disabled", "configuration": {"auto-configure": True}},
        ],
    },
)
"""The first of those that come with Keycloak."""


class Scaffolding:
    """Answer like Keycloak's ``/admin/realms/{realm}``, ``/client-scopes`` and ``/client-policies``."""

    traffic: Traffic
    store: Store

    @request
    async def realm(self) -> Representation | None:
        paths = [self.store.groups[group]["path"] for group in self.store.default_groups]
        return copied(self.store.realm and {**self.store.realm, **({"defaultGroups": paths} if paths else {})})

    @request
    async def create_realm(self, representation: Representation) -> None:
        if self.store.realm is not None:
            raise taken(f"Realm {self.store.name} already exists")
        self.store.build_realm(representation)

    @request
    async def update_realm(self, representation: Representation) -> None:
        realm = self.store.the_realm()
        changes = {key: copied(value) for key, value in representation.items() if value is not None}
        if "attributes" in changes:
            changes["attributes"] = _KEPT | texts(changes["attributes"])
        # Whether events are recorded is asked before the change: switching them off leaves one, switching them on none.
        self.store.record("UPDATE", "REALM", "", json.dumps(dict(representation)))
        realm |= changes

    @request
    async def features(self) -> frozenset[str] | None:
        return self.store.features

    @request
    async def limits(self) -> ServerLimits:
        return self.store.limits

    @request
    async def release(self) -> str | None:
        return self.store.release

    @request
    async def default_actions(self) -> tuple[str, ...]:
        self.store.the_realm()
        return tuple(sorted(self.store.default_actions))

    @request
    async def client_scope(self, name: str) -> Representation | None:
        self.store.the_realm()
        return copied(self.store.scope_named(name))

    @request
    async def client_scopes(self) -> tuple[Representation, ...]:
        self.store.the_realm()
        return tuple(copied(list(self.store.scopes.values())))

    @request
    async def mappings_of_scope(self, scope_id: str) -> tuple[str, ...]:
        self.store.the_scope(scope_id)
        return tuple(sorted(self.store.scope_roles.get(scope_id, ())))

    @request
    async def remove_mapping_of_scope(self, scope_id: str, role: str) -> None:
        self.store.the_scope(scope_id)
        if not self.store.has_role(role):
            raise missing("Could not find role")
        self.store.scope_roles.setdefault(scope_id, set()).discard(role)
        self.store.record("DELETE", "REALM_SCOPE_MAPPING", f"client-scopes/{scope_id}/scope-mappings/realm")

    @request
    async def create_client_scope(self, representation: Representation) -> None:
        self.store.the_realm()
        if representation.get("protocol") not in {"openid-connect", "saml"}:
            raise refused("Unexpected protocol")
        if self.store.scope_named(representation["name"]) is not None:
            raise taken(f"Client Scope {representation['name']} already exists")
        scope: Json = {"attributes": {}, **copied(dict(representation)), "id": self.store.new_id()}
        scope["protocolMappers"] = [self._mapper(_told_twice(mapper)) for mapper in scope.get("protocolMappers") or ()]
        self.store.scopes[scope["id"]] = _without_nothing(scope)

    @request
    async def update_client_scope(self, scope_id: str, representation: Representation) -> None:
        scope = self.store.the_scope(scope_id)
        attributes = {**scope["attributes"], **(representation.get("attributes") or {})}
        kept = {"id", "attributes", "protocolMappers"}
        scope |= {key: value for key, value in representation.items() if value is not None and key not in kept}
        scope["attributes"] = {key: value for key, value in attributes.items() if value is not None}

    @request
    async def create_scope_mapper(self, scope_id: str, representation: Representation) -> None:
        mappers: list[Json] = self.store.the_scope(scope_id).setdefault("protocolMappers", [])
        if any(mapper["name"] == representation["name"] for mapper in mappers):
            raise taken("Protocol mapper exists with same name")
        mappers.append(self._mapper(representation))

    @request
    async def update_scope_mapper(self, scope_id: str, mapper_id: str, representation: Representation) -> None:
        scope = self.store.the_scope(scope_id)
        place = _mapper_at(scope, mapper_id)
        scope["protocolMappers"][place] = {**self._mapper(representation), "id": mapper_id}

    @request
    async def delete_scope_mapper(self, scope_id: str, mapper_id: str) -> None:
        scope = self.store.the_scope(scope_id)
        del scope["protocolMappers"][_mapper_at(scope, mapper_id)]
        if not scope["protocolMappers"]:
            del scope["protocolMappers"]

    @request
    async def client_profiles(self) -> tuple[Representation, ...]:
        self.store.the_realm()
        return tuple(copied(self.store.profiles))

    @request
    async def global_profiles(self) -> tuple[Representation, ...]:
        self.store.the_realm()
        return copied(GLOBAL_PROFILES)

    @request
    async def replace_client_profiles(self, profiles: tuple[Representation, ...]) -> None:
        self.store.the_realm()
        self.store.profiles = copied([dict(profile) for profile in profiles])

    @request
    async def client_policies(self) -> tuple[Representation, ...]:
        self.store.the_realm()
        return tuple(copied(self.store.policies))

    @request
    async def replace_client_policies(self, policies: tuple[Representation, ...]) -> None:
        self.store.the_realm()
        known = {profile["name"] for profile in (*self.store.profiles, *GLOBAL_PROFILES)}
        for policy in policies:
            if not known.issuperset(policy.get("profiles") or ()):
                raise refused(f"Policy {policy['name']} contains invalid profile")
        self.store.policies = copied([dict(policy) for policy in policies])

    def _mapper(self, representation: Representation) -> Json:
        return {"consentRequired": False, **copied(dict(representation)), "id": self.store.new_id()}


def _told_twice(mapper: Json) -> Json:
    """Return the mapper as Keycloak keeps it where its scope is created with it: for ID tokens, and so for userinfo."""
    config = mapper.get("config") or {}
    if "id.token.claim" in config:
        config = {"userinfo.token.claim": config["id.token.claim"], **config}
    return {**mapper, "config": config}


def _mapper_at(scope: Json, mapper_id: str) -> int:
    for place, mapper in enumerate(scope.get("protocolMappers") or ()):
        if mapper["id"] == mapper_id:
            return place
    raise missing("Model not found")


def _without_nothing(scope: dict[str, Any]) -> Json:
    if not isinstance(scope["name"], str):
        raise broken()
    return {key: value for key, value in scope.items() if value is not None and value != []}
