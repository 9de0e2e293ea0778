"""Which rotation policy holds for a client."""

import json
from datetime import timedelta

from reconciler.kinds.realm.rotation_policy import in_force
from reconciler.model.observed import RealmObservation

OURS = {"reconciler/owner": "team"}


def a_realm(
    executor: dict[str, int] | None = None,
    *,
    condition: str = "client-attributes",
    enabled: bool = True,
    negative: bool = False,
) -> RealmObservation:
    pairs = json.dumps([{"key": "reconciler/owner", "value": "team"}])
    conditions = [{"condition": condition, "configuration": {"attributes": pairs, "is-negative-logic": negative}}]
    return RealmObservation(
        representation={},
        scope=None,
        builtin_scopes={},
        scope_mappings={},
        profiles=({"name": "p", "executors": [{"executor": "secret-rotation", "configuration": executor or {}}]},),
        policies=({"name": "q", "enabled": enabled, "conditions": conditions, "profiles": ["p"]},),
        default_roles=(),
    )


def overlap(realm: RealmObservation, attributes: dict[str, str] | None = None) -> timedelta | None:
    found = in_force(realm, OURS if attributes is None else attributes)
    return None if found is None else found.overlap


def test_the_periods_are_those_of_the_profile() -> None:
    realm = a_realm({"expiration-period": 100, "rotated-expiration-period": 10})
    assert overlap(realm) == timedelta(seconds=10)


def test_what_a_profile_leaves_out_is_keycloaks_default() -> None:
    assert overlap(a_realm()) == timedelta(days=2)


def test_an_overlap_of_nothing_is_none() -> None:
    assert overlap(a_realm({"rotated-expiration-period": 0})) == timedelta(0)


def test_a_policy_holds_for_any_client_where_it_says_so() -> None:
    assert overlap(a_realm(condition="any-client"), {}) is not None


def test_a_policy_that_does_not_hold_counts_for_nothing() -> None:
    assert overlap(a_realm(), {"reconciler/owner": "other"}) is None
    assert overlap(a_realm(enabled=False)) is None


def test_a_condition_that_cannot_be_judged_counts_as_one_that_does_not_hold() -> None:
    assert overlap(a_realm(condition="client-scopes")) is None
    assert overlap(a_realm(negative=True)) is None
