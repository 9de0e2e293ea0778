"""What an admin event says was sent: the value that a request gave one field, in the field's own terms."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.kinds.client import fields as client
from reconciler.kinds.client.secret_times import EXPIRES, OLD_EXPIRES
from reconciler.kinds.client.table import ATTRIBUTE, KEYCLOAK, MAPPER, USER
from reconciler.kinds.client.table import FIELDS as CLIENT
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.organization.table import EXTRA
from reconciler.kinds.organization.table import FIELDS as ORGANIZATION
from reconciler.kinds.realm.table import FIELDS as REALM
from reconciler.model.address import Kind
from reconciler.model.observed import ClientObservation, OrganizationObservation
from reconciler.model.sensitive import masked
from reconciler.model.value import Representation, Unknown, Value, frozen

NOT_SENT: Final = Unknown("the request does not name the field")


def value_sent(kind: Kind, path: str, content: Value) -> Value | Unknown:
    """Return what a whole or partial representation says of the field; ``NOT_SENT`` where it says nothing."""
    if not isinstance(content, Mapping):
        return NOT_SENT
    # As what is live is masked, so that the two compare.
    said: Representation = masked(content)
    match kind:
        case Kind.CLIENT if path.startswith(USER):
            return _plain(said, (path.removeprefix(USER),))
        case Kind.CLIENT:
            return _of_client(path, said)
        case Kind.ORGANIZATION:
            return _of_organization(path, said)
        case _:
            keys = REALM.places.get(path)
            return NOT_SENT if keys is None else _plain(said, keys)


def _of_client(path: str, content: Representation) -> Value | Unknown:
    attribute = CLIENT.attributes.get(path, "")
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
    return _at(client.observed_fields(observation), path)


def _of_organization(path: str, content: Representation) -> Value | Unknown:
    is_attribute = path in ORGANIZATION.attributes or path.startswith(EXTRA)
    key = {"displayName": "name", "suspended": "enabled"}.get(path, path.removeprefix("keycloak.").split(".")[0])
    if ("attributes" if is_attribute else key) not in content:
        return NOT_SENT
    return _at(organization.observed_fields(OrganizationObservation("", "", content)), path)


def _at(fields: Mapping[str, Value | Unknown], path: str) -> Value | Unknown:
    """Return the value at a path, which may lead into an object."""
    if path in fields:
        return fields[path]
    for known, value in fields.items():
        if path.startswith(f"{known}.") and isinstance(value, Mapping):
            return _at(value, path.removeprefix(f"{known}."))
    return None


def _plain(content: Mapping[str, Any], keys: tuple[str, ...]) -> Value | Unknown:
    place: Any = content
    for key in keys:
        if not isinstance(place, Mapping) or key not in place:
            return NOT_SENT
        place = place[key]
    if isinstance(place, str) and place.isdecimal():
        return int(place)
    return frozen(place)


def mapper_sent(content: Value, path: str) -> Value | Unknown:
    """Return what a request that sent one protocol mapper says at a path, which begins with the mapper's name."""
    if not isinstance(content, Mapping):
        return NOT_SENT
    sent = {key: frozen(masked(content.get(key))) for key in ("protocol", "protocolMapper", "config")}
    return _at({str(content.get("name")): sent}, path)


def roles_sent(content: Value) -> frozenset[str]:
    """Return the names of the roles that a request gave or took, without their clients'."""
    items = content if isinstance(content, tuple) else (content,)
    return frozenset(str(item["name"]) for item in items if isinstance(item, Mapping) and "name" in item)
