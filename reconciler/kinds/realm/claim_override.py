"""Mappers that forge what others go by: the organization and the client that a token names, and the roles in it.

Client scopes of Keycloak's own are the realm's, and people add harmless mappers to them. What is judged here is only
whether a mapper can make a token of an integration say what is not so.
"""

import re
from typing import Final

from reconciler.model.layout import ORGANIZATION_CLAIM
from reconciler.model.value import Representation

_TRUSTED: Final = frozenset({ORGANIZATION_CLAIM, "azp", "client_id", "iss", "realm_access", "resource_access", "sub"})
"""Claims that the platform, or Keycloak itself, goes by."""

_ROLE_GIVER: Final = "oidc-hardcoded-role-mapper"
_HONEST: Final = frozenset({"oidc-usermodel-client-role-mapper", "oidc-usermodel-realm-role-mapper"})
"""Types of mappers that say nothing but which roles the user holds."""
_MEMBERSHIP: Final = "oidc-organization-membership-mapper"
_UNESCAPED_DOT: Final = re.compile(r"(?<!\\)\.")


def overrides_claims(scope: str, mapper: Representation) -> bool:
    """Tell whether a mapper of a client scope can make a token say what is not so.

    Keycloak's own scope ``organization`` says the memberships as they are, so that it forges nothing.
    """
    kind = mapper.get("protocolMapper")
    if kind == _ROLE_GIVER:
        return True
    if kind in _HONEST or (kind == _MEMBERSHIP and scope == ORGANIZATION_CLAIM):
        return False
    return forged_claim(mapper) in _TRUSTED


def forged_claim(mapper: Representation) -> str:
    """Return the claim that a mapper writes into, or the whole of which it writes; empty where it names none."""
    if mapper.get("protocolMapper") == _ROLE_GIVER:
        return "resource_access"
    default = ORGANIZATION_CLAIM if mapper.get("protocolMapper") == _MEMBERSHIP else ""
    return _UNESCAPED_DOT.split(str((mapper.get("config") or {}).get("claim.name") or default))[0]
