"""Whatever somebody changes by hand in Keycloak shows as a field, is put back, and leaves nothing behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from reconciler.kinds.organization.fields import ACCOUNTS_IN_GROUPS, FIELDS
from reconciler.model.expectations import People
from reconciler.model.finding import Code
from reconciler.model.manifest import (
    AdminEvents,
    Client,
    DesiredState,
    Dpa,
    IntegrationOrganization,
    LoginEvents,
    OrganizationMetadata,
    OrganizationSpec,
    Partner,
    Realm,
    RealmMetadata,
    RealmSpec,
    SecretRotation,
)
from reconciler.model.plan import Plan
from reconciler.sandbox.lifecycle import Running
from tests import broker
from tests.e2e import live
from tests.mailbox import mailbox

Json = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a change by hand is made: the n-th organization, its client, its service account, the realm."""

    http: httpx.Client
    realm: str
    alias: str
    client_id: str
    organization_id: str
    client_uuid: str
    user_id: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request, as the administrator's console would."""
        response = self.http.request(method, f"/{self.realm}{path}", json=body)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def client(self, **changes: Any) -> None:
        """Change the client's representation."""
        path = f"/clients/{self.client_uuid}"
        self.call("PUT", path, {**self.call("GET", path), **changes})

    def attribute(self, name: str, value: str) -> None:
        """Set an attribute of the client."""
        self.client(attributes={name: value})

    def organization(self, **changes: Any) -> None:
        """Change the organization's representation."""
        path = f"/organizations/{self.organization_id}"
        self.call("PUT", path, {**self.call("GET", path), **changes})

    def fact(self, name: str, values: list[str] | None) -> None:
        """Set or remove an attribute of the organization."""
        path = f"/organizations/{self.organization_id}"
        attributes = self.call("GET", path)["attributes"] | {name: values}
        self.organization(attributes={key: value for key, value in attributes.items() if value is not None})

    def user(self, **changes: Any) -> None:
        """Change the service account's user."""
        path = f"/users/{self.user_id}"
        self.call("PUT", path, {**self.call("GET", path), **changes})

    def realm_settings(self, **changes: Any) -> None:
        """Change settings of the realm."""
        self.call("PUT", "", changes)

    def client_named(self, client_id: str) -> Json:
        """Return another client."""
        return dict(self.call("GET", f"/clients?clientId={client_id}")[0])

    def scope(self, name: str) -> Json:
        """Return a client scope."""
        return next(scope for scope in self.call("GET", "/client-scopes") if scope["name"] == name)

    def client_role(self, client_id: str, role: str) -> tuple[str, Json]:
        """Return a client's id and the representation of one of its roles."""
        uuid = self.client_named(client_id)["id"]
        return uuid, self.call("GET", f"/clients/{uuid}/roles/{role}")

    def a_user(self, name: str) -> str:
        """Create a person and return the id."""
        self.call("POST", "/users", {"username": name, "enabled": True})
        return str(self.call("GET", f"/users?username={name}&exact=true")[0]["id"])


SPOOFED = {
    "name": "spoofed",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-hardcoded-claim-mapper",
    "config": {"claim.name": "organization", "claim.value": "x", "access.token.claim": "true"},
}


def _grant(place: Place) -> None:
    uuid, role = place.client_role("realm-management", "realm-admin")
    place.call("POST", f"/users/{place.user_id}/role-mappings/clients/{uuid}", [role])


def _grant_realm_role(place: Place) -> None:
    role = place.call("GET", "/roles/offline_access")
    place.call("POST", f"/users/{place.user_id}/role-mappings/realm", [role])


def _revoke_default_role(place: Place) -> None:
    role = place.call("GET", f"/roles/default-roles-{place.realm}")
    place.call("DELETE", f"/users/{place.user_id}/role-mappings/realm", [role])


def _map_scope(place: Place) -> None:
    uuid, role = place.client_role("realm-management", "realm-admin")
    place.call("POST", f"/clients/{place.client_uuid}/scope-mappings/clients/{uuid}", [role])


def _map_realm_scope(place: Place) -> None:
    role = place.call("GET", "/roles/offline_access")
    place.call("POST", f"/clients/{place.client_uuid}/scope-mappings/realm", [role])


