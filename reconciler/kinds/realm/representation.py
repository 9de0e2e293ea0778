"""The kind ``realm``: the scaffolding that organizations need, and nothing else of the realm."""

import asyncio
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from reconciler.kinds import marks
from reconciler.kinds.patch import nested
from reconciler.kinds.realm import token_scopes
from reconciler.kinds.realm.fields import (
    BUILTIN_DEFAULT_ROLES,
    DEFAULT_ROLES,
    FIELDS,
    OVERLAP,
    REMAINING,
    ROTATION,
    ROTATION_RULE,
)
from reconciler.kinds.realm.rotation_policy import EXECUTOR, POLICY
from reconciler.kinds.said import said
from reconciler.model import layout
from reconciler.model.address import Address
from reconciler.model.change import Change, Step, Verb
from reconciler.model.errors import RequestFailed
from reconciler.model.manifest import Realm
from reconciler.model.observed import RealmObservation
from reconciler.model.sensitive import masked
from reconciler.model.value import Fields, Representation, Value, frozen, plain, unordered
from reconciler.ports import AdminApi

_FEATURE: Final = "Start Keycloak with --features=client-secret-rotation, or remove secretRotation."


def desired_fields(manifest: Realm, owner: str) -> Fields:
    """Return what the manifest and the rules of the scaffolding say, marks included."""
    fields, address = said(manifest.spec, FIELDS), Address.realm(manifest.name)
    return marks.marked(fields | ruled_fields(fields), owner, address, protected=manifest.lifecycle.prevent_destroy)


def ruled_fields(manifest: Fields) -> dict[str, Value]:
    """Return what the rules of the scaffolding say beside what the manifest says."""
    fields: dict[str, Value] = {
        **FIELDS.rules,
        **token_scopes.desired_fields(),
    }
    if OVERLAP in manifest:
        fields[ROTATION_RULE + "policy"] = _policy()
        fields[ROTATION_RULE + "executors"] = (EXECUTOR,)
        fields[REMAINING] = manifest[OVERLAP]
    return fields


def observed_fields(observation: RealmObservation, declared: Iterable[str]) -> Fields:
    """Return what Keycloak has of the scaffolding.

    A realm holds much that is nobody's business here: of its settings, only those in ``declared`` are compared;
    the client scopes that integration clients get are compared whole.
    """
    fields = _setting_fields(observation.representation) | token_scopes.observed_fields(observation)
    fields |= {**_rotation_fields(observation), DEFAULT_ROLES: observation.default_roles or None}
    optional = FIELDS.optional - set(declared)
    if not any(path.startswith(ROTATION) for path in declared):
        optional |= {path for path in fields if path.startswith((ROTATION, ROTATION_RULE))}
    return {path: value for path, value in fields.items() if value is not None and path not in optional}


def is_of_clients(path: str) -> bool:
    """Tell whether the field is read from what Keycloak shows of clients: their scopes, and roles of theirs."""
    return path == DEFAULT_ROLES or bool(token_scopes.scope_of(path)) or marks.is_mark(path)


def observed_marks(observation: RealmObservation) -> marks.Marks:
    """Return the marks, which the organization scope carries for the realm."""
    attributes: Mapping[str, str] = (observation.scope or {}).get("attributes") or {}
    entries = attributes.get(layout.APPLIED_MARK, "").split()
    return marks.parse(attributes.get(layout.OWNER_MARK), entries, Address.realm(observation.representation["realm"]))


def _setting_fields(representation: Representation) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for path, keys in FIELDS.places.items():
        value: Any = representation
        for key in keys:
            value = (value or {}).get(key)
        fields[path] = int(value) if path == "adminEvents.expiration" and value else value
    # An empty list stands for all types; their order means nothing.
    fields["loginEvents.types"] = unordered(representation.get("enabledEventTypes") or ())
    return fields


def _rotation_fields(observation: RealmObservation) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for profile in observation.profiles:
        if profile["name"] == POLICY:
            executors = {e["executor"]: e.get("configuration") or {} for e in profile.get("executors") or ()}
            settings = executors.get(EXECUTOR, {})
            fields[ROTATION_RULE + "executors"] = tuple(sorted(executors))
            fields[ROTATION_RULE + "remaining"] = settings.get("remaining-rotation-period")
            fields[ROTATION + "expiration"] = settings.get("expiration-period")
            fields[ROTATION + "overlap"] = settings.get("rotated-expiration-period")
    for policy in observation.policies:
        if policy["name"] == POLICY:
            keys = ("enabled", "conditions", "profiles")
            fields[ROTATION_RULE + "policy"] = {key: frozen(masked(policy.get(key))) for key in keys}
    return fields


def _policy() -> Value:
    # The condition "client-scopes" does not hold when a secret is regenerated; an attribute does (measured on 26.7.5).
    # It is the same for every owner: who declares the realm declares it for all that share it.
    matching = json.dumps([{"key": layout.MANAGED_MARK, "value": "true"}])
    return {
        "enabled": True,
        "conditions": ({"condition": "client-attributes", "configuration": {"attributes": matching}},),
        "profiles": (POLICY,),
    }


