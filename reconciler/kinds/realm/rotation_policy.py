"""Which rotation policy is in force for a client: what the realm's client policies and profiles say.

Source: Keycloak's executor ``secret-rotation`` and condition ``client-attributes``
(https://www.keycloak.org/docs/latest/server_admin/#_client_policies).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from reconciler.kinds.client.secret_times import RotationPeriods
from reconciler.model.layout import MANAGED_MARK
from reconciler.model.manifest import Realm
from reconciler.model.observed import RealmObservation
from reconciler.model.value import Representation

POLICY: Final = "nt24-secret-rotation"
"""Name of the client profile and of the client policy that a manifest declares."""
EXECUTOR: Final = "secret-rotation"
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
        if executor.get("executor") == EXECUTOR
    ]
    if not found:
        return None
    return RotationPeriods(min(each.expiration for each in found), min(each.overlap for each in found))


def why_none(realm: RealmObservation, attributes: Mapping[str, str]) -> str:
    """Return what to do where the policy that a reconciler declared does not hold for the client; empty for none."""
    ours = next((policy for policy in realm.policies if policy["name"] == POLICY), None)
    if ours is None:
        return ""
    wanted = {MANAGED_MARK: "true"}
    if _holds(ours.get("conditions") or (), wanted) and attributes.get(MANAGED_MARK) != "true":
        return f"The realm's policy {POLICY} holds for clients that carry {MANAGED_MARK}: apply the client's manifest."
    if not _holds(ours.get("conditions") or (), wanted):
        return (
            f"The realm's policy {POLICY} is that of an older version, for one owner alone, or was changed: have the "
            "manifest of kind: Realm applied by the owner who declares it."
        )
    return ""


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
            wanted = pairs(configuration.get("attributes"))
            return bool(wanted) and all(attributes.get(key) == value for key, value in (wanted or {}).items())
        case _:
            return False


def pairs(text: object) -> dict[str, str] | None:
    """Return the attributes that a condition ``client-attributes`` wants; None where it can match no client."""
    try:
        return {str(pair["key"]): str(pair["value"]) for pair in json.loads(str(text))}
    except (ValueError, KeyError, TypeError):
        return None