def _authorization_services_on_and_off(place: Place) -> None:
    place.client(authorizationServicesEnabled=True)
    place.client(authorizationServicesEnabled=False)


def _service_accounts_off_and_on(place: Place) -> None:
    place.client(serviceAccountsEnabled=False)
    place.client(serviceAccountsEnabled=True)


def _join_group(place: Place) -> None:
    place.call("POST", "/groups", {"name": "admins"})
    group = next(group for group in place.call("GET", "/groups") if group["name"] == "admins")
    place.call("PUT", f"/users/{place.user_id}/groups/{group['id']}")


def _add_default_scope(place: Place) -> None:
    place.call("PUT", f"/clients/{place.client_uuid}/default-client-scopes/{place.scope('profile')['id']}")


def _remove_default_scope(place: Place) -> None:
    scope = place.scope("nt24-organization")
    place.call("DELETE", f"/clients/{place.client_uuid}/default-client-scopes/{scope['id']}")


def _add_optional_scope(place: Place) -> None:
    place.call("PUT", f"/clients/{place.client_uuid}/optional-client-scopes/{place.scope('address')['id']}")


def _override_flow(place: Place) -> None:
    flow = place.call("GET", "/authentication/flows")[0]["id"]
    place.client(authenticationFlowBindingOverrides={"browser": flow})


def _add_person(place: Place) -> None:
    place.call("POST", f"/organizations/{place.organization_id}/members", place.a_user(f"person-{place.alias}"))


def _add_managed_member(place: Place) -> None:
    place.organization(domains=[{"name": "example.com", "verified": True}])
    broker.add_identity_provider(place.http, place.realm, place.organization_id)
    broker.log_in(place.http, place.realm, "jane")
    broker.forget(place.http, place.realm)


def _invite(place: Place) -> None:
    form = {"email": "ines@example.net", "firstName": "Ines", "lastName": "Invited"}
    with mailbox() as port:
        place.realm_settings(smtpServer={"host": "127.0.0.1", "port": str(port), "from": "keycloak@example.com"})
        path = f"/{place.realm}/organizations/{place.organization_id}/members/invite-user"
        place.http.post(path, data=form).raise_for_status()


def _add_account(place: Place) -> None:
    client_id = f"foreign-{place.alias}"
    place.call("POST", "/clients", {"clientId": client_id, "serviceAccountsEnabled": True, "publicClient": False})
    account = place.call("GET", f"/clients/{place.client_named(client_id)['id']}/service-account-user")["id"]
    place.call("POST", f"/organizations/{place.organization_id}/members", account)


def _join_second_organization(place: Place) -> None:
    first = place.call("GET", "/organizations?max=1")[0]["id"]
    place.call("POST", f"/organizations/{first}/members", place.user_id)


def _leave_organization(place: Place) -> None:
    place.call("DELETE", f"/organizations/{place.organization_id}/members/{place.user_id}")


def _move_organization(place: Place) -> None:
    _leave_organization(place)
    _join_second_organization(place)


def _add_identity_provider(place: Place) -> str:
    broker = {"alias": f"idp-{place.alias}", "providerId": "oidc", "config": {"clientId": "x", "clientSecret": "y"}}
    urls = {"authorizationUrl": "https://idp.example/auth", "tokenUrl": "https://idp.example/token"}
    place.call("POST", "/identity-provider/instances", {**broker, "config": {**broker["config"], **urls}})  # type: ignore[dict-item]
    return str(broker["alias"])


def _link_identity_provider(place: Place) -> None:
    place.call("POST", f"/organizations/{place.organization_id}/identity-providers", _add_identity_provider(place))


def _log_in_from_elsewhere(place: Place) -> None:
    stranger = {"userId": "1", "userName": "eve"}
    place.call("POST", f"/users/{place.user_id}/federated-identity/{_add_identity_provider(place)}", stranger)


def _import_account(place: Place, **more: Any) -> None:
    """Overwrite the service account as nothing but a partial import can: Keycloak refuses to set its password."""
    user = {
        "username": f"service-account-{place.client_id}",
        "enabled": True,
        "serviceAccountClientId": place.client_id,
    }
    place.call("POST", "/partialImport", {"ifResourceExists": "OVERWRITE", "users": [{**user, **more}]})


def _set_password(place: Place) -> None:
    _import_account(place, credentials=[{"type": "password", "value": "known to somebody", "temporary": False}])


