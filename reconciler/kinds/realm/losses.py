"""What adopting a realm's scaffolding takes from it."""

from typing import Final

from reconciler.kinds.loss import MEDIUM, Loss, harmless
from reconciler.kinds.realm.fields import FIELDS
from reconciler.kinds.realm.token_scopes import SCOPES
from reconciler.model.value import Fields

_CHANGED: Final = harmless(MEDIUM, "scope-changed", "Tokens of whoever has the client scope change.")


def of_realm(path: str, after: Fields) -> Loss:
    """Return what it means that the scaffolding loses something."""
    if path.startswith(SCOPES) and any(f"{path}.".startswith(f"{kept}.") for kept in after):
        return _CHANGED
    return FIELDS.loss(path)
