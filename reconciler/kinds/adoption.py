"""What adopting an object takes from it: what of that somebody has set, and what relies on it.

What equals Keycloak's own defaults was set by nobody. Those were measured on Keycloak 26.7.5, with clients that were
made by the Admin API, by the admin console (which adds to a client whenever it saves one), by a partial import, and
by an export with its import. Whatever is beyond them may carry a program that runs, unless it is named as harmless.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.kinds.client import fields as client
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.organization import people
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.realm.token_scopes import MAPPER_RULES
from reconciler.model.address import Kind
from reconciler.model.layout import MARKS
from reconciler.model.manifest import Capabilities, Client, IntegrationOrganization
from reconciler.model.observed import RealmObservation
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Fields, Value, is_empty


@dataclass(frozen=True, slots=True)
class Loss:
    """What taking something away can do, and whether a program that runs may rely on it."""

    risk: Risk
    is_relied_on: bool


@dataclass(frozen=True, slots=True)
class Additions:
    """What others have added to what Keycloak gives every client of the realm."""

    scopes: frozenset[str] = frozenset()
    """Names of Keycloak's own client scopes with a mapper that is not Keycloak's own."""
    default_roles: tuple[str, ...] = ()
    """Roles beyond Keycloak's own that every user holds, a service account, too."""


NO_ADDITIONS: Final = Additions()


def additions(live: RealmObservation) -> Additions:
    """Return what others have added in the realm."""
    scopes = {**live.builtin_scopes, **live.further_scopes}
    changed = (
        name for name, scope in scopes.items() if not all(_is_builtin(name, mapper) for mapper in _mappers(scope))
    )
    roles = (role for role in live.default_roles if role not in realm.BUILTIN_DEFAULT_ROLES)
    return Additions(frozenset(changed), tuple(roles))


def losses(kind: Kind, before: Fields, after: Fields, added: Additions = NO_ADDITIONS) -> Iterator[tuple[str, Loss]]:
    """Yield the paths of the fields that lose something on the way from ``before`` to ``after``, sorted."""
    for path in sorted(before):
        if (loss := loss_of(kind, path, before[path], after.get(path), after)) is not None:
            follows = path == _ORIGINS and _follow_from_redirects(before)
            found = _with_additions(path, loss, before, after, added) if kind is Kind.CLIENT else loss
            yield path, replace(found, is_relied_on=found.is_relied_on and not follows)


def _with_additions(path: str, loss: Loss, before: Fields, after: Fields, added: Additions) -> Loss:
    """Return the loss; what Keycloak gives every client is relied on where others have added something to it."""
    if loss is _BUILTIN_SCOPE:
        lost = _lost(path, before[path], after.get(path))
        carrying = sorted(added.scopes.intersection(map(str, lost if isinstance(lost, tuple) else ())))
        return _relied_on(_HIGH, "client-scope-removed", f"{_CARRIED}: {', '.join(carrying)}.") if carrying else loss
    if path == _FULL_SCOPE and added.default_roles and before.get(client.DEFAULT_ROLE) is True:
        return _relied_on(_HIGH, "roles-removed", f"{_DEFAULTED}: {', '.join(added.default_roles)}.")
    return loss


def _mappers(scope: Mapping[str, Any]) -> list[Any]:
    return list(scope.get("protocolMappers") or ())


def _is_builtin(scope: str, mapper: Any) -> bool:
    """Tell whether the mapper is one that Keycloak itself makes with the scope, whatever its further settings."""
    kind, claim = mapper.get("protocolMapper"), (mapper.get("config") or {}).get("claim.name")
    if scope not in _BUILTIN_CLAIMS:
        # Of the scopes that integration clients get, nothing is lost; one that is not Keycloak's is judged by itself.
        return True
    return kind in _BUILTIN_MAPPERS if claim is None else kind in _CLAIM_MAPPERS and claim in _BUILTIN_CLAIMS[scope]