def _set_password_and_join_again(place: Place) -> None:
    _set_password(place)
    user = place.call("GET", f"/clients/{place.client_uuid}/service-account-user")["id"]
    place.call("POST", f"/organizations/{place.organization_id}/members", user)


def _set_one_time_password(place: Place) -> None:
    secret = {"secretData": '{"value": "x"}', "credentialData": '{"subType": "totp", "digits": 6, "period": 30}'}
    _import_account(place, totp=True, credentials=[{"type": "otp", **secret}])


def _void_tokens_for_ever(place: Place) -> None:
    _import_account(place, notBefore=2_000_000_000)


def _import_role(place: Place) -> None:
    roles = {"client": {place.client_id: [{"name": "imported"}]}}
    place.call("POST", "/partialImport", {"ifResourceExists": "FAIL", "roles": roles})


BY_PARTIAL_IMPORT = frozenset(
    {_set_password, _set_password_and_join_again, _set_one_time_password, _void_tokens_for_ever, _import_role}
)
"""What Keycloak records as a change of the realm."""


def _register_node(place: Place) -> None:
    place.call("POST", f"/clients/{place.client_uuid}/nodes", {"node": "evil.example"})


def _promote_through_a_group(place: Place) -> None:
    groups = f"/organizations/{place.organization_id}/groups"
    group = place.call("POST", groups, {"name": "admins"})["id"]
    uuid, role = place.client_role("realm-management", "realm-admin")
    place.call("POST", f"{groups}/{group}/role-mappings/clients/{uuid}", [role])
    place.call("PUT", f"{groups}/{group}/members/{place.user_id}")


def _delete_client(place: Place) -> None:
    place.call("DELETE", f"/clients/{place.client_uuid}")


def _delete_organization(place: Place) -> None:
    place.call("DELETE", f"/organizations/{place.organization_id}")


def _add_partner(place: Place) -> None:
    mine = place.call("GET", f"/organizations/{place.organization_id}")["attributes"]["authorizedPartners"]
    place.fact("authorizedPartners", [*mine, "99999999-0000-4000-8000-000000000000"])


