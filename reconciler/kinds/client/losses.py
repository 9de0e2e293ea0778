"""What adopting a client takes from it: what of that somebody has set, and what relies on it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.kinds.client import fields as client
from reconciler.kinds.loss import DEFAULT, HIGH, MEDIUM, Additions, Loss, harmless, lost, relied_on
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.realm.token_scopes import MAPPER_RULES
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
    found = client.FIELDS.loss(path)
    if path.startswith(client.ATTRIBUTE):
        return DEFAULT if gone == "false" else found
    if found is client.SCOPE_LOST:
        return found if _is_beyond_builtin(path, gone, after) else _BUILTIN_SCOPE
    if found is client.MAPPER_LOST:
        return DEFAULT if _says_what_scopes_say(gone) else _AUDIENCE if _is_audience(gone) else found
    return found


def beside(path: str, loss: Loss, before: Fields, after: Fields, added: Additions) -> Loss:
    """Return the loss; what Keycloak gives every client is relied on where others have added something to it."""
    if loss is _BUILTIN_SCOPE:
        gone = lost(before[path], after.get(path))
        carrying = sorted(added.scopes.intersection(map(str, gone if isinstance(gone, tuple) else ())))
        return relied_on(HIGH, "client-scope-removed", f"{_CARRIED}: {', '.join(carrying)}.") if carrying else loss
    if path == client.FULL_SCOPE and added.default_roles and before.get(client.DEFAULT_ROLE) is True:
        return relied_on(HIGH, "roles-removed", f"{_DEFAULTED}: {', '.join(added.default_roles)}.")
    if path == client.ORIGINS and _follow_from_redirects(before):
        return replace(loss, is_relied_on=False)
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


def _follow_from_redirects(before: Fields) -> bool:
    origins, redirects = before.get(client.ORIGINS), before.get("keycloak.redirectUris")
    parts = [urlsplit(str(uri)) for uri in redirects] if isinstance(redirects, tuple) else []
    derived = {"+", "/*", *(f"{part.scheme}://{part.netloc}" for part in parts)}
    return isinstance(origins, tuple) and derived.issuperset(map(str, origins))


def _is_beyond_builtin(path: str, gone: Value, after: Fields) -> bool:
    kept = after.get(client.DEFAULT_SCOPES)
    known = _BUILTIN_SCOPES[path] | set(kept if isinstance(kept, tuple) else ())
    return isinstance(gone, tuple) and any(scope not in known for scope in gone)


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
_CARRIED: Final = "What others have added to these client scopes is removed from tokens"
_DEFAULTED: Final = "Roles that others have granted to everybody are removed from tokens"
_BUILTIN_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    client.DEFAULT_SCOPES: frozenset({"acr", "basic", "email", "profile", "roles", "service_account", "web-origins"}),
    client.OPTIONAL_SCOPES: frozenset({"address", "microprofile-jwt", "offline_access", "organization", "phone"}),
}
"""The client scopes that Keycloak gives every new client."""

_BUILTIN_SCOPE: Final = harmless(
    MEDIUM,
    "default-scopes-removed",
    "Token requests that name one of them (scope=openid profile) are refused (invalid_scope), and its claims are gone "
    "from the tokens: names, e-mail, roles.",
)
_AUDIENCE: Final = relied_on(HIGH, "audience-removed", "Services that expect this audience refuse the tokens.")