def loss_of(kind: Kind, path: str, old: Value, new: Value, after: Fields) -> Loss | None:
    """Return what it means that a field, or a part of one, becomes ``new``; None where nothing is taken away."""
    lost = _lost(path, old, new)
    if lost is None or kind is Kind.WEBHOOK or path.startswith(MARKS):
        return None
    if kind is Kind.REALM and path.startswith(_SCOPES) and any(f"{path}.".startswith(f"{kept}.") for kept in after):
        return _CHANGED
    found = _found(_LOSSES[kind], path)
    if path.startswith(client.ATTRIBUTE) and kind is Kind.CLIENT:
        return _DEFAULT if lost in {"false", _NOISE.get(path.removeprefix(client.ATTRIBUTE))} else found
    if found is _SCOPE:
        return found if _is_beyond_builtin(path, lost, after) else _BUILTIN_SCOPE
    if found is _MAPPER:
        return _DEFAULT if _says_what_scopes_say(lost) else _AUDIENCE if _is_audience(lost) else found
    return found


def _lost(path: str, old: Value, new: Value) -> Value:
    """Return what is taken away: of a set the items that go, else the whole value; None where nothing is.

    A flag that is off was set only where that keeps somebody out.
    """
    if isinstance(old, tuple) and isinstance(new, tuple | None):
        return tuple(item for item in old if item not in (new or ())) or None
    if old is False and path in _KEEP_OUT:
        return None if new is False else "off"
    return None if old == new or is_empty(old) or (not old and not isinstance(old, bool)) else old


def _found(table: Mapping[str, Loss], path: str) -> Loss:
    """Return the entry of the path, or else of the longest prefix that ends with a dot."""
    ends = [len(path), *(at + 1 for at in range(len(path) - 1, -1, -1) if path[at] == ".")]
    return next((table[path[:end]] for end in ends if path[:end] in table), _SETTING)


def _follow_from_redirects(before: Fields) -> bool:
    """Tell whether the web origins are those that Keycloak derives from redirect URIs, which are judged themselves."""
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


def _relied_on(level: RiskLevel, code: str, why: str) -> Loss:
    return Loss(Risk(level, code, why), is_relied_on=True)


def _harmless(level: RiskLevel, code: str, why: str) -> Loss:
    return Loss(Risk(level, code, why), is_relied_on=False)


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
_OF_CLIENT: Final = re.compile(r"clients\[(?P<client>[^\]]+)\]\.(?P<field>.+)")
_LOW, _MEDIUM, _HIGH = RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH
_SCOPES: Final = "keycloak.clientScopes."
_ORIGINS: Final = "keycloak.webOrigins"
_KEEP_OUT: Final = frozenset({"enabled", "keycloak.enabled", "serviceAccount.enabled"})
"""Flags that keep somebody out while they are off."""

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

_DEFAULT: Final = _harmless(_LOW, "default-removed", "Keycloak sets it unasked, and no program needs it.")
_WORDS: Final = _harmless(_LOW, "words-removed", "Only people read it.")
_CHANGED: Final = _harmless(_MEDIUM, "scope-changed", "Tokens of whoever has the client scope change.")
_BUILTIN_SCOPE: Final = _harmless(
    _MEDIUM,
    "default-scopes-removed",
    "Token requests that name one of them (scope=openid profile) are refused (invalid_scope), and its claims are gone "
    "from the tokens: names, e-mail, roles.",
)
_LOCKOUT: Final = _relied_on(_MEDIUM, "lockout-ended", "What somebody has disabled is enabled.")
_LOGIN: Final = _relied_on(
    _HIGH, "login-method-removed", "Programs that log in otherwise than with the client's secret are refused."
)
_FLOW: Final = _relied_on(_HIGH, "login-flow-removed", "Whoever logs in by it is refused.")
_SCOPE: Final = _relied_on(_HIGH, "client-scope-removed", "Its claims are gone from the tokens.")
_MAPPER: Final = _relied_on(_HIGH, "mapper-removed", "Its claim is gone from the tokens.")
_AUDIENCE: Final = _relied_on(_HIGH, "audience-removed", "Services that expect this audience refuse the tokens.")
_ADDRESS: Final = _relied_on(_MEDIUM, "address-removed", "Whoever is sent to it, or calls from it, is refused.")
_ANEW: Final = _relied_on(
    _HIGH, "service-account-replaced", "The service account is made anew: its tokens have another subject (sub)."
)
_PEOPLE: Final = _relied_on(_HIGH, "people-removed", "People lose what they have through the organization.")
_CALLS: Final = _relied_on(_HIGH, "value-removed", "Calls that need it are refused.")
_ATTRIBUTE: Final = _relied_on(_MEDIUM, "attribute-removed", "A program may read it.")
_SETTING: Final = _relied_on(_MEDIUM, "setting-removed", "A program may rely on it.")

