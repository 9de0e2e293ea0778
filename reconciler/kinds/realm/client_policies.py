"""What the realm's client policies make of a client that is written: fields they set, and writes they refuse.

Sources: Keycloak's executors and conditions (``org.keycloak.services.clientpolicy``). What each executor does to a
client of ours, and which conditions have a say when one is created or updated, was measured on 26.7.5.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, assert_never

from reconciler.kinds.client.fields import ATTRIBUTE, KEYCLOAK
from reconciler.kinds.realm.rotation_policy import EXECUTOR, pairs
from reconciler.kinds.realm.rotation_policy import POLICY as OURS
from reconciler.model.observed import RealmObservation
from reconciler.model.value import Representation, Value

_CONSENT: Final = f"{KEYCLOAK}consentRequired"
_SECRET_END: Final = f"{ATTRIBUTE}client.secret.expiration.time"
_SET: Final[Mapping[str, tuple[str, Value]]] = {
    "consent-required": (_CONSENT, True),
    "dpop-bind-enforcer": (f"{ATTRIBUTE}dpop.bound.access.tokens", "true"),
    "holder-of-key-enforcer": (f"{ATTRIBUTE}tls.client.certificate.bound.access.tokens", "true"),
    "pkce-enforcer": (f"{ATTRIBUTE}pkce.code.challenge.method", "S256"),
    "secure-response-type": (f"{ATTRIBUTE}id.token.as.detached.signature", "true"),
}
"""Executors that set a field with ``auto-configure``, and without it refuse a client that has it otherwise."""
_ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {
    "secure-signature-algorithm": (
        "access.token.signed.response.alg",
        "id.token.signed.response.alg",
        "request.object.signature.alg",
        "token.endpoint.auth.signing.alg",
        "user.info.response.signature.alg",
    ),
    "secure-ciba-req-sig-algorithm": ("ciba.backchannel.auth.request.signing.alg",),
}
"""Executors that set attributes to their ``default-algorithm``."""
_REJECT: Final = "reject-request"
_DEFAULT_ALGORITHM: Final = "PS256"
_NO_SAY: Final = frozenset({"acr-condition", "client-roles", "client-scopes", "grant-type", "identity-provider-alias"})
"""Conditions that are about logins and tokens: they are passed over when a client is written."""


class Vote(Enum):
    """Say whether a condition, or all those of a policy, hold; closed."""

    YES = auto()
    NO = auto()
    MAYBE = auto()
    """It depends on what cannot be seen from here."""
    ABSTAIN = auto()
    """It has no say."""


@dataclass(frozen=True, slots=True)
class Interference:
    """What one executor of one policy does to a client that is written.

    ``fields`` are those that it sets, each with its value. ``refuses`` says why it takes no write of a client of ours;
    empty where it does. ``is_certain`` tells whether the policy's conditions are sure to hold.
    """

    policy: str
    executor: str
    is_certain: bool
    fields: Mapping[str, Value] = field(default_factory=dict)
    refuses: str = ""


def interferences(realm: RealmObservation, live: Representation | None) -> Iterator[Interference]:
    """Yield what the policies do when a client of ours is written; ``live`` is None for one that is created."""
    profiles = {str(each["name"]): each for each in (*realm.global_profiles, *realm.profiles)}
    for policy in realm.policies:
        vote = _all_of(policy.get("conditions") or (), live) if policy.get("enabled") else Vote.NO
        if policy["name"] == OURS or vote not in {Vote.YES, Vote.MAYBE}:
            continue
        for profile in policy.get("profiles") or ():
            for executor in (profiles.get(str(profile)) or {}).get("executors") or ():
                name, settings = str(executor.get("executor")), executor.get("configuration") or {}
                fields, refuses = _effect(name, settings)
                if fields or refuses:
                    yield Interference(str(policy["name"]), name, vote is Vote.YES, fields, refuses)


def rejecting(policies: Iterable[Representation], profiles: Iterable[Representation]) -> tuple[str, ...]:
    """Return the names of the policies in force that reject requests, whatever their conditions say, sorted."""
    rejects = {
        str(profile["name"])
        for profile in profiles
        if any(each.get("executor") == _REJECT for each in profile.get("executors") or ())
    }
    active = (policy for policy in policies if policy.get("enabled"))
    return tuple(sorted(str(each["name"]) for each in active if rejects & {*map(str, each.get("profiles") or ())}))


def _effect(executor: str, settings: Mapping[str, Any]) -> tuple[Mapping[str, Value], str]:
    """Return the fields that an executor sets, and why it refuses our clients."""
    if executor in _SET:
        path, value = _SET[executor]
        if settings.get("auto-configure") is True:
            return {path: value}, ""
        return {}, f"it wants {path} to be {json.dumps(value)}"
    if executor in _ALGORITHMS:
        algorithm = str(settings.get("default-algorithm") or _DEFAULT_ALGORITHM)
        return {ATTRIBUTE + attribute: algorithm for attribute in _ALGORITHMS[executor]}, ""
    match executor:
        case _ if executor == EXECUTOR:
            return {_SECRET_END: None}, ""
        case "secure-client-authenticator":
            allowed = settings.get("allowed-client-authenticators") or ()
            return {}, "" if "client-secret" in allowed else "it does not allow clients that log in by a secret"
        case _ if executor == _REJECT:
            return {}, "it rejects every request"
        case _:
            return {}, ""


def _all_of(conditions: Iterable[Representation], live: Representation | None) -> Vote:
    """Return whether a policy holds: where none says no, and one at least has a say."""
    votes = [_vote(condition, live) for condition in conditions]
    if Vote.NO in votes:
        return Vote.NO
    if Vote.MAYBE in votes:
        return Vote.MAYBE
    return Vote.YES if Vote.YES in votes else Vote.NO


def _vote(condition: Representation, live: Representation | None) -> Vote:
    settings = condition.get("configuration") or {}
    vote = _plain_vote(str(condition.get("condition")), settings, live)
    match vote:
        case Vote.YES | Vote.NO if settings.get("is-negative-logic"):
            return Vote.NO if vote is Vote.YES else Vote.YES
        case Vote.YES | Vote.NO | Vote.MAYBE | Vote.ABSTAIN:
            return vote
        case _:
            assert_never(vote)


def _plain_vote(kind: str, settings: Mapping[str, Any], live: Representation | None) -> Vote:
    if kind in _NO_SAY:
        return Vote.ABSTAIN
    match kind:
        case "any-client":
            return Vote.YES
        case "client-access-type":
            return _said("confidential" in (settings.get("type") or ()))
        case "client-type":
            return _said(settings.get("protocol") == "openid-connect")
        case "client-updater-context":
            return _said("ByAuthenticatedUser" in (settings.get("update-client-source") or ()))
        case "client-attributes" if live is None:
            return Vote.ABSTAIN
        case "client-attributes":
            wanted = pairs(settings.get("attributes"))
            has = (live or {}).get("attributes") or {}
            return _said(wanted is not None and all(has.get(key) == value for key, value in wanted.items()))
        case _:
            return Vote.MAYBE


def _said(holds: bool) -> Vote:
    return Vote.YES if holds else Vote.NO
