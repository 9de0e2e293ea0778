"""The kind ``client``: a confidential client whose service account belongs to exactly one organization."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.kinds import marks
from reconciler.kinds.client.absent_attributes import says_nothing
from reconciler.kinds.client.fields import (
    ATTRIBUTE,
    CREDENTIALS,
    DEFAULT_ROLE,
    DEFAULT_SCOPES,
    FIELDS,
    GROUPS,
    KEYCLOAK,
    LINKS,
    MAPPER,
    ONLY_ANEW,
    OPTIONAL_SCOPES,
    ORGANIZATIONS,
    OWN_ROLES,
    ROLES,
    SCOPE_MAPPINGS,
    USER,
    USERNAME,
)
from reconciler.kinds.client.secret_times import EXPIRES, OLD_EXPIRES
from reconciler.kinds.closed_world import comparable
from reconciler.kinds.patch import merged
from reconciler.kinds.said import said
from reconciler.kinds.sent import NOT_SENT, plain_at, value_at
from reconciler.model import layout
from reconciler.model.address import Address
from reconciler.model.manifest import Client
from reconciler.model.observed import ClientObservation, ReadFailure
from reconciler.model.sensitive import masked
from reconciler.model.value import Fields, ObservedFields, Representation, Unknown, Value, fingerprint, unordered
from reconciler.ports import AdminApi

_USER_RULES: Final = {path: rule for path, rule in FIELDS.rules.items() if path.startswith(USER)}
_LEFT_OUT: Final = {path: rule for path, rule in FIELDS.rules.items() if rule == "false"}
"""What Keycloak holds to be the default, and leaves out: saying so is no difference."""
_HANDLED: Final = frozenset(
    {
        "clientId",
        "description",
        "enabled",
        "attributes",
        "protocolMappers",
        "defaultClientScopes",
        "optionalClientScopes",
    }
)
_NAMED: Final = {attribute: path for path, attribute in FIELDS.attributes.items()}
"""Attribute to field."""


def desired_fields(organization: str, client: Client, owner: str, *, protected: bool, follows: bool = False) -> Fields:
    """Return what the manifest and the hardening rules say, marks included.

    A client that ``follows`` has an id that another declared client had before.
    """
    fields = said(client, FIELDS)
    followed = unordered(client.previous_client_ids) if follows else ()
    address = Address.client(organization, client.client_id)
    ruled = fields | ruled_fields(organization, fields)
    return marks.marked(ruled, owner, address, protected=protected, followed=tuple(map(str, followed)))


def ruled_fields(organization: str, manifest: Fields) -> dict[str, Value]:
    """Return what the hardening rules, and the manifest's place, say beside what the manifest says."""
    roles = manifest.get(ROLES)
    fields: dict[str, Value] = {
        **FIELDS.rules,
        DEFAULT_SCOPES: unordered((*layout.DEFAULT_CLIENT_SCOPES, *([layout.ROLES_SCOPE] if roles else []))),
        SCOPE_MAPPINGS: roles,
        DEFAULT_ROLE: True,
        ORGANIZATIONS: (organization,),
    }
    return {path: value for path, value in fields.items() if value is not None}


def is_settled(observation: ClientObservation, client: Client) -> bool:
    """Tell whether the live client is the declared one that follows another, and not that other one."""
    applied = observed_marks(observation).applied
    return applied.get(marks.FOLLOWED) == fingerprint(unordered(client.previous_client_ids))


def observed_fields(observation: ClientObservation) -> ObservedFields:
    """Return what Keycloak has, everything included that neither a manifest nor a rule names."""
    representation = observation.representation
    fields: dict[str, Value | Unknown] = {
        "description": representation.get("description") or None,
        "enabled": bool(representation.get("enabled")),
        DEFAULT_SCOPES: unordered(representation.get("defaultClientScopes") or ()) or None,
        OPTIONAL_SCOPES: unordered(representation.get("optionalClientScopes") or ()) or None,
        **dict(comparable(FIELDS, KEYCLOAK, representation, handled=_HANDLED)),
        **_attribute_fields(representation.get("attributes") or {}),
        **{MAPPER + m["name"]: _mapper(m) for m in representation.get("protocolMappers") or ()},
        OWN_ROLES: _held(observation.own_roles),
        SCOPE_MAPPINGS: _held(observation.scope_mappings),
        **_service_account_fields(observation),
    }
    return {path: value for path, value in fields.items() if value is not None}


def value_sent(path: str, content: Representation) -> Value | Unknown:
    """Return what a request that sent ``content`` says of a field; ``NOT_SENT`` where it says nothing."""
    if path.startswith(USER):
        return plain_at(content, (path.removeprefix(USER),))
    attribute = FIELDS.attributes.get(path, "")
    if path.startswith(ATTRIBUTE):
        attribute = path.removeprefix(ATTRIBUTE)
    if attribute:
        if attribute not in (content.get("attributes") or {}):
            return NOT_SENT
        if attribute in {EXPIRES, OLD_EXPIRES}:
            # Their drift is judged apart from the other fields, and says the seconds that stand in the attribute.
            return str(content["attributes"][attribute])
    elif path.startswith(MAPPER):
        if "protocolMappers" not in content:
            return NOT_SENT
    elif path.removeprefix(KEYCLOAK).split(".")[0] not in content:
        return NOT_SENT
    # What was sent is read as what is live is read, so that the two compare.
    sent = {"clientId": "", **content}
    observation = ClientObservation("", "", sent, None, ())
    return value_at(observed_fields(observation), path)