_CLIENT: Final[Mapping[str, Loss]] = {
    "description": _WORDS,
    "enabled": _LOCKOUT,
    "accessTokenLifespan": _DEFAULT,
    client.ROLES: _CALLS,
    client.ORGANIZATIONS: _DEFAULT,
    "keycloak.name": _WORDS,
    "keycloak.alwaysDisplayInConsole": _WORDS,
    "keycloak.clientAuthenticatorType": _LOGIN,
    "keycloak.publicClient": _LOGIN,
    "keycloak.directAccessGrantsEnabled": _FLOW,
    "keycloak.implicitFlowEnabled": _FLOW,
    "keycloak.authenticationFlowBindingOverrides": _FLOW,
    "keycloak.standardFlowEnabled": _harmless(
        _LOW, "default-removed", "Keycloak switches it on unasked, and it takes a redirect URI to log in by it."
    ),
    _FULL_SCOPE: _harmless(_LOW, "default-removed", "Roles that no manifest declares are gone from the tokens."),
    "keycloak.frontchannelLogout": _DEFAULT,
    "keycloak.nodeReRegistrationTimeout": _DEFAULT,
    "keycloak.surrogateAuthRequired": _DEFAULT,
    "keycloak.bearerOnly": _harmless(_MEDIUM, "login-added", "It can get tokens, which it could not before."),
    "keycloak.consentRequired": _harmless(_MEDIUM, "consent-removed", "People are not asked for consent any more."),
    "keycloak.notBefore": _harmless(_MEDIUM, "revocation-removed", "Tokens from before that moment count again."),
    "keycloak.protocol": _relied_on(_HIGH, "protocol-changed", "Programs that speak the protocol are refused."),
    "keycloak.redirectUris": _relied_on(_HIGH, "redirect-uris-removed", "People who log in through it are refused."),
    _ORIGINS: _ADDRESS,
    "keycloak.rootUrl": _ADDRESS,
    "keycloak.baseUrl": _ADDRESS,
    "keycloak.adminUrl": _ADDRESS,
    "keycloak.authorizationServicesEnabled": _relied_on(
        _HIGH, "authorization-services-deleted", "Its resources, permissions and policies are deleted."
    ),
    client.NODES: _SETTING,
    client.DEFAULT_SCOPES: _SCOPE,
    client.OPTIONAL_SCOPES: _SCOPE,
    client.SCOPE_MAPPINGS: _relied_on(_HIGH, "scope-mapping-removed", "These roles are gone from the tokens."),
    client.OWN_ROLES: _relied_on(_HIGH, "client-roles-deleted", "Whoever holds these roles loses them."),
    client.MAPPER: _MAPPER,
    client.ATTRIBUTE: _ATTRIBUTE,
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
    **{client.ATTRIBUTE + name: _WORDS for name in ("consent.screen.text", "logoUri", "policyUri", "tosUri")},
    **dict.fromkeys(client.ONLY_ANEW, _ANEW),
    client.GROUPS: _relied_on(_HIGH, "group-left", "What the group gives the service account is gone."),
    client.LINKS: _relied_on(_MEDIUM, "identity-provider-unlinked", "Nobody logs in as it by the identity provider."),
    "serviceAccount.enabled": _LOCKOUT,
    "serviceAccount.requiredActions": _DEFAULT,
    **{client.USER + name: _ATTRIBUTE for name in ("attributes", "email", "emailVerified", "firstName", "lastName")},
}
_ORGANIZATION: Final[Mapping[str, Loss]] = {
    "description": _WORDS,
    "suspended": _LOCKOUT,
    "authorizedPartners": _CALLS,
    "capabilities.": _CALLS,
    "dpa.": _CALLS,
    organization.EXTRA: _ATTRIBUTE,
    people.GROUPS: _relied_on(_HIGH, "organization-groups-deleted", "Whoever has roles by a group loses them."),
    people.ACCOUNTS_IN_GROUPS: _relied_on(_HIGH, "group-left", "What the group gives the service account is gone."),
    people.IDENTITY_PROVIDERS: _PEOPLE,
    people.INVITATIONS: _PEOPLE,
    people.MEMBERS: _PEOPLE,
    people.PEOPLE: _PEOPLE,
    people.DOMAINS: _PEOPLE,
    "keycloak.redirectUrl": _ADDRESS,
}
_REALM: Final[Mapping[str, Loss]] = {
    "displayName": _WORDS,
    "accessTokenLifespan": _DEFAULT,
    "adminEvents.": _DEFAULT,
    "loginEvents.": _DEFAULT,
    "secretRotation.": _DEFAULT,
    "keycloak.secretRotation.": _DEFAULT,
    "keycloak.organizationScope.": _DEFAULT,
    "keycloak.enabled": _LOCKOUT,
    realm.DEFAULT_ROLES: _relied_on(_HIGH, "default-roles-removed", "Everybody in the realm loses them."),
    _SCOPES: _relied_on(_HIGH, "scope-mapper-removed", "Whoever has the client scope loses it from the tokens."),
}
_LOSSES: Final[Mapping[Kind, Mapping[str, Loss]]] = {
    Kind.CLIENT: _CLIENT,
    Kind.ORGANIZATION: _ORGANIZATION,
    Kind.REALM: _REALM,
}
"""Per kind, what losing a field means: by its path, or by what paths begin with, up to a dot."""


