"""What a JWT says of itself; nothing is verified."""

import json
from base64 import urlsafe_b64decode
from typing import Any, Final

from reconciler.model.login import Login

_OF_REALMS: Final = "realm-management"
_SUPER: Final = "admin"
"""The realm role of the realm master that may do everything in every realm."""
_EVERYTHING: Final = frozenset({"view-clients", "view-organizations", "view-users"})
_KINDS: Final = ("view-", "query-", "manage-")


def claims_of(token: str) -> dict[str, Any] | None:
    """Return the claims, or None where it is no JWT that can be read."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def login_of(token: str, realm: str) -> Login:
    """Return who an access token was issued to, with its administrative roles for a realm.

    They are those of the client ``realm-management``, or, for a login of the realm master, of the client
    ``{realm}-realm`` there (Keycloak's server administration guide, "Admin console access control").
    """
    claims = claims_of(token) or {}
    is_own = str(claims.get("iss", "")).endswith(f"/realms/{realm}")
    client = _OF_REALMS if is_own and realm != "master" else f"{realm}-realm"
    roles = frozenset(map(str, _roles((claims.get("resource_access") or {}).get(client))))
    if not is_own and _SUPER in _roles(claims.get("realm_access")):
        roles |= _EVERYTHING
    known = any(role.startswith(_KINDS) for role in roles)
    return Login(str(claims.get("sub") or ""), roles if known else None)


def _roles(access: Any) -> list[Any]:
    found = access.get("roles") if isinstance(access, dict) else None
    return found if isinstance(found, list) else []
