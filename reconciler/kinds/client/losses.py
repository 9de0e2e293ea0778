"""What adopting a client takes from it: what of that somebody has set, and what relies on it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.kinds import loss
from reconciler.kinds.client import fields as client
from reconciler.kinds.loss import HIGH, LOW, MEDIUM, Additions, Loss, harmless, meaning, relied_on
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.realm.token_scopes import MAPPER_RULES
from reconciler.model.manifest import Client
from reconciler.model.observed import RealmObservation
from reconciler.model.value import Fields, Value


def additions(live: RealmObservation) -> Additions:
    """Return what others have added in the realm."""
    scopes = {**live.builtin_scopes, **live.further_scopes}
    changed = (
        name for name, scope in scopes.items() if not all(_is_builtin(name, mapper) for mapper in _mappers(scope))
    )
    roles = (role for role in live.default_roles if role not in realm.BUILTIN_DEFAULT_ROLES)
    return Additions(frozenset(changed), tuple(roles))


def of_client(path: str, gone: Value, after: Fields) -> Loss:
    """Return what it means that a client loses ``gone``."""
    found = meaning(LOSSES, path)
    if path.startswith(client.ATTRIBUTE):
        return loss.DEFAULT if gone in {"false", _NOISE.get(path.removeprefix(client.ATTRIBUTE))} else found
    if found is _SCOPE:
        return found if _is_beyond_builtin(path, gone, after) else _BUILTIN_SCOPE
    if found is _MAPPER:
        return loss.DEFAULT if _says_what_scopes_say(gone) else _AUDIENCE if _is_audience(gone) else found
    return found


def beside(path: str, found: Loss, before: Fields, after: Fields, added: Additions) -> Loss:
    """Return the loss; what Keycloak gives every client is relied on where others have added something to it."""
    if found is _BUILTIN_SCOPE:
        gone = loss.lost(path, before[path], after.get(path))
        carrying = sorted(added.scopes.intersection(map(str, gone if isinstance(gone, tuple) else ())))
        return relied_on(HIGH, "client-scope-removed", f"{_CARRIED}: {', '.join(carrying)}.") if carrying else found
    if path == _FULL_SCOPE and added.default_roles and before.get(client.DEFAULT_ROLE) is True:
        return relied_on(HIGH, "roles-removed", f"{_DEFAULTED}: {', '.join(added.default_roles)}.")
    if path == _ORIGINS and _follow_from_redirects(before):
        return replace(found, is_relied_on=False)
    return found


def _mappers(scope: Mapping[str, Any]) -> list[Any]:
    return list(scope.get("protocolMappers") or ())


def _is_builtin(scope: str, mapper: Any) -> bool:
    """Tell whether the mapper is one that Keycloak itself makes with the scope, whatever its further settings."""
    kind, claim = mapper.get("protocolMapper"), (mapper.get("config") or {}).get("claim.name")
    if scope not in _BUILTIN_CLAIMS:
        # Of the scopes that integration clients get, nothing is lost; one that is not Keycloak's is judged by itself.
        return True
    return kind in _BUILTIN_MAPPERS if claim is None else kind in _CLAIM_MAPPERS and claim in _BUILTIN_CLAIMS[scope]


def _follow_from_redirects(before: Fields) -> bool:
    origins, redirects = before.get(_ORIGINS), before.get("keycloak.redirectUris")
    parts = [urlsplit(str(uri)) for uri in redirects] if isinstance(redirects, tuple) else []
    derived = {"+", "/*", *(f"{part.scheme}://{part.netloc}" for part in parts)}
    return isinstance(origins, tuple) and derived.issuperset(map(str, origins))


def _is_beyond_builtin(path: str, lost: Value, after: Fields) -> bool:
    kept = after.get(client.DEFAULT_SCOPES)
    known = _BUILTIN_SCOPES[path] | set(kept if isinstance(kept, tuple) else ())
    return isinstance(lost, tuple) and any(scope not in known for scope in lost)


def _says_what_scopes_say(mapper: Any) -> bool:
    """Tell whether a client's own mapper does just what one of the scopes of integration clients does.

    Before version 25, Keycloak gave such mappers to every client with a service account.
    """
    rules: list[Any] = [rule for rules in MAPPER_RULES.values() for rule in rules.values()]
    return any(_effect(mapper) == _effect(rule) for rule in rules)


def _effect(mapper: Any) -> tuple[Any, ...]:
    """Return what a mapper does; what its configuration leaves out is what Keycloak takes instead."""
    config = dict(mapper.get("config") or {})
    config.setdefault("introspection.token.claim", "true")
    config.setdefault("userinfo.token.claim", config.get("id.token.claim", "false"))
    said = {key: value for key, value in config.items() if value not in {"", "false", None}}
    return mapper.get("protocol"), mapper.get("protocolMapper"), said


def _is_audience(mapper: Any) -> bool:
    return "audience" in str(mapper.get("protocolMapper"))


_BUILTIN_CLAIMS: Final[Mapping[str, frozenset[str]]] = {
    "acr": frozenset(),
    "address": frozenset(),
    "email": frozenset({"email", "email_verified"}),
    "microprofile-jwt": frozenset({"groups", "upn"}),
    "offline_access": frozenset(),
    "organization": frozenset({"organization"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
    "profile": frozenset(
        {
            *("birthdate", "family_name", "gender", "given_name", "locale", "middle_name", "nickname", "picture"),
            *("preferred_username", "profile", "updated_at", "website", "zoneinfo"),
        }
    ),
    "roles": frozenset({"realm_access.roles", "resource_access.${client_id}.roles"}),
    "web-origins": frozenset(),
}
"""Per client scope of Keycloak's own that integration clients do not get unasked: the claims that it is made with."""
_CLAIM_MAPPERS: Final = frozenset(
    {
        "oidc-organization-membership-mapper",
        "oidc-usermodel-attribute-mapper",
        "oidc-usermodel-client-role-mapper",
        "oidc-usermodel-property-mapper",
        "oidc-usermodel-realm-role-mapper",
    }
)
_BUILTIN_MAPPERS: Final = frozenset(
    {
        "oidc-acr-mapper",
        "oidc-address-mapper",
        "oidc-allowed-origins-mapper",
        "oidc-audience-resolve-mapper",
        "oidc-full-name-mapper",
    }
)
"""Types of mappers without a claim's name that Keycloak makes client scopes with."""
_FULL_SCOPE: Final = "keycloak.fullScopeAllowed"
_CARRIED: Final = "What others have added to these client scopes is gone from the tokens"
_DEFAULTED: Final = "Roles that others have made everybody's are gone from the tokens"
_ORIGINS: Final = "keycloak.webOrigins"
_BUILTIN_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    client.DEFAULT_SCOPES: frozenset({"acr", "basic", "email", "profile", "roles", "service_account", "web-origins"}),
    client.OPTIONAL_SCOPES: frozenset({"address", "microprofile-jwt", "offline_access", "organization", "phone"}),
}
"""The client scopes that Keycloak gives every new client."""