CLIENT: dict[str, tuple[str, Callable[[Place], None]]] = {
    "disabled": ("enabled", lambda p: p.client(enabled=False)),
    "public": ("keycloak.publicClient", lambda p: p.client(publicClient=True)),
    "standard flow": ("keycloak.standardFlowEnabled", lambda p: p.client(standardFlowEnabled=True)),
    "implicit flow": ("keycloak.implicitFlowEnabled", lambda p: p.client(implicitFlowEnabled=True)),
    "password grant": ("keycloak.directAccessGrantsEnabled", lambda p: p.client(directAccessGrantsEnabled=True)),
    "service accounts off": ("keycloak.serviceAccountsEnabled", lambda p: p.client(serviceAccountsEnabled=False)),
    "service accounts off and on": ("serviceAccount.organizations", _service_accounts_off_and_on),
    "redirect": ("keycloak.redirectUris", lambda p: p.client(redirectUris=["https://evil.example/*"])),
    "web origins": ("keycloak.webOrigins", lambda p: p.client(webOrigins=["+"])),
    "root URL": ("keycloak.rootUrl", lambda p: p.client(rootUrl="https://evil.example")),
    "base URL": ("keycloak.baseUrl", lambda p: p.client(baseUrl="/evil")),
    "admin URL": ("keycloak.adminUrl", lambda p: p.client(adminUrl="https://evil.example")),
    "name": ("keycloak.name", lambda p: p.client(name="Another")),
    "description": ("description", lambda p: p.client(description="Another")),
    "no description": ("description", lambda p: p.client(description="")),
    "full scope": ("keycloak.fullScopeAllowed", lambda p: p.client(fullScopeAllowed=True)),
    "authenticator": ("keycloak.clientAuthenticatorType", lambda p: p.client(clientAuthenticatorType="client-jwt")),
    "consent": ("keycloak.consentRequired", lambda p: p.client(consentRequired=True)),
    "bearer only": ("keycloak.bearerOnly", lambda p: p.client(bearerOnly=True)),
    "front channel": ("keycloak.frontchannelLogout", lambda p: p.client(frontchannelLogout=True)),
    "cluster node": ("keycloak.registeredNodes", _register_node),
    "in the console": ("keycloak.alwaysDisplayInConsole", lambda p: p.client(alwaysDisplayInConsole=True)),
    "surrogate": ("keycloak.surrogateAuthRequired", lambda p: p.client(surrogateAuthRequired=True)),
    "re-registration": ("keycloak.nodeReRegistrationTimeout", lambda p: p.client(nodeReRegistrationTimeout=60)),
    "authorization services": (
        "keycloak.authorizationServicesEnabled",
        lambda p: p.client(authorizationServicesEnabled=True),
    ),
    "authorization services on and off": ("keycloak.roles", _authorization_services_on_and_off),
    "not before": ("keycloak.notBefore", lambda p: p.client(notBefore=1)),
    "flow override": ("keycloak.authenticationFlowBindingOverrides", _override_flow),
    "spoofed claim": ("keycloak.protocolMappers.spoofed", lambda p: p.client(protocolMappers=[SPOOFED])),
    "default scope added": ("keycloak.defaultClientScopes", _add_default_scope),
    "default scope removed": ("keycloak.defaultClientScopes", _remove_default_scope),
    "optional scope added": ("keycloak.optionalClientScopes", _add_optional_scope),
    "scope mapping of a client role": ("keycloak.scopeMappings", _map_scope),
    "scope mapping of a realm role": ("keycloak.scopeMappings", _map_realm_scope),
    "own role": ("keycloak.roles", lambda p: p.call("POST", f"/clients/{p.client_uuid}/roles", {"name": "evil"})),
    "own role by a partial import": ("keycloak.roles", _import_role),
    "renamed": ("", lambda p: p.client(clientId=f"{p.client_id}-renamed")),
    "deleted": ("", _delete_client),
    "lifespan": ("accessTokenLifespan", lambda p: p.attribute("access.token.lifespan", "86400")),
    "end of the secret": (
        "keycloak.attributes.client.secret.expiration.time",
        lambda p: p.attribute("client.secret.expiration.time", "4102444800"),
    ),
    "lifespan removed": ("accessTokenLifespan", lambda p: p.attribute("access.token.lifespan", "")),
    "owner removed": ("reconciler/owner", lambda p: p.attribute("reconciler/owner", "")),
    "applied mark changed": ("reconciler/applied", lambda p: p.attribute("reconciler/applied", "enabled=000000000000")),
}
ATTRIBUTES = {
    "oauth2.device.authorization.grant.enabled": "true",
    "oauth2.jwt.authorization.grant.enabled": "true",
    "x509.subjectdn": "CN=evil",
    "oidc.ciba.grant.enabled": "true",
    "standard.token.exchange.enabled": "true",
    "jwt.credential.certificate": "MIIB",
    "use.jwks.url": "true",
    "jwks.url": "https://evil.example/jwks",
    "client.use.lightweight.access.token.enabled": "true",
    "tls.client.certificate.bound.access.tokens": "true",
    "use.refresh.tokens": "false",
    "client_credentials.use_refresh_token": "true",
    "backchannel.logout.url": "https://evil.example/logout",
    "backchannel.logout.session.required": "false",
    "post.logout.redirect.uris": "https://evil.example",
    "access.token.signed.response.alg": "HS256",
    "acr.loa.map": '{"gold":2}',
    "pkce.code.challenge.method": "plain",
    "request.object.required": "request only",
    "client.session.idle.timeout": "600",
    "login_theme": "evil",
    "consent.screen.text": "yes",
    "anything": "else",
}
CLIENT |= {
    f"attribute {name}": (f"keycloak.attributes.{name}", lambda p, n=name, v=value: p.attribute(n, v))  # type: ignore[misc]
    for name, value in ATTRIBUTES.items()
}
ACCOUNT: dict[str, tuple[str, Callable[[Place], None]]] = {
    "user disabled": ("serviceAccount.enabled", lambda p: p.user(enabled=False)),
    "user e-mail": ("serviceAccount.email", lambda p: p.user(email=f"evil@{p.alias}.example")),
    "user e-mail verified": ("serviceAccount.emailVerified", lambda p: p.user(emailVerified=True)),
    "user first name": ("serviceAccount.firstName", lambda p: p.user(firstName="Eve")),
    "user last name": ("serviceAccount.lastName", lambda p: p.user(lastName="Evil")),
    "user attribute": ("serviceAccount.attributes", lambda p: p.user(attributes={"anything": ["else"]})),
    "user required action": ("serviceAccount.requiredActions", lambda p: p.user(requiredActions=["UPDATE_PASSWORD"])),
    "user client role": ("serviceAccountRoles", _grant),
    "user realm role": ("serviceAccountRoles", _grant_realm_role),
    "user default role removed": ("serviceAccount.defaultRole", _revoke_default_role),
    "user in a group": ("serviceAccount.groups", _join_group),
    "user linked to an identity provider": ("serviceAccount.identityProviders", _log_in_from_elsewhere),
    "user deleted": ("serviceAccount.organizations", lambda p: p.call("DELETE", f"/users/{p.user_id}")),
    "user logged out": ("serviceAccount.notBefore", lambda p: p.call("POST", f"/users/{p.user_id}/logout")),
    "user void for ever": ("serviceAccount.notBefore", _void_tokens_for_ever),
    "user password": ("serviceAccount.credentials", _set_password),
    "user password, membership as before": ("serviceAccount.credentials", _set_password_and_join_again),
    "user one-time password": ("serviceAccount.credentials", _set_one_time_password),
    "membership removed": ("serviceAccount.organizations", _leave_organization),
    "second membership": ("serviceAccount.organizations", _join_second_organization),
    "other membership": ("serviceAccount.organizations", _move_organization),
}
ORGANIZATION: dict[str, tuple[str, Callable[[Place], None]]] = {
    "suspended": ("suspended", lambda p: p.organization(enabled=False)),
    "organization renamed": ("displayName", lambda p: p.organization(name=f"{p.alias} renamed")),
    "organization description": ("description", lambda p: p.organization(description="Another")),
    "redirect URL": ("keycloak.redirectUrl", lambda p: p.organization(redirectUrl="https://evil.example")),
    "domain": ("keycloak.domains", lambda p: p.organization(domains=[{"name": f"{p.alias}.example"}])),
    "identity provider": ("keycloak.identityProviders", _link_identity_provider),
    "group with a role": ("keycloak.groups", _promote_through_a_group),
    "person as a member": ("keycloak.people", _add_person),
    "managed member": ("keycloak.people", _add_managed_member),
    "invitation": ("keycloak.invitations", _invite),
    "service account of another client": ("keycloak.members", _add_account),
    "service account in a group": ("keycloak.accountsInGroups", _promote_through_a_group),
    "partner added": ("authorizedPartners", _add_partner),
    "partners removed": ("authorizedPartners", lambda p: p.fact("authorizedPartners", None)),
    "UUID changed": ("organizationUuid", lambda p: p.fact("organizationUuid", [str(UUID(int=1))])),
    "UUID twice": ("organizationUuid", lambda p: p.fact("organizationUuid", [str(UUID(int=1)), str(UUID(int=2))])),
    "tier": ("capabilities.rateLimitTier", lambda p: p.fact("rateLimitTier", ["ENTERPRISE"])),
    "KYC": ("capabilities.allowMarketplaceLedKyc", lambda p: p.fact("allowMarketplaceLedKyc", ["true"])),
    "orders": ("capabilities.allowMultiVinOrders", lambda p: p.fact("allowMultiVinOrders", ["true"])),
    "personal data": ("capabilities.allowContactPersonalData", lambda p: p.fact("allowContactPersonalData", ["true"])),
    "documents": ("capabilities.allowKycDocumentDownload", lambda p: p.fact("allowKycDocumentDownload", ["true"])),
    "flag misspelt": ("capabilities.allowMultiVinOrders", lambda p: p.fact("allowMultiVinOrders", ["yes"])),
    "flag removed": ("capabilities.allowMultiVinOrders", lambda p: p.fact("allowMultiVinOrders", None)),
    "DPA version": ("dpa.version", lambda p: p.fact("dpaVersion", ["2099-01"])),
    "DPA acceptance": ("dpa.acceptedAt", lambda p: p.fact("dpaAcceptedAt", ["2026-11-01T00:00:00Z"])),
    "DPA removed": ("dpa.version", lambda p: p.fact("dpaVersion", None)),
    "unknown attribute": ("keycloak.attributes.anything", lambda p: p.fact("anything", ["else"])),
    "all attributes removed": ("organizationUuid", lambda p: p.organization(attributes={})),
    "mark of a soft deletion": (
        "reconciler/soft-deleted",
        lambda p: p.fact("reconciler/soft-deleted", ["2026-11-01T00:00:00Z"]),
    ),
    "domain verified": (
        "keycloak.domains",
        lambda p: p.organization(domains=[{"name": f"{p.alias}.verified.example", "verified": True}]),
    ),
    "organization's owner removed": ("reconciler/owner", lambda p: p.fact("reconciler/owner", None)),
    "organization's mark changed": ("reconciler/applied", lambda p: p.fact("reconciler/applied", ["x=1"])),
    "organization deleted": ("", _delete_organization),
}


