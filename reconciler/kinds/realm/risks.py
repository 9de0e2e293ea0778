"""The rules of risk of a realm's scaffolding."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds.risk_rules import (
    LONGER,
    SHORTER,
    Rule,
    flag,
    high,
    items,
    medium,
    number,
    replaced,
)
from reconciler.model.risk import NO_RISK, Risk
from reconciler.model.value import Value

_UNSEEN: Final = medium("hardening-weakened", "Fewer logins are recorded, or for a shorter time.")
_ROTATION: Final = replaced(
    changed=medium("rotation-changed", "Secrets are valid for another time."),
    removed=high("hardening-weakened", "Secrets do not expire, and an old one dies at once when it is rotated."),
)


def _event_types(before: Value, after: Value) -> Risk:
    # No types at all stand for all of them.
    fewer = bool(items(after)) and (before == () or bool(items(before) - items(after)))
    return _UNSEEN if fewer else NO_RISK


RISKS: Final[Mapping[str, Rule]] = {
    "accessTokenLifespan": number(up=LONGER, down=SHORTER),
    "adminEvents.enabled": flag(
        on=NO_RISK, off=high("hardening-weakened", "Nobody sees any more who changed what in Keycloak.")
    ),
    "adminEvents.details": flag(
        on=NO_RISK, off=medium("hardening-weakened", "Nobody sees any more what was written to Keycloak.")
    ),
    "adminEvents.expiration": number(
        up=NO_RISK, down=medium("hardening-weakened", "Who changed what is forgotten sooner.")
    ),
    "loginEvents.enabled": flag(on=NO_RISK, off=_UNSEEN),
    "loginEvents.types": _event_types,
    "loginEvents.expiration": number(up=NO_RISK, down=_UNSEEN),
    "secretRotation.expiration": _ROTATION,
    "secretRotation.overlap": _ROTATION,
}
"""What happens to a field, by its path."""