_NOISE: Final[Mapping[str, str]] = {
    "acr.loa.map": "{}",
    "backchannel.logout.session.required": "true",
    "frontchannel.logout.session.required": "true",
    "post.logout.redirect.uris": "+",
    "request.object.required": "not required",
    "use.refresh.tokens": "true",
}
"""Attributes that the console, or an import, writes unasked: they say what Keycloak does anyway. So does "false"."""

_BUILTIN_SCOPE: Final = harmless(
    MEDIUM,
    "default-scopes-removed",
    "Token requests that name one of them (scope=openid profile) are refused (invalid_scope), and its claims are gone "
    "from the tokens: names, e-mail, roles.",
)
_LOGIN: Final = relied_on(
    HIGH, "login-method-removed", "Programs that log in otherwise than with the client's secret are refused."
)
_FLOW: Final = relied_on(HIGH, "login-flow-removed", "Whoever logs in by it is refused.")
_SCOPE: Final = relied_on(HIGH, "client-scope-removed", "Its claims are gone from the tokens.")
_MAPPER: Final = relied_on(HIGH, "mapper-removed", "Its claim is gone from the tokens.")
_AUDIENCE: Final = relied_on(HIGH, "audience-removed", "Services that expect this audience refuse the tokens.")
_ANEW: Final = relied_on(
    HIGH, "service-account-replaced", "The service account is made anew: its tokens have another subject (sub)."
)