def _scope_mapper(scope: str) -> Callable[[Place], None]:
    return lambda p: p.call("POST", f"/client-scopes/{p.scope(scope)['id']}/protocol-mappers/models", SPOOFED)


def _weaken_mapper(p: Place) -> None:
    scope = p.scope("nt24-organization")
    # Keycloak lists mappers in no particular order, and another tampering adds one.
    mapper = next(mapper for mapper in scope["protocolMappers"] if mapper["name"] == "organization")
    changed = {**mapper, "config": {**mapper["config"], "addOrganizationAttributes": "true"}}
    p.call("PUT", f"/client-scopes/{scope['id']}/protocol-mappers/models/{mapper['id']}", changed)


def _delete_mapper(p: Place) -> None:
    scope = p.scope("basic")
    mapper = next(mapper for mapper in scope["protocolMappers"] if mapper["name"] == "sub")
    p.call("DELETE", f"/client-scopes/{scope['id']}/protocol-mappers/models/{mapper['id']}")


def _map_role_of_scope(p: Place) -> None:
    uuid, role = p.client_role("realm-management", "realm-admin")
    p.call("POST", f"/client-scopes/{p.scope('basic')['id']}/scope-mappings/clients/{uuid}", [role])


def _add_default_role(p: Place) -> None:
    _, role = p.client_role("realm-management", "view-users")
    p.call("POST", f"/roles/default-roles-{p.realm}/composites", [role])