def creation(change: Change, after: Fields) -> Iterator[Step]:
    """Yield the writes that create the realm; Keycloak makes its default role and its own client scopes."""
    yield Step(Verb.CREATE_REALM, {"realm": change.address.name, **_settings(after, after)})
    yield from _rotation_steps(after, after)
    yield from token_scopes.steps({path for path in after if not token_scopes.is_builtin(path)}, {}, after)


def update(change: Change, before: Fields, after: Fields, changed: frozenset[str]) -> Iterator[Step]:
    """Yield the writes that make the scaffolding what ``after`` says."""
    if settings := _settings(changed, after):
        yield Step(Verb.UPDATE_REALM, settings)
    yield from _rotation_steps(changed, after)
    if DEFAULT_ROLES in changed:
        yield from _default_role_steps(before.get(DEFAULT_ROLES))
    yield from token_scopes.steps(changed, before, after)


def _settings(paths: Iterable[str], after: Fields) -> dict[str, Value]:
    return nested({FIELDS.places[path]: after.get(path) for path in sorted(FIELDS.places.keys() & {*paths})})


def _rotation_steps(paths: Iterable[str], after: Fields) -> Iterator[Step]:
    if any(path.startswith((ROTATION, ROTATION_RULE)) for path in paths):
        yield Step(Verb.PUT_ROTATION_POLICY, _rotation_body(after))


def _default_role_steps(live: Value) -> list[Step]:
    held = {str(role) for role in live} if isinstance(live, tuple) else set()
    extra, missing = sorted(held - {*BUILTIN_DEFAULT_ROLES}), sorted({*BUILTIN_DEFAULT_ROLES} - held)
    return [
        *(Step(Verb.REMOVE_DEFAULT_ROLE, {"role": role}, first=True) for role in extra),
        *(Step(Verb.ADD_DEFAULT_ROLE, {"role": role}) for role in missing),
    ]


def _rotation_body(after: Fields) -> dict[str, Value]:
    overlap = after.get(ROTATION + "overlap")
    configuration: dict[str, Value] = {
        "expiration-period": after.get(ROTATION + "expiration"),
        "rotated-expiration-period": overlap,
        "remaining-rotation-period": overlap,
    }
    executors: Value = ({"executor": EXECUTOR, "configuration": configuration},)
    policy = after.get(ROTATION_RULE + "policy")
    return {
        "profile": {
            "name": POLICY,
            "description": "Keeps an old secret valid for a while",
            "executors": executors,
        },
        "policy": {
            "name": POLICY,
            "description": "Rotates the secrets of integration clients",
            **(policy if isinstance(policy, Mapping) else {}),
        },
    }


def _names_others(policies: Iterable[Representation], profiles: Iterable[Representation]) -> bool:
    """Tell whether a policy names a profile that is none of the realm's own."""
    named = {name for policy in policies for name in policy.get("profiles") or ()}
    return bool(named - {profile["name"] for profile in profiles})


def default_role_of(representation: Representation) -> str:
    """Return the name of the realm role that every new user gets.

    A realm that was renamed, or copied under another name, keeps the role that it was made with (measured on 26.7.5).
    """
    return str(
        (representation.get("defaultRole") or {}).get("name") or f"default-roles-{representation['realm'].lower()}"
    )


async def read(admin: AdminApi) -> RealmObservation | None:
    """Read the realm with its scaffolding; None where there is none."""
    representation = await admin.realm()
    return None if representation is None else await scaffolding(admin, representation)


async def scaffolding(
    admin: AdminApi, representation: Representation, empty_scopes: Collection[str] = ()
) -> RealmObservation:
    """Read what organizations rely on in the realm that ``representation`` is of.

    ``empty_scopes`` are ids of client scopes that are known to put no role into tokens.
    """
    found, profiles, policies, default_roles = await asyncio.gather(
        admin.client_scopes(),
        admin.client_profiles(),
        admin.client_policies(),
        admin.composites(default_role_of(representation)),
    )
    every = {scope["name"]: scope for scope in found if scope["protocol"] == "openid-connect"}
    scopes = {name: scope for name, scope in every.items() if name in layout.DEFAULT_CLIENT_SCOPES}
    return RealmObservation(
        representation=representation,
        scope=scopes.get(layout.ORGANIZATION_SCOPE),
        builtin_scopes={name: scope for name, scope in scopes.items() if name != layout.ORGANIZATION_SCOPE},
        scope_mappings=await token_scopes.read_mappings(admin, tuple(scopes.values()), empty_scopes),
        profiles=profiles,
        policies=policies,
        default_roles=default_roles,
        global_profiles=await admin.global_profiles() if _names_others(policies, profiles) else (),
        further_scopes={name: scope for name, scope in every.items() if name not in scopes},
    )


async def put_rotation(admin: AdminApi, body: Mapping[str, Value]) -> None:
    """Put our profile and our policy beside those of others."""
    profile, policy = plain(body["profile"]), plain(body["policy"])
    profiles = [other for other in await admin.client_profiles() if other["name"] != POLICY]
    try:
        await admin.replace_client_profiles((*profiles, profile))
    except RequestFailed as error:
        if error.status == HTTPStatus.BAD_REQUEST:
            raise RequestFailed(error.message, status=error.status, code=error.code, remedy=_FEATURE) from error
        raise
    policies = [other for other in await admin.client_policies() if other["name"] != POLICY]
    await admin.replace_client_policies((*policies, policy))