LOSSES: Final[Mapping[str, Loss]] = {
    "description": loss.WORDS,
    "enabled": loss.LOCKOUT,
    "accessTokenLifespan": loss.DEFAULT,
    client.ROLES: loss.CALLS,
    client.ORGANIZATIONS: loss.DEFAULT,
    "keycloak.name": loss.WORDS,
    "keycloak.alwaysDisplayInConsole": loss.WORDS,
    "keycloak.clientAuthenticatorType": _LOGIN,
    "keycloak.publicClient": _LOGIN,
    "keycloak.directAccessGrantsEnabled": _FLOW,
    "keycloak.implicitFlowEnabled": _FLOW,
    "keycloak.authenticationFlowBindingOverrides": _FLOW,
    "keycloak.standardFlowEnabled": harmless(
        LOW, "default-removed", "Keycloak switches it on unasked, and it takes a redirect URI to log in by it."
    ),
    _FULL_SCOPE: harmless(LOW, "default-removed", "Roles that no manifest declares are gone from the tokens."),
    "keycloak.frontchannelLogout": loss.DEFAULT,
    "keycloak.nodeReRegistrationTimeout": loss.DEFAULT,
    "keycloak.surrogateAuthRequired": loss.DEFAULT,
    "keycloak.bearerOnly": harmless(MEDIUM, "login-added", "It can get tokens, which it could not before."),
    "keycloak.consentRequired": harmless(MEDIUM, "consent-removed", "People are not asked for consent any more."),
    "keycloak.notBefore": harmless(MEDIUM, "revocation-removed", "Tokens from before that moment count again."),
    "keycloak.protocol": relied_on(HIGH, "protocol-changed", "Programs that speak the protocol are refused."),
    "keycloak.redirectUris": relied_on(HIGH, "redirect-uris-removed", "People who log in through it are refused."),
    _ORIGINS: loss.ADDRESS,
    "keycloak.rootUrl": loss.ADDRESS,
    "keycloak.baseUrl": loss.ADDRESS,
    "keycloak.adminUrl": loss.ADDRESS,
    "keycloak.authorizationServicesEnabled": relied_on(
        HIGH, "authorization-services-deleted", "Its resources, permissions and policies are deleted."
    ),
    client.NODES: loss.SETTING,
    client.DEFAULT_SCOPES: _SCOPE,
    client.OPTIONAL_SCOPES: _SCOPE,
    client.SCOPE_MAPPINGS: relied_on(HIGH, "scope-mapping-removed", "These roles are gone from the tokens."),
    client.OWN_ROLES: relied_on(HIGH, "client-roles-deleted", "Whoever holds these roles loses them."),
    client.MAPPER: _MAPPER,
    client.ATTRIBUTE: loss.ATTRIBUTE,
    **{
        client.ATTRIBUTE + prefix: _LOGIN
        for prefix in ("jwks.", "jwt.credential.", "token.endpoint.auth.", "use.jwks.", "x509.")
    },
    **{
        client.ATTRIBUTE + name: _FLOW
        for name in (
            "oauth2.device.authorization.grant.enabled",
            "oauth2.jwt.authorization.grant.enabled",
            "oidc.ciba.grant.enabled",
            "standard.token.exchange.enabled",
        )
    },
    **{client.ATTRIBUTE + name: loss.WORDS for name in ("consent.screen.text", "logoUri", "policyUri", "tosUri")},
    **dict.fromkeys(client.ONLY_ANEW, _ANEW),
    client.GROUPS: loss.GROUP_LEFT,
    client.LINKS: relied_on(MEDIUM, "identity-provider-unlinked", "Nobody logs in as it by the identity provider."),
    "serviceAccount.enabled": loss.LOCKOUT,
    "serviceAccount.requiredActions": loss.DEFAULT,
    **{
        client.USER + name: loss.ATTRIBUTE for name in ("attributes", "email", "emailVerified", "firstName", "lastName")
    },
}
"""What losing a field means: by its path, or by what paths begin with, up to a dot."""
DROPPABLE_TOO: Final = frozenset({_FULL_SCOPE})
"""What may be said to go though no program is known to rely on it."""


def unsaid(manifest: Client) -> frozenset[str]:
    """Return the fields that the manifest of the client could say, but leaves to their defaults."""
    fields = {"enabled": "enabled", client.ROLES: "service_account_roles"}
    return frozenset(path for path, name in fields.items() if name not in manifest.model_fields_set)