def _shorten_overlap(p: Place) -> None:
    profiles = p.call("GET", "/client-policies/profiles")["profiles"]
    profiles[0]["executors"][0]["configuration"]["rotated-expiration-period"] = 1
    p.call("PUT", "/client-policies/profiles", {"profiles": profiles})


def _disable_policy(p: Place) -> None:
    policies = p.call("GET", "/client-policies/policies")["policies"]
    policies[0]["enabled"] = False
    p.call("PUT", "/client-policies/policies", {"policies": policies})


def _add_executor(p: Place) -> None:
    profiles = p.call("GET", "/client-policies/profiles")["profiles"]
    profiles[0]["executors"].append({"executor": "consent-required", "configuration": {}})
    p.call("PUT", "/client-policies/profiles", {"profiles": profiles})


def _remove_default_role(p: Place) -> None:
    p.call("DELETE", f"/roles/default-roles-{p.realm}/composites", [p.call("GET", "/roles/offline_access")])


def _describe_scope(p: Place) -> None:
    scope = p.scope("nt24-organization")
    p.call("PUT", f"/client-scopes/{scope['id']}", {**scope, "description": "Another"})


REALM: dict[str, tuple[str, Callable[[Place], None]]] = {
    "realm's display name": ("displayName", lambda p: p.realm_settings(displayName="Another")),
    "realm's token lifespan": ("accessTokenLifespan", lambda p: p.realm_settings(accessTokenLifespan=86400)),
    "a mapper of our scope added": (
        "keycloak.clientScopes.nt24-organization.mappers.spoofed",
        _scope_mapper("nt24-organization"),
    ),
    "a mapper of our scope changed": (
        "keycloak.clientScopes.nt24-organization.mappers.organization.config.addOrganizationAttributes",
        _weaken_mapper,
    ),
    "a mapper of basic added": ("keycloak.clientScopes.basic.mappers.spoofed", _scope_mapper("basic")),
    "a mapper of basic removed": ("keycloak.clientScopes.basic.mappers.sub", _delete_mapper),
    "a mapper of service_account added": (
        "keycloak.clientScopes.service_account.mappers.spoofed",
        _scope_mapper("service_account"),
    ),
    "a mapper of roles added": ("keycloak.clientScopes.roles.mappers.spoofed", _scope_mapper("roles")),
    "a role in the tokens of a scope": ("keycloak.clientScopes.basic.scopeMappings", _map_role_of_scope),
    "default roles": ("keycloak.defaultRoles", _add_default_role),
    "our scope's description": ("keycloak.organizationScope.description", _describe_scope),
    "overlap of secrets": ("secretRotation.overlap", _shorten_overlap),
    "executors of the rotation": ("keycloak.secretRotation.executors", _add_executor),
    "default roles removed": ("keycloak.defaultRoles", _remove_default_role),
    "rotation policy": ("keycloak.secretRotation.policy", _disable_policy),
    "details of events": ("adminEvents.details", lambda p: p.realm_settings(adminEventsDetailsEnabled=False)),
    "logins": ("loginEvents.enabled", lambda p: p.realm_settings(eventsEnabled=False)),
    "types of logins": ("loginEvents.types", lambda p: p.realm_settings(enabledEventTypes=["LOGIN"])),
    "events": ("adminEvents.enabled", lambda p: p.realm_settings(adminEventsEnabled=False)),
}

