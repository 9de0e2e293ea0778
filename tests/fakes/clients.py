"""The fake server's clients and the users of their service accounts."""

import json
from typing import Any

from reconciler.model.value import Representation
from tests.fakes.secrets import on_write
from tests.fakes.store import (
    DEFAULT_SCOPES,
    OPTIONAL_SCOPES,
    Json,
    Store,
    broken,
    copied,
    fits,
    missing,
    new_client,
    refused,
    taken,
)
from tests.fakes.traffic import Traffic, request

_IGNORED = frozenset({"id", "secret", "access", "attributes", "defaultClientScopes", "optionalClientScopes"})
"""What a PUT does not write, or writes in a way of its own."""
_NOT_OF_A_USER = frozenset({"id", "notBefore", "createdTimestamp", "attributes"})
_PROFILE = frozenset({"firstName", "lastName", "email"})


class Clients:
    """Answer like Keycloak's ``/clients`` and ``/users``."""

    traffic: Traffic
    store: Store

    @request
    async def clients(self) -> tuple[Representation, ...]:
        self.store.the_realm()
        return tuple(copied(sorted(self.store.clients.values(), key=lambda client: str(client["clientId"]))))

    @request
    async def find_client(self, client_id: str) -> Representation | None:
        self.store.the_realm()
        return copied(self.store.client_named(client_id))

    @request
    async def create_client(self, representation: Representation) -> str:
        self.store.the_realm()
        client_id = representation.get("clientId")
        fits(client_id, representation.get("name"), representation.get("description"))
        if client_id is None:
            raise refused("The client has no clientId.")
        on = bool(representation.get("serviceAccountsEnabled"))
        if self.store.client_named(client_id) is not None or (on and self._is_account_taken(client_id, "")):
            raise taken(f"Client {client_id} already exists")
        client = new_client(representation, self.store.seconds())
        client["id"] = self.store.new_id()
        for scopes in ("defaultClientScopes", "optionalClientScopes"):
            client[scopes] = [name for name in client[scopes] if self.store.scope_named(name) is not None]
        self._set_mappers(client, client.pop("protocolMappers", None))
        self.store.clients[client["id"]] = client
        if not client["publicClient"]:
            self.store.secrets[client["id"]] = self.store.new_secret()
        self.store.client_roles[client["id"]] = set()
        self.store.switch_service_account(client, on=client["serviceAccountsEnabled"])
        on_write(self.store, client)
        sent = json.dumps(dict(representation), separators=(",", ":"))
        self.store.record("CREATE", "CLIENT", f"clients/{client['id']}", sent)
        return str(client["id"])

    @request
    async def update_client(self, uuid: str, representation: Representation) -> None:
        self.write_client(uuid, representation)

    def write_client(self, uuid: str, representation: Representation) -> None:
        """Do what a PUT of the client does."""
        client = self.store.the_client(uuid)
        changes = {key: copied(v) for key, v in representation.items() if key not in _IGNORED and v is not None}
        self._check(client, changes)
        mappers = changes.pop("protocolMappers", None)
        overrides = changes.pop("authenticationFlowBindingOverrides", {})
        if nodes := changes.pop("registeredNodes", None):
            client["registeredNodes"] = {**client.get("registeredNodes", {}), **nodes}
        was_public, protocol = client["publicClient"], client["protocol"]
        client |= changes
        self._set_mappers(client, mappers)
        self._set_attributes(client, representation.get("attributes") or {}, was_public=was_public)
        bound = client["authenticationFlowBindingOverrides"] | overrides
        client["authenticationFlowBindingOverrides"] = {flow: value for flow, value in bound.items() if value}
        if client["protocol"] != protocol:
            client["defaultClientScopes"] = list(DEFAULT_SCOPES[client["protocol"]])
            client["optionalClientScopes"] = list(OPTIONAL_SCOPES[client["protocol"]])
            if client["serviceAccountsEnabled"] and client["protocol"] == "openid-connect":
                client["defaultClientScopes"].append("service_account")
        self._switch_authorization(client)
        self.store.switch_service_account(client, on=client["serviceAccountsEnabled"])
        if uuid in self.store.accounts:
            self.store.users[self.store.accounts[uuid]]["username"] = f"service-account-{client['clientId']}".lower()
        on_write(self.store, client)
        self.store.record("UPDATE", "CLIENT", f"clients/{uuid}", json.dumps(dict(representation)))

    @request
    async def delete_client(self, uuid: str) -> None:
        client = self.store.the_client(uuid)
        if uuid in self.store.accounts:
            self.store.drop_user(self.store.accounts.pop(uuid))
        del self.store.clients[uuid]
        self.store.secrets.pop(uuid, None)
        self.store.old_secrets.pop(uuid, None)
        self.store.client_roles.pop(uuid, None)
        self.store.scope_mappings.pop(uuid, None)
        gone = json.dumps({"id": uuid, "clientId": client["clientId"]})
        self.store.record("DELETE", "CLIENT", f"clients/{uuid}", gone)

    @request
    async def add_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        client, found = self.store.the_client(uuid), self._scope(scope)
        assigned = {*client["defaultClientScopes"], *client["optionalClientScopes"]}
        # A scope that the client has already, of either sort, stays what it is.
        if scope not in assigned and found["protocol"] == client["protocol"]:
            client["defaultClientScopes" if default else "optionalClientScopes"].append(scope)
        self._record_scope("CREATE", uuid, found, default=default)

    @request
    async def remove_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        client = self.store.the_client(uuid)
        self._record_scope("DELETE", uuid, self._scope(scope), default=default)
        # Keycloak does not ask of which sort it is.
        for scopes in (client["defaultClientScopes"], client["optionalClientScopes"]):
            if scope in scopes:
                scopes.remove(scope)

    @request
    async def service_account(self, uuid: str) -> Representation | None:
        client = self.store.the_client(uuid)
        if not client["serviceAccountsEnabled"]:
            return None
        if uuid not in self.store.accounts:
            if self._is_account_taken(client["clientId"], uuid):
                raise taken("Duplicate resource error")
            self.store.switch_service_account(client, on=True)
        return copied(self.store.users[self.store.accounts[uuid]])

    @request
    async def linked_service_accounts(self, alias: str) -> tuple[str, ...]:
        self.store.the_realm()
        accounts = self.store.accounts.values()
        return tuple(user for user, provider in self.store.links if provider == alias and user in accounts)

    @request
    async def links_of(self, user_id: str) -> tuple[str, ...]:
        self.store.the_user(user_id)
        return tuple(sorted(alias for user, alias in self.store.links if user == user_id))

    @request
    async def unlink_user(self, user_id: str, alias: str) -> None:
        self.store.the_user(user_id)
        if (user_id, alias) not in self.store.links:
            raise missing("Link not found")
        self.store.links.remove((user_id, alias))

    @request
    async def credentials_of(self, user_id: str) -> tuple[str, ...]:
        self.store.the_user(user_id)
        return tuple(sorted(self.store.credentials.get(user_id, ())))

    @request
    async def delete_user(self, user_id: str) -> None:
        username = self.store.the_user(user_id)["username"]
        self.store.accounts = {client: user for client, user in self.store.accounts.items() if user != user_id}
        self.store.drop_user(user_id)
        self.store.record("DELETE", "USER", f"users/{user_id}", json.dumps({"id": user_id, "username": username}))

    @request
    async def impostors(self) -> tuple[str, ...]:
        self.store.the_realm()
        others = (user["username"] for key, user in self.store.users.items() if key not in self.store.accounts.values())
        return tuple(sorted(name for name in others if name.startswith("service-account-")))

    @request
    async def unregister_node(self, uuid: str, node: str) -> None:
        client = self.store.the_client(uuid)
        if node not in client.get("registeredNodes", {}):
            raise missing("Client does not have node ")
        del client["registeredNodes"][node]
        if not client["registeredNodes"]:
            del client["registeredNodes"]
        self.store.record("DELETE", "CLUSTER_NODE", f"clients/{uuid}/nodes/{node}")

    @request
    async def update_user(self, user_id: str, representation: Representation) -> None:
        user = self.store.the_user(user_id)
        if representation.get("credentials") and user_id in self.store.accounts.values():
            raise refused("You can not manage credentials for this user")
        if representation.get("username", user["username"]) != user["username"]:
            raise refused("error-user-attribute-read-only")
        user |= {key: copied(value) for key, value in representation.items() if key not in _NOT_OF_A_USER}
        if representation.get("attributes") is not None:
            # Where attributes are sent, the profile is sent whole: a name that is left out is removed.
            for key in _PROFILE - representation.keys():
                user.pop(key, None)
            sent = representation["attributes"].items()
            user["attributes"] = {key: values for key, values in sent if values and key not in _PROFILE}
        for key in (*_PROFILE, "attributes"):
            if not user.get(key):
                user.pop(key, None)
        self.store.record("UPDATE", "USER", f"users/{user_id}", json.dumps(dict(representation)))

    def _record_scope(self, operation: str, uuid: str, scope: Json, *, default: bool) -> None:
        word = "default" if default else "optional"
        path = f"clients/{uuid}/{word}-client-scopes/{scope['id']}"
        self.store.record(operation, "CLIENT_SCOPE_CLIENT_MAPPING", path)

    def _check(self, client: Json, changes: Json) -> None:
        fits(changes.get("clientId"), changes.get("name"), changes.get("description"))
        other = self.store.client_named(str(changes.get("clientId") or client["clientId"]))
        if other is not None and other is not client:
            raise taken("Duplicate resource error")
        on = changes.get("serviceAccountsEnabled", client["serviceAccountsEnabled"])
        if on and self._is_account_taken(str(changes.get("clientId") or client["clientId"]), client["id"]):
            raise taken("Duplicate resource error")
        nodes = changes.get("registeredNodes") or {}
        if any(not isinstance(moment, int) for moment in nodes.values()):
            raise broken()

    def _is_account_taken(self, client_id: str, own_uuid: str) -> bool:
        """Tell whether another user has the name of the client's service account; names of users ignore case."""
        name, own = f"service-account-{client_id}".lower(), self.store.accounts.get(own_uuid)
        fits(name)
        return any(user["username"] == name and key != own for key, user in self.store.users.items())

    def _set_mappers(self, client: Json, mappers: list[Json] | None) -> None:
        if mappers is None:
            return
        client["protocolMappers"] = [
            {"consentRequired": False, **mapper, "id": mapper.get("id") or self.store.new_id()} for mapper in mappers
        ]
        if not mappers:
            del client["protocolMappers"]

    def _set_attributes(self, client: Json, sent: dict[str, Any], *, was_public: bool) -> None:
        attributes = client["attributes"] | {key: str(value) for key, value in sent.items() if value is not None}
        gone = {key for key, value in sent.items() if value in (None, "")}
        attributes = {key: value for key, value in attributes.items() if key not in gone}
        attributes["realm_client"] = "false"
        if was_public and not client["publicClient"]:
            attributes["client.secret.creation.time"] = str(self.store.seconds())
            self.store.secrets[client["id"]] = self.store.new_secret()
        client["attributes"] = attributes

    def _switch_authorization(self, client: Json) -> None:
        if client.get("authorizationServicesEnabled"):
            self.store.client_roles[client["id"]].add("uma_protection")
            if (account := self.store.accounts.get(client["id"])) is not None:
                self.store.user_roles[account].add(f"{client['clientId']}/uma_protection")
            self.store.record("CREATE", "AUTHORIZATION_RESOURCE_SERVER", f"clients/{client['id']}")
        else:
            client.pop("authorizationServicesEnabled", None)

    def _scope(self, name: str) -> Json:
        scope = self.store.scope_named(name)
        if scope is None:
            raise missing(f"The realm {self.store.name} has no client scope '{name}'.")
        return scope
