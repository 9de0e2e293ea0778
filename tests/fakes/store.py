"""What the fake server keeps for one realm, and what it gives every new realm, client and user."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from reconciler.events.catalogue import UNDERSTOOD
from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.model.login import Login
from reconciler.model.server import NO_LIMITS, ServerLimits
from reconciler.ports import Clock

Json = dict[str, Any]
_T = TypeVar("_T")

_OIDC = "openid-connect"
_DEFAULT = ("web-origins", "acr", "profile", "roles", "basic", "email")
_OPTIONAL = ("address", "phone", "organization", "offline_access", "microprofile-jwt")
_SAML = ("saml_organization", "role_list", "AuthnContextClassRef")
BUILT_IN_SCOPES: Mapping[str, str] = {
    **dict.fromkeys((*_DEFAULT, *_OPTIONAL, "service_account"), _OIDC),
    **dict.fromkeys(_SAML, "saml"),
}
"""Name to protocol."""


def copied(content: _T) -> _T:
    """Return a copy of what JSON holds, in a fifth of the time that ``copy.deepcopy`` takes."""
    if isinstance(content, dict):
        return cast("_T", {key: copied(value) for key, value in content.items()})
    if isinstance(content, list | tuple):
        return cast("_T", type(content)(map(copied, content)))
    return content


def _note(note: str, claim: str, label: str) -> Json:
    config = {
        "user.session.note": note,
        "introspection.token.claim": "true",
        "id.token.claim": "true",
        "access.token.claim": "true",
        "claim.name": claim,
        "jsonType.label": label,
    }
    return {"protocol": _OIDC, "protocolMapper": "oidc-usersessionmodel-note-mapper", "config": config}


def _roles(kind: str, claim: str) -> Json:
    config = {
        "introspection.token.claim": "true",
        "multivalued": "true",
        "user.attribute": "foo",
        "access.token.claim": "true",
        "claim.name": claim,
        "jsonType.label": "String",
    }
    return {"protocol": _OIDC, "protocolMapper": kind, "config": config}


BUILT_IN_MAPPERS: Mapping[str, Mapping[str, Json]] = {
    "basic": {
        "sub": {
            "protocol": _OIDC,
            "protocolMapper": "oidc-sub-mapper",
            "config": {"introspection.token.claim": "true", "access.token.claim": "true"},
        },
        "auth_time": _note("AUTH_TIME", "auth_time", "long"),
    },
    "service_account": {
        "Client IP Address": _note("clientAddress", "clientAddress", "String"),
        "Client Host": _note("clientHost", "clientHost", "String"),
        "Client ID": _note("client_id", "client_id", "String"),
    },
    "roles": {
        "audience resolve": {
            "protocol": _OIDC,
            "protocolMapper": "oidc-audience-resolve-mapper",
            "config": {"introspection.token.claim": "true", "access.token.claim": "true"},
        },
        "client roles": _roles("oidc-usermodel-client-role-mapper", "resource_access.${client_id}.roles"),
        "realm roles": _roles("oidc-usermodel-realm-role-mapper", "realm_access.roles"),
    },
}
"""The mappers of the client scopes that integration clients get."""

DEFAULT_SCOPES: Mapping[str, tuple[str, ...]] = {_OIDC: _DEFAULT, "saml": _SAML}
OPTIONAL_SCOPES: Mapping[str, tuple[str, ...]] = {_OIDC: _OPTIONAL, "saml": ()}

BUILT_IN_CLIENTS: Mapping[str, tuple[str, ...]] = {
    "account": ("manage-account", "view-profile"),
    "account-console": (),
    "admin-cli": (),
    "broker": ("read-token",),
    "realm-management": ("manage-clients", "manage-users", "realm-admin", "view-clients", "view-users"),
    "security-admin-console": (),
}
"""ClientId to some of its roles."""


@dataclass
class Store:
    """All objects of one realm by their ids; ids count up, so that a run can be repeated."""

    name: str
    clock: Clock
    realm: Json | None = None
    scopes: dict[str, Json] = field(default_factory=dict)
    scope_roles: dict[str, set[str]] = field(default_factory=dict)
    """Client scope to the roles that it puts into tokens."""
    profiles: list[Json] = field(default_factory=list)
    policies: list[Json] = field(default_factory=list)
    organizations: dict[str, Json] = field(default_factory=dict)
    clients: dict[str, Json] = field(default_factory=dict)
    users: dict[str, Json] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    """Client to the user of its service account."""
    members: list[tuple[str, str]] = field(default_factory=list)
    managed: set[tuple[str, str]] = field(default_factory=set)
    """Those of the members whose account ends with their membership."""
    invitations: dict[str, dict[str, Json]] = field(default_factory=dict)
    """By the organization's id, then by their own."""
    in_organization_group: set[tuple[str, str]] = field(default_factory=set)
    """Group and user."""
    """Organization and user."""
    client_roles: dict[str, set[str]] = field(default_factory=dict)
    """Client to the names of its own roles."""
    scope_mappings: dict[str, set[str]] = field(default_factory=dict)
    """Client to roles."""
    user_roles: dict[str, set[str]] = field(default_factory=dict)
    composites: dict[str, set[str]] = field(default_factory=dict)
    """Realm role to the roles that it contains."""
    groups: dict[str, Json] = field(default_factory=dict)
    in_group: list[tuple[str, str]] = field(default_factory=list)
    """Group and user."""
    organization_groups: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Organization to its own groups by their ids."""
    identity_providers: dict[str, Json] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    """User and identity provider."""
    credentials: dict[str, list[str]] = field(default_factory=dict)
    """User to the types of its credentials."""
    default_groups: list[str] = field(default_factory=list)
    default_actions: list[str] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    logins: list[Json] = field(default_factory=list)
    """Recorded logins, newest first."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Client to its current secret."""
    old_secrets: dict[str, str] = field(default_factory=dict)
    """Client to the secret that is valid beside the current one."""
    acting: str = "admin-id"
    """The id of the user who is recorded to do whatever is done."""
    features: frozenset[str] | None = frozenset({"organization", "client-secret-rotation"})
    release: str | None = "26.7.5"
    """What the server runs with, as far as it matters here; None where it does not tell."""
    limits: ServerLimits = NO_LIMITS
    event_types: frozenset[str] | None = UNDERSTOOD | {"CUSTOM"}
    """The resource types of events that the server knows; None where it does not tell."""
    login: Login = field(default_factory=Login)
    """Who the reconciler's login is, as its token says."""
    _recorded: int = 0
    _made: int = 0
    _secrets_made: int = 0

    @property
    def default_role(self) -> str:
        kept = (self.realm or {}).get("defaultRole") or {}
        return str(kept.get("name") or f"default-roles-{self.name.lower()}")

    def new_id(self) -> str:
        self._made += 1
        return str(uuid.UUID(int=self._made))

    def new_secret(self) -> str:
        self._secrets_made += 1
        return f"secret-{self._secrets_made}"

    def seconds(self) -> int:
        return int(self.clock.now().timestamp())

    # Looking things up; what is not there is answered like Keycloak answers it.

    def the_realm(self) -> Json:
        if self.realm is None:
            raise missing("Realm not found.")
        return self.realm

    def with_organizations(self) -> dict[str, Json]:
        if not self.the_realm().get("organizationsEnabled"):
            raise missing("Organizations not enabled for this realm.")
        return self.organizations

    def the_organization(self, organization_id: str) -> Json:
        return found(self.with_organizations(), organization_id, "Organization not found.")

    def the_client(self, client_uuid: str) -> Json:
        self.the_realm()
        return found(self.clients, client_uuid, "Could not find client")

    def the_user(self, user_id: str) -> Json:
        self.the_realm()
        return found(self.users, user_id, "User not found")

    def the_scope(self, scope_id: str) -> Json:
        self.the_realm()
        return found(self.scopes, scope_id, "Could not find client scope")

    def scope_named(self, name: str) -> Json | None:
        return next((scope for scope in self.scopes.values() if scope["name"] == name), None)

    def client_named(self, client_id: str) -> Json | None:
        return next((client for client in self.clients.values() if client["clientId"] == client_id), None)

    def organization_named(self, alias: str) -> Json | None:
        return next((each for each in self.organizations.values() if each["alias"] == alias), None)

    def has_role(self, role: str) -> bool:
        client_id, _, name = role.rpartition("/")
        if not client_id:
            return role in self.composites
        client = self.client_named(client_id)
        return client is not None and name in self.client_roles.get(client["id"], ())

    # Making things.

    def build_realm(self, representation: Mapping[str, Any]) -> None:
        """Make the realm with all that Keycloak puts into a new one."""
        self.realm = {
            "id": self.new_id(),
            "realm": self.name,
            "accessTokenLifespan": 300,
            "enabled": False,
            "adminEventsEnabled": False,
            "adminEventsDetailsEnabled": False,
            "organizationsEnabled": False,
            "defaultRole": {"name": self.default_role},
            **copied(dict(representation)),
            "attributes": {"cibaExpiresIn": "120", **texts(representation.get("attributes"))},
        }
        for name, protocol in BUILT_IN_SCOPES.items():
            scope: Json = {"id": self.new_id(), "name": name, "protocol": protocol, "attributes": {}}
            if mappers := BUILT_IN_MAPPERS.get(name):
                scope["protocolMappers"] = [
                    {"id": self.new_id(), "name": mapper, "consentRequired": False, **copied(rest)}
                    for mapper, rest in mappers.items()
                ]
            self.scopes[scope["id"]] = scope
        self.composites = {
            self.default_role: {
                "offline_access",
                "uma_authorization",
                "account/manage-account",
                "account/view-profile",
            },
            "offline_access": set(),
            "uma_authorization": set(),
        }
        for client_id, roles in BUILT_IN_CLIENTS.items():
            client_uuid = self.new_id()
            self.clients[client_uuid] = {"id": client_uuid, **new_client({"clientId": client_id}, self.seconds())}
            self.client_roles[client_uuid] = set(roles)

    def new_user(self, username: str) -> str:
        user_id = self.new_id()
        self.users[user_id] = {
            "id": user_id,
            "username": username.lower(),
            "emailVerified": False,
            "enabled": True,
            "createdTimestamp": self.seconds() * 1000,
            "totp": False,
            "disableableCredentialTypes": [],
            "requiredActions": list(self.default_actions),
            "notBefore": 0,
        }
        self.user_roles[user_id] = {self.default_role}
        self.in_group += [(group, user_id) for group in self.default_groups]
        return user_id

    def drop_user(self, user_id: str) -> None:
        del self.users[user_id]
        del self.user_roles[user_id]
        self.credentials.pop(user_id, None)
        self.members = [each for each in self.members if each[1] != user_id]
        self.managed = {each for each in self.managed if each[1] != user_id}
        self.in_organization_group = {each for each in self.in_organization_group if each[1] != user_id}
        self.in_group = [each for each in self.in_group if each[1] != user_id]
        self.links = [each for each in self.links if each[0] != user_id]

    def switch_service_account(self, client: Json, *, on: bool) -> None:
        """Make the service account's user with its scope, or destroy both: memberships and roles go too."""
        scopes: list[str] = client["defaultClientScopes"]
        if on and client["id"] not in self.accounts:
            self.accounts[client["id"]] = self.new_user(f"service-account-{client['clientId']}")
            if "service_account" not in scopes and self.scope_named("service_account") is not None:
                scopes.append("service_account")
        elif not on and client["id"] in self.accounts:
            self.drop_user(self.accounts.pop(client["id"]))
            if "service_account" in scopes:
                scopes.remove("service_account")

    def record(
        self, operation: str, resource_type: str, path: str, representation: str = "{}", username: str = ""
    ) -> None:
        """Write an admin event, where the realm keeps them; whoever ``acting`` names did it."""
        if self.the_realm().get("adminEventsEnabled"):
            self._recorded += 1
            event = {
                "id": f"event-{self._recorded}",
                "time": self.seconds() * 1000 + self._recorded % 1000,
                "operationType": operation,
                "resourceType": resource_type,
                "resourcePath": path,
                "authDetails": {
                    "realmId": "master-id",
                    "clientId": "admin-cli-id",
                    "userId": self.acting,
                    "ipAddress": "192.0.2.7",
                },
                "details": {"username": username} if username else {},
            }
            if self.the_realm().get("adminEventsDetailsEnabled") and representation:
                event["representation"] = representation
            self.events.insert(0, event)