def soft_deleted_fields(before: Fields, at: str) -> Fields:
    """Return the live fields, but disabled: what a client is whose manifest is gone."""
    return marks.soft_deleted(before, "enabled", False, at)


def observed_marks(observation: ClientObservation) -> marks.Marks:
    """Return the marks that the client carries."""
    return marks_of(observation.representation)


def marks_of(representation: Representation) -> marks.Marks:
    """Return the marks that the client carries."""
    attributes: Mapping[str, str] = representation.get("attributes") or {}
    address = Address.client("-", representation["clientId"])
    return marks.parse(attributes.get(layout.OWNER_MARK), attributes.get(layout.APPLIED_MARK, "").split(), address)


def _attribute_fields(attributes: Mapping[str, str]) -> dict[str, Value]:
    fields: dict[str, Value] = {**_LEFT_OUT}
    for extra, text in comparable(FIELDS, ATTRIBUTE, attributes):
        attribute = extra.removeprefix(ATTRIBUTE)
        if says_nothing(attribute, text):
            continue
        path = _NAMED.get(attribute, extra)
        match path:
            case layout.APPLIED_MARK:
                fields[path] = unordered(str(text).split())
            case "accessTokenLifespan":
                fields[path] = int(str(text)) if str(text).isdecimal() else text
            case _:
                fields[path] = text
    return fields


def _mapper(representation: Representation) -> Value:
    config = masked(representation.get("config") or {})
    return {
        "protocolMapper": representation.get("protocolMapper"),
        "protocol": representation.get("protocol"),
        "config": {str(key): value for key, value in sorted(config.items())},
    }


def _service_account_fields(observation: ClientObservation) -> dict[str, Value | Unknown]:
    user, roles = observation.service_account, _held(observation.roles)
    fields: dict[str, Value | Unknown] = {
        ORGANIZATIONS: _held(observation.organizations),
        ROLES: roles,
        DEFAULT_ROLE: roles if isinstance(roles, Unknown) else observation.has_default_role,
        GROUPS: _held(observation.groups),
        LINKS: _held(observation.links),
        CREDENTIALS: _held(observation.credentials),
    }
    if isinstance(user, ReadFailure):
        return fields | {path: Unknown(user.reason) for path in _USER_RULES}
    if user is None:
        # Keycloak makes a new one, with its own defaults, as soon as service accounts are on again.
        return fields | _USER_RULES
    return fields | {USERNAME: _other_name(observation)} | dict(comparable(FIELDS, USER, user))


def _other_name(observation: ClientObservation) -> str | None:
    user = observation.service_account
    if user is None or isinstance(user, ReadFailure):
        return None
    name = str(user["username"])
    return None if name == layout.service_account_of(observation.client_id).lower() else name


def needs_new_account(observation: ClientObservation) -> bool:
    """Tell whether putting the client back makes Keycloak make another user for its service account."""
    if not observation.representation.get("serviceAccountsEnabled") or observation.credentials:
        return True
    user = observation.service_account
    if user is None or isinstance(user, ReadFailure):
        return False
    if _other_name(observation) is not None:
        return True
    return any(user.get(path.removeprefix(USER)) for path in ONLY_ANEW - {USERNAME})


def _held(names: tuple[str, ...] | ReadFailure) -> Value | Unknown:
    return Unknown(names.reason) if isinstance(names, ReadFailure) else names or None


async def read(admin: AdminApi, default_role: str, client_id: str) -> ClientObservation | None:
    """Read one client again, with its service account and all that belongs to it; None where it is gone."""
    representation = await admin.find_client(client_id)
    if representation is None:
        return None
    uuid = representation["id"]
    user = await admin.service_account(uuid) if representation["serviceAccountsEnabled"] else None
    held = await admin.roles_of(user["id"]) if user else ()
    return ClientObservation(
        id=uuid,
        client_id=client_id,
        representation=representation,
        service_account=user,
        organizations=await admin.organizations_of(user["id"]) if user else (),
        roles=tuple(role for role in held if role != default_role),
        has_default_role=user is None or default_role in held,
        groups=unordered(group["path"] for group in await admin.groups_of(user["id"])) if user else (),
        links=await admin.links_of(user["id"]) if user else (),
        credentials=await admin.credentials_of(user["id"]) if user else (),
        own_roles=await admin.client_roles(uuid),
        scope_mappings=await admin.scope_mappings(uuid),
    )


async def update(admin: AdminApi, live: ClientObservation, patch: Mapping[str, Value]) -> None:
    """Write the merged whole back; an attribute that the patch removes is sent as null, or it would stay."""
    whole: dict[str, Any] = merged(live.representation, patch)
    attributes = patch.get("attributes")
    if isinstance(attributes, Mapping):
        whole["attributes"] |= {key: None for key, value in attributes.items() if value is None}
    await admin.update_client(live.id, whole)


async def put_scopes(admin: AdminApi, live: ClientObservation, wanted: Mapping[str, Value]) -> None:
    """Give the client just the scopes that are wanted; one that it has of the other sort is taken first."""
    for is_taken in (True, False):
        for key, default in (("defaultClientScopes", True), ("optionalClientScopes", False)):
            names = wanted.get(key)
            has, shall = set(live.representation.get(key) or ()), set(names if isinstance(names, tuple) else ())
            for name in sorted(has - shall if is_taken else shall - has):
                write = admin.remove_client_scope if is_taken else admin.add_client_scope
                await write(live.id, str(name), default=default)