BY_HAND = {**CLIENT, **ACCOUNT, **ORGANIZATION}


def _organization(number: int, whose: People) -> IntegrationOrganization:
    partner = Partner(uuid=UUID(int=number + 1000), name="A", country="DE")
    return IntegrationOrganization(
        api_version="reconciler/v1",
        kind="IntegrationOrganization",
        metadata=OrganizationMetadata(name=f"company-{number:03}"),
        spec=OrganizationSpec(
            display_name=f"Company {number:03}",
            organization_uuid=UUID(int=number + 2000),
            clients=(Client(client_id=f"api-client-company-{number:03}", description="ERP"),),
            authorized_partners=(partner,),
            dpa=Dpa.model_validate({"version": "2026-01", "acceptedAt": "2026-01-15T10:00:00Z"}),
            people=whose,
        ),
    )


def _desired(realm: str, number: int, whose: People = People.NONE) -> DesiredState:
    rotation = SecretRotation(expiration=90 * 86400, overlap=48 * 3600)
    spec = RealmSpec(
        display_name="Tampered", secret_rotation=rotation, admin_events=AdminEvents(), login_events=LoginEvents()
    )
    return DesiredState(
        realm=Realm(api_version="reconciler/v1", kind="Realm", metadata=RealmMetadata(name=realm), spec=spec),
        organizations=tuple(_organization(n, whose) for n in range(number)),
    )


def _places(http: httpx.Client, realm: str, desired: DesiredState) -> Iterator[Place]:
    for manifest in desired.organizations:
        client_id = manifest.spec.clients[0].client_id
        client = http.get(f"/{realm}/clients", params={"clientId": client_id}).json()[0]
        user = http.get(f"/{realm}/clients/{client['id']}/service-account-user").json()
        found = http.get(f"/{realm}/organizations", params={"search": manifest.spec.display_name, "exact": True}).json()
        yield Place(http, realm, manifest.name, client_id, found[0]["id"], client["id"], user["id"])


def _seen(plan: Plan) -> dict[str, set[str]]:
    """Return, per company, the paths that the plan changes, in its organization or its client."""
    seen: dict[str, set[str]] = {}
    for change in plan.changes:
        seen.setdefault(change.address.names[0], set()).update(field.path for field in change.field_changes)
    return seen


def _is_seen(wanted: str, paths: set[str]) -> bool:
    return any(path == wanted or path.startswith(f"{wanted}.") for path in paths) if wanted else bool(paths)