def split_drop(entry: str) -> tuple[str | None, str]:
    """Return whose field an entry of ``lifecycle.adopt.drop`` means, and the field.

    ``clients[ID].FIELD`` means that client, ``clients[*].FIELD`` every client; a field alone is meant wherever it is.
    """
    found = _OF_CLIENT.fullmatch(entry)
    return (found["client"], found["field"]) if found else (None, entry)


def unsaid_of_organization(manifest: IntegrationOrganization) -> frozenset[str]:
    """Return the fields that the manifest could say, but leaves to their defaults."""
    said = manifest.spec.model_fields_set
    capabilities = manifest.spec.capabilities.model_fields_set if "capabilities" in said else frozenset()
    fields = {
        "suspended": "suspended" in said,
        "authorizedPartners": "authorized_partners" in said,
        "dpa.version": "dpa" in said,
        "dpa.acceptedAt": "dpa" in said,
        **{f"capabilities.{info.alias}": name in capabilities for name, info in Capabilities.model_fields.items()},
    }
    return frozenset(path for path, is_said in fields.items() if not is_said)


def unsaid_of_client(manifest: Client) -> frozenset[str]:
    """Return the fields that the manifest of the client could say, but leaves to their defaults."""
    fields = {"enabled": "enabled", client.ROLES: "service_account_roles"}
    return frozenset(path for path, name in fields.items() if name not in manifest.model_fields_set)


def droppable(kind: Kind) -> tuple[str, ...]:
    """Return the fields, and with a dot at the end what they begin with, that may be said to go; sorted."""
    return tuple(sorted(path for path, loss in _LOSSES[kind].items() if loss.is_relied_on or path == _FULL_SCOPE))


def can_be_dropped(kind: Kind, path: str) -> bool:
    """Tell whether an entry of ``lifecycle.adopt.drop`` may name the field, or what several fields begin with."""
    return any(f"{path}.".startswith(f"{known.removesuffix('.')}.") for known in droppable(kind))
