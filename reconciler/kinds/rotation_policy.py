"""Which rotation policy is in force for a client: what the realm's client policies and profiles say.

Source: Keycloak's executor ``secret-rotation`` and condition ``client-attributes``
(https://www.keycloak.org/docs/latest/server_admin/#_client_policies).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from reconciler.kinds.secret_times import RotationPeriods
from reconciler.model.manifest import Realm
from reconciler.model.observed import RealmObservation
from reconciler.model.value import Representation

_EXECUTOR: Final = "secret-rotation"
_DEFAULTS: Final = {"expiration-period": 2_505_600, "rotated-expiration-period": 172_800}
"""What Keycloak takes where a profile says nothing: 29 days, and two."""


def in_force(realm: RealmObservation, attributes: Mapping[str, str]) -> RotationPeriods | None:
    """Return the periods that hold for a client of these attributes, or None where none is certain to hold.

    Where several policies hold, the shortest periods count. A condition that cannot be judged from here counts as one
    that does not hold.
    """
    names = {
        str(name)
        for policy in realm.policies
        if policy.get("enabled") and _holds(policy.get("conditions") or (), attributes)
        for name in policy.get("profiles") or ()
    }
    found = [
        _periods(executor.get("configuration") or {})
        for profile in realm.profiles
        if profile["name"] in names
        for executor in profile.get("executors") or ()
        if executor.get("executor") == _EXECUTOR
    ]
    if not found:
        return None
    return RotationPeriods(min(each.expiration for each in found), min(each.overlap for each in found))


def declared(realm: Realm | None) -> RotationPeriods | None:
    """Return the periods that the manifest of the realm declares, or None."""
    if realm is None or realm.spec.secret_rotation is None:
        return None
    said = realm.spec.secret_rotation
    return RotationPeriods(timedelta(seconds=said.expiration), timedelta(seconds=said.overlap))


def _periods(configuration: Mapping[str, Any]) -> RotationPeriods:
    values = {key: int(configuration.get(key) or default) for key, default in _DEFAULTS.items()}
    overlap = configuration.get("rotated-expiration-period")
    return RotationPeriods(
        timedelta(seconds=values["expiration-period"]),
        timedelta(seconds=0 if overlap == 0 else values["rotated-expiration-period"]),
    )


def _holds(conditions: Iterable[Representation], attributes: Mapping[str, str]) -> bool:
    found = list(conditions)
    return bool(found) and all(_condition_holds(condition, attributes) for condition in found)


def _condition_holds(condition: Representation, attributes: Mapping[str, str]) -> bool:
    configuration = condition.get("configuration") or {}
    if configuration.get("is-negative-logic"):
        return False
    match condition.get("condition"):
        case "any-client":
            return True
        case "client-attributes":
            wanted = _pairs(configuration.get("attributes"))
            return bool(wanted) and all(attributes.get(key) == value for key, value in wanted.items())
        case _:
            return False


def _pairs(text: object) -> dict[str, str]:
    try:
        return {str(pair["key"]): str(pair["value"]) for pair in json.loads(str(text))}
    except (ValueError, KeyError, TypeError):
        return {}