def test_every_change_by_hand_is_seen_put_back_and_forgotten(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    # The first company stays untouched: memberships go there, and it must not be alarmed by anything else.
    desired = _desired(no_realm, len(BY_HAND) + 1)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    assert live.plan(sandbox, desired).changes == (), "a freshly applied realm shows no difference"

    _, *places = _places(admin, no_realm, desired)
    for place, (_, tamper) in zip(places, BY_HAND.values(), strict=True):
        tamper(place)

    tampered = live.plan(sandbox, desired)
    seen = _seen(tampered)
    hidden = [
        f"{name}: {sorted(seen.get(place.alias, ()))}"
        for place, (name, (path, _)) in zip(places, BY_HAND.items(), strict=True)
        if not _is_seen(path, seen.get(place.alias, set()))
    ]
    assert hidden == []
    assert len(BY_HAND) + len(REALM) >= 100
    assert set(seen) <= {place.alias for place in places}, "no false alarm"

    applied = live.apply(sandbox, tampered)
    assert [f"{o.change.address}: {o.detail}" for o in applied.outcomes if o.detail] == []
    left = live.plan(sandbox, desired)
    assert {str(change.address): [f.path for f in change.field_changes] for change in left.changes} == {}


def test_what_people_bring_to_organizations_that_they_share_is_left_alone(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    brought = [tamper for path, tamper in ORGANIZATION.values() if path in FIELDS.shared]
    desired = _desired(no_realm, len(brought) + 1, People.SHARED)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    _, *places = _places(admin, no_realm, desired)
    for place, bring in zip(places, brought, strict=True):
        bring(place)
    plan = live.plan(sandbox, desired)
    # What gives a declared service account roles is nobody's right.
    grouped = [place.alias for place, bring in zip(places, brought, strict=True) if bring is _promote_through_a_group]
    assert _seen(plan) == {alias: {ACCOUNTS_IN_GROUPS} for alias in grouped}
    noted = {finding.address.name for finding in plan.findings if finding.code is Code.SHARED_WITH_PEOPLE}
    assert noted == {place.alias for place in places}
    before = {place.alias: place.call("GET", f"/organizations/{place.organization_id}") for place in places}
    live.apply(sandbox, plan)
    assert live.plan(sandbox, desired).changes == ()
    assert {p.alias: p.call("GET", f"/organizations/{p.organization_id}") for p in places} == before


def test_every_change_of_the_scaffolding_is_seen_put_back_and_forgotten(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    desired = _desired(no_realm, 1)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    place = next(_places(admin, no_realm, desired))
    for _, tamper in REALM.values():
        tamper(place)

    tampered = live.plan(sandbox, desired)
    paths = _seen(tampered)[no_realm]
    assert [name for name, (path, _) in REALM.items() if not _is_seen(path, paths)] == []

    applied = live.apply(sandbox, tampered)
    assert [f"{o.change.address}: {o.detail}" for o in applied.outcomes if o.detail] == []
    left = live.plan(sandbox, desired)
    assert {str(change.address): [f.path for f in change.field_changes] for change in left.changes} == {}


def test_client_scopes_that_are_deleted_or_renamed_are_made_again_and_given_back(
    sandbox: Running, admin: httpx.Client, no_realm: str
) -> None:
    desired = _desired(no_realm, 2)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    place = next(_places(admin, no_realm, desired))
    for name in ("nt24-organization", "basic"):
        place.call("DELETE", f"/client-scopes/{place.scope(name)['id']}")
    renamed = place.scope("service_account")
    place.call("PUT", f"/client-scopes/{renamed['id']}", {**renamed, "name": "renamed"})

    tampered = live.plan(sandbox, desired)
    seen = _seen(tampered)
    assert all("keycloak.defaultClientScopes" in seen[manifest.name] for manifest in desired.organizations)
    applied = live.apply(sandbox, tampered)
    assert [f"{o.change.address}: {o.detail}" for o in applied.outcomes if o.detail] == []
    assert live.plan(sandbox, desired).changes == ()


@pytest.mark.parametrize("setting", ["organizationsEnabled", "enabled"])
def test_a_realm_that_was_switched_off_is_switched_on_again(
    sandbox: Running, admin: httpx.Client, no_realm: str, setting: str
) -> None:
    desired = _desired(no_realm, 1)
    assert live.apply(sandbox, live.plan(sandbox, desired)).is_complete
    admin.put(f"/{no_realm}", json={setting: False}).raise_for_status()

    tampered = live.plan(sandbox, desired)
    assert f"keycloak.{setting}" in _seen(tampered)[no_realm]
    live.apply(sandbox, tampered)
    again = live.plan(sandbox, desired)
    live.apply(sandbox, again)
    assert live.plan(sandbox, desired).changes == ()
