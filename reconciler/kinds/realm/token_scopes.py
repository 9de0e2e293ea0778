"""The client scopes that integration clients get: ours, and the two of Keycloak's own that it stands beside.

A mapper added to any of them would put a claim into the tokens of every integration. The scope that puts roles into
tokens is for few of them, and for others in the realm, who may have changed it: of its mappers, only those count that
forge something.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from reconciler.kinds.patch import merged
from reconciler.kinds.realm.claim_override import overrides_claims
from reconciler.model import layout
from reconciler.model.change import Step, Verb
from reconciler.model.observed import RealmObservation
from reconciler.model.sensitive import masked
from reconciler.model.value import Fields, Representation, Value, frozen
from reconciler.ports import AdminApi

MAPPER: Final = "organization"

SCOPE_RULES: Final[Mapping[str, Value]] = {
    "description": "Puts the integration organization (alias and id) into tokens",
    "protocol": "openid-connect",
    "attributes": {"display.on.consent.screen": "false", "include.in.token.scope": "false"},
}


def _note(note: str, claim: str, label: str) -> Value:
    config = {
        "access.token.claim": "true",
        "claim.name": claim,
        "id.token.claim": "true",
        "introspection.token.claim": "true",
        "jsonType.label": label,
        "user.session.note": note,
    }
    return {"protocol": "openid-connect", "protocolMapper": "oidc-usersessionmodel-note-mapper", "config": config}


MAPPER_RULES: Final[Mapping[str, Mapping[str, Value]]] = {
    layout.ORGANIZATION_SCOPE: {
        MAPPER: {
            "protocol": "openid-connect",
            "protocolMapper": "oidc-organization-membership-mapper",
            # docs/decisions.md, 1: why one scope carries the claim.
            # Without "multivalued" Keycloak 26.7.5 leaves the organization's id out of the claim.
            "config": {
                "access.token.claim": "true",
                "addOrganizationAttributes": "false",
                "addOrganizationId": "true",
                "claim.name": layout.ORGANIZATION_CLAIM,
                "id.token.claim": "false",
                "introspection.token.claim": "true",
                "jsonType.label": "JSON",
                "multivalued": "true",
                "userinfo.token.claim": "false",
            },
        },
    },
    # As Keycloak 26 creates them with every realm.
    "basic": {
        "auth_time": _note("AUTH_TIME", "auth_time", "long"),
        "sub": {
            "protocol": "openid-connect",
            "protocolMapper": "oidc-sub-mapper",
            "config": {"access.token.claim": "true", "introspection.token.claim": "true"},
        },
    },
    "service_account": {
        "Client Host": _note("clientHost", "clientHost", "String"),
        "Client ID": _note("client_id", "client_id", "String"),
        "Client IP Address": _note("clientAddress", "clientAddress", "String"),
    },
}
"""Per client scope: the mappers that it has, and no others."""

_IN_ABSENCE: Final = (
    ("userinfo.token.claim", lambda config: config.get("id.token.claim", "false")),
    ("lightweight.claim", lambda _: "false"),
    ("multivalued", lambda _: "false"),
)
"""What Keycloak takes where a mapper's setting is absent, which an import adds (``OIDCAttributeMapperHelper`` and
``ProtocolMapperUtils``, 26.0.8 and 26.7.5)."""

OURS: Final = "keycloak.organizationScope."
SCOPES: Final = "keycloak.clientScopes."


def desired_fields() -> dict[str, Value]:
    """Return the rules as fields."""
    ours: dict[str, Value] = {OURS + key: value for key, value in SCOPE_RULES.items()}
    mappers = {mapper_path(scope, name): rule for scope, rules in MAPPER_RULES.items() for name, rule in rules.items()}
    return ours | mappers


def observed_fields(observation: RealmObservation) -> dict[str, Value]:
    """Return what the client scopes hold, marks included; a scope that is missing has no field."""
    fields: dict[str, Value] = {}
    if observation.scope is not None:
        fields |= _our_fields(observation.scope)
    scopes = {layout.ORGANIZATION_SCOPE: observation.scope, **observation.builtin_scopes}
    for name, scope in scopes.items():
        for mapper in (scope or {}).get("protocolMappers") or ():
            fields[mapper_path(name, mapper["name"])] = _mapper(mapper, MAPPER_RULES.get(name, {}).get(mapper["name"]))
        if mappings := observation.scope_mappings.get(name):
            fields[mappings_path(name)] = mappings
    for mapper in observation.further_scopes.get(layout.ROLES_SCOPE, {}).get("protocolMappers") or ():
        if overrides_claims(layout.ROLES_SCOPE, mapper):
            fields[mapper_path(layout.ROLES_SCOPE, mapper["name"])] = _mapper(mapper)
    return fields


def is_as_ruled(mapper: Representation) -> bool:
    """Tell whether the mapper is one that some client scope has by a rule: wherever it stands, it forges nothing."""
    return any(_mapper(mapper, rule) == frozen(rule) for rules in MAPPER_RULES.values() for rule in rules.values())


def steps(changed: Iterable[str], before: Fields, after: Fields) -> Iterable[Step]:
    """Yield the writes for the changed fields; ours comes last, because it carries the marks."""
    paths = sorted(changed)
    for scope in MAPPER_RULES:
        if (path := mappings_path(scope)) in paths and isinstance(roles := before.get(path), tuple):
            yield from (
                Step(Verb.REMOVE_MAPPING_OF_SCOPE, {"scope": scope, "role": role}, first=True) for role in roles
            )
        if scope != layout.ORGANIZATION_SCOPE and any(path.startswith(mapper_path(scope, "")) for path in paths):
            yield Step(Verb.PUT_SCOPE_MAPPERS, {"scope": scope, "mappers": MAPPER_RULES[scope]})
    of_roles = mapper_path(layout.ROLES_SCOPE, "")
    for name in (path.removeprefix(of_roles) for path in paths if path.startswith(of_roles)):
        yield Step(Verb.REMOVE_SCOPE_MAPPER, {"scope": layout.ROLES_SCOPE, "name": name}, first=True)
    marks = {layout.OWNER_MARK, layout.APPLIED_MARK}
    our_mappers = mapper_path(layout.ORGANIZATION_SCOPE, "")
    if any(path in marks or path.startswith((OURS, our_mappers)) for path in paths):
        yield Step(Verb.PUT_ORGANIZATION_SCOPE, _our_body(after))


def scope_of_others(step: Step) -> str:
    """Return the client scope that the step changes for clients of others, too; empty where it changes none."""
    if step.verb not in {Verb.PUT_SCOPE_MAPPERS, Verb.REMOVE_SCOPE_MAPPER, Verb.REMOVE_MAPPING_OF_SCOPE}:
        return ""
    return "" if step.body["scope"] == layout.ORGANIZATION_SCOPE else str(step.body["scope"])


def is_builtin(path: str) -> bool:
    """Tell whether the field belongs to a client scope that Keycloak itself creates with a realm."""
    return path.startswith(SCOPES) and not path.startswith(SCOPES + layout.ORGANIZATION_SCOPE)


def scope_of(path: str) -> str:
    """Return the client scope that the field belongs to; empty where it belongs to none."""
    if path.startswith(OURS):
        return layout.ORGANIZATION_SCOPE
    return path.removeprefix(SCOPES).split(".")[0] if path.startswith(SCOPES) else ""


def mapper_path(scope: str, mapper: str) -> str:
    """Return the path of a mapper of a client scope."""
    return f"{SCOPES}{scope}.mappers.{mapper}"


def mappings_path(scope: str) -> str:
    """Return the path of the roles that a client scope needs."""
    return SCOPES + scope + ".scopeMappings"


def scope_ids(realm: RealmObservation | None) -> dict[str, str]:
    """Return the ids of the client scopes that were read, by name."""
    if realm is None:
        return {}
    scopes = [*realm.further_scopes.values(), *realm.builtin_scopes.values(), *([realm.scope] if realm.scope else [])]
    return {str(scope["name"]): str(scope["id"]) for scope in scopes}


def _our_fields(scope: Representation) -> dict[str, Value]:
    attributes = dict(scope.get("attributes") or {})
    owner, applied = attributes.pop(layout.OWNER_MARK, None), attributes.pop(layout.APPLIED_MARK, "")
    return {
        OURS + "description": scope.get("description"),
        OURS + "protocol": scope.get("protocol"),
        OURS + "attributes": frozen(masked(dict(sorted(attributes.items())))),
        layout.OWNER_MARK: owner,
        layout.APPLIED_MARK: tuple(sorted(applied.split())) or None,
    }


def _mapper(representation: Representation, rule: Value = None) -> Value:
    """Return what is compared with the rule: what a setting's absence says anyway is left out where no rule says it."""
    said = rule.get("config") if isinstance(rule, Mapping) else None
    config = {str(key): value for key, value in sorted(masked(representation.get("config") or {}).items())}
    for setting, in_absence in _IN_ABSENCE:
        if isinstance(said, Mapping) and setting not in said and config.get(setting) == in_absence(config):
            del config[setting]
    return {
        "protocol": representation.get("protocol"),
        "protocolMapper": representation.get("protocolMapper"),
        "config": config,
    }


