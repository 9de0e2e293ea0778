"""Say the realm's scaffolding as the plain document of a manifest."""

from typing import Any, Final

from reconciler.kinds.live_document import below, document
from reconciler.kinds.realm.fields import FIELDS
from reconciler.kinds.realm.representation import observed_fields, observed_marks
from reconciler.model.duration import text_of
from reconciler.model.observed import RealmObservation

_DURATIONS: Final = ("expiration", "overlap")
_PATHS: Final = (*FIELDS.optional, "secretRotation.expiration")
"""Fields that are read only where a manifest declares them."""


def realm_document(live: RealmObservation) -> dict[str, Any]:
    """Return the document of the realm's scaffolding."""
    fields = observed_fields(live, _PATHS)
    logins, rotation = below(fields, "loginEvents."), below(fields, "secretRotation.")
    spec = {
        "displayName": fields.get("displayName") or None,
        "accessTokenLifespan": fields.get("accessTokenLifespan"),
        "adminEvents": _with_durations(below(fields, "adminEvents.")),
        "loginEvents": _with_durations(logins) if logins.get("enabled") else None,
        "secretRotation": _with_durations(rotation) if rotation else None,
    }
    return document("Realm", str(live.representation["realm"]), spec, protected=observed_marks(live).is_protected)


def _with_durations(content: dict[str, Any]) -> dict[str, Any]:
    """Write seconds as people do; what is no positive number of seconds stays, and is refused later."""
    return {
        key: text_of(value) if key in _DURATIONS and isinstance(value, int) and value > 0 else value
        for key, value in content.items()
    }
