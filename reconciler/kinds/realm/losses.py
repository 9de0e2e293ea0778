"""What adopting a realm's scaffolding takes from it."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds import loss
from reconciler.kinds.loss import HIGH, MEDIUM, Loss, harmless, meaning, relied_on
from reconciler.kinds.realm import fields as realm
from reconciler.model.value import Fields

_SCOPES: Final = "keycloak.clientScopes."
_CHANGED: Final = harmless(MEDIUM, "scope-changed", "Tokens of whoever has the client scope change.")
LOSSES: Final[Mapping[str, Loss]] = {
    "displayName": loss.WORDS,
    "accessTokenLifespan": loss.DEFAULT,
    "adminEvents.": loss.DEFAULT,
    "loginEvents.": loss.DEFAULT,
    "secretRotation.": loss.DEFAULT,
    "keycloak.secretRotation.": loss.DEFAULT,
    "keycloak.organizationScope.": loss.DEFAULT,
    "keycloak.enabled": loss.LOCKOUT,
    realm.DEFAULT_ROLES: relied_on(HIGH, "default-roles-removed", "Everybody in the realm loses them."),
    _SCOPES: relied_on(HIGH, "scope-mapper-removed", "Whoever has the client scope loses it from the tokens."),
}
"""What losing a field means: by its path, or by what paths begin with, up to a dot."""


def of_realm(path: str, after: Fields) -> Loss:
    """Return what it means that the scaffolding loses something."""
    if path.startswith(_SCOPES) and any(f"{path}.".startswith(f"{kept}.") for kept in after):
        return _CHANGED
    return meaning(LOSSES, path)