def new_client(representation: Mapping[str, Any], seconds: int) -> Json:
    """Return the representation that Keycloak makes of a client that is created."""
    protocol = representation.get("protocol") or "openid-connect"
    named_scopes = any(representation.get(key) is not None for key in ("defaultClientScopes", "optionalClientScopes"))
    attributes = {"realm_client": "false"}
    if not representation.get("publicClient"):
        attributes["client.secret.creation.time"] = str(seconds)
    if "protocol" in representation:
        attributes["backchannel.logout.session.required"] = "true"
        attributes["backchannel.logout.revoke.offline.tokens"] = "false"
    client: Json = {
        "surrogateAuthRequired": False,
        "enabled": True,
        "alwaysDisplayInConsole": False,
        "clientAuthenticatorType": "client-secret",
        "redirectUris": [],
        "webOrigins": [],
        "notBefore": 0,
        "bearerOnly": False,
        "consentRequired": False,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "publicClient": False,
        "frontchannelLogout": False,
        "authenticationFlowBindingOverrides": {},
        "fullScopeAllowed": True,
        "nodeReRegistrationTimeout": -1,
        "defaultClientScopes": [] if named_scopes else list(DEFAULT_SCOPES[protocol]),
        "optionalClientScopes": [] if named_scopes else list(OPTIONAL_SCOPES[protocol]),
        "access": {"view": True, "configure": True, "manage": True},
        **{key: copied(value) for key, value in representation.items() if value is not None},
        "protocol": protocol,
        "attributes": attributes | texts(representation.get("attributes")) | {"realm_client": "false"},
    }
    if not client.get("authorizationServicesEnabled"):
        client.pop("authorizationServicesEnabled", None)
    return client


def texts(attributes: Mapping[str, Any] | None) -> dict[str, str]:
    """Return attributes as Keycloak keeps them: texts, none of them empty."""
    return {key: str(value) for key, value in (attributes or {}).items() if value not in (None, "")}


def found(objects: Mapping[str, Json], key: str, otherwise: str) -> Json:
    try:
        return objects[key]
    except KeyError:
        raise missing(otherwise) from None


def missing(text: str) -> NotFound:
    return NotFound(text, status=404)


def taken(text: str) -> Conflict:
    return Conflict(text, status=409)


def refused(text: str) -> RequestFailed:
    return RequestFailed(text, status=400)


def broken() -> RequestFailed:
    """Return the answer to what Keycloak does not check itself: its database refuses it."""
    return RequestFailed(
        "unknown_error: For more on this error consult the server log.", status=500, code="unknown_error"
    )


def fits(*values: Any, longest: int = 255) -> None:
    """Raise what Keycloak answers to a text that is too long for its database, which counts UTF-16 code units."""
    if any(isinstance(value, str) and len(value.encode("utf-16-le")) > 2 * longest for value in values):
        raise broken()