def _our_body(after: Fields) -> dict[str, Value]:
    applied, rule = after.get(layout.APPLIED_MARK), SCOPE_RULES["attributes"]
    attributes: dict[str, Value] = {
        **(rule if isinstance(rule, Mapping) else {}),
        layout.OWNER_MARK: after.get(layout.OWNER_MARK),
        layout.APPLIED_MARK: " ".join(map(str, applied)) if isinstance(applied, tuple) else None,
    }
    mappers = MAPPER_RULES[layout.ORGANIZATION_SCOPE]
    return {"name": layout.ORGANIZATION_SCOPE, **SCOPE_RULES, "attributes": attributes, "mappers": mappers}


async def put_ours(admin: AdminApi, body: Mapping[str, Value]) -> None:
    """Make the organization scope what ``body`` says, mappers included; the scope's marks are written last."""
    wanted: dict[str, Any] = merged({}, body)
    mappers = wanted.pop("mappers")
    live = await admin.client_scope(layout.ORGANIZATION_SCOPE)
    if live is None:
        named = [{"name": name, **mapper} for name, mapper in mappers.items()]
        await admin.create_client_scope({**wanted, "protocolMappers": named})
        return
    await _put_mappers(admin, live, mappers)
    # Keycloak merges a scope's attributes: one that shall go must be sent as null.
    attributes = {**dict.fromkeys(live.get("attributes") or {}), **wanted["attributes"]}
    await admin.update_client_scope(live["id"], {**live, **wanted, "attributes": attributes})


async def put_mappers(admin: AdminApi, body: Mapping[str, Value]) -> None:
    """Make the mappers of one of Keycloak's client scopes those of ``body``; where it is missing, make the scope."""
    wanted: dict[str, Any] = merged({}, body)
    live = await admin.client_scope(wanted["scope"])
    if live is None:
        hidden = merged({}, {key: SCOPE_RULES[key] for key in ("attributes", "protocol")})
        await admin.create_client_scope({"name": wanted["scope"], **hidden})
        # Keycloak adds to the mappers that a new scope is sent with; each on its own stays as it is sent.
        live = await admin.client_scope(wanted["scope"])
    if live is not None:
        await _put_mappers(admin, live, wanted["mappers"])


async def remove_mapper(admin: AdminApi, body: Mapping[str, Value]) -> None:
    """Take a mapper from a client scope; it is no error that it has none of that name."""
    live = await admin.client_scope(str(body["scope"]))
    for mapper in (live or {}).get("protocolMappers") or ():
        if live is not None and mapper["name"] == body["name"]:
            await admin.delete_scope_mapper(live["id"], mapper["id"])


async def remove_mapping(admin: AdminApi, body: Mapping[str, Value]) -> None:
    """Take a role from those that a client scope puts into tokens."""
    live = await admin.client_scope(str(body["scope"]))
    if live is not None:
        await admin.remove_mapping_of_scope(live["id"], str(body["role"]))


async def _put_mappers(admin: AdminApi, live: Representation, wanted: Mapping[str, Any]) -> None:
    missing = dict(wanted)
    for mapper in live.get("protocolMappers") or ():
        rule = missing.pop(mapper["name"], None)
        if rule is None:
            await admin.delete_scope_mapper(live["id"], mapper["id"])
        elif _mapper(mapper, rule) != frozen(rule):
            await admin.update_scope_mapper(live["id"], mapper["id"], {**mapper, **rule})
    for name, rule in missing.items():
        await admin.create_scope_mapper(live["id"], {"name": name, **rule})


async def read_mappings(
    admin: AdminApi, scopes: Sequence[Representation], empty: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return the roles that each of the client scopes puts into tokens, by its name; none for the ids in ``empty``."""
    unknown = [scope for scope in scopes if scope["id"] not in empty]
    found = await asyncio.gather(*(admin.mappings_of_scope(scope["id"]) for scope in unknown))
    roles = {scope["name"]: mapped for scope, mapped in zip(unknown, found, strict=True)}
    return {scope["name"]: roles.get(scope["name"], ()) for scope in scopes}
