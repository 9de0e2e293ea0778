"""Our marks of webhooks: the platform has no place for them, nor for a name, so that the organization carries them.

One attribute of the Keycloak Organization says, per name, which endpoint it is, and a fingerprint of every field as it
was last applied.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.kinds.marks import parse
from reconciler.model.address import Address
from reconciler.model.layout import SOFT_DELETED_MARK, WEBHOOKS_MARK
from reconciler.model.value import Representation
from reconciler.ports import AdminApi

_ID: Final = "id"


@dataclass(frozen=True, slots=True)
class Mark:
    """What the organization says of one webhook; ``applied`` holds ``FIELD=fingerprint``, sorted."""

    id: str
    applied: tuple[str, ...] = ()
    soft_deleted: str = ""


def read(organization: Representation) -> dict[str, Mark]:
    """Return the marks by the names of the webhooks."""
    entries: dict[str, dict[str, str]] = {}
    for text in _values(organization):
        # A name holds no dot; what somebody wrote that is no mark at all becomes a name that nothing declares.
        name, _, entry = text.partition(".")
        key, _, value = entry.rpartition("=")
        entries.setdefault(name, {})[key] = value
    return {name: _mark(found) for name, found in sorted(entries.items())}


def valid(found: Mapping[str, Mark], alias: str) -> dict[str, Mark]:
    """Return the marks that were not written for another organization, or for another name."""
    return {name: m for name, m in found.items() if parse(None, m.applied, Address.webhook(alias, name)).applied}


def are_on(organization: Representation) -> bool:
    """Tell whether the organization carries any."""
    return bool(_values(organization))


async def write(
    admin: AdminApi, organization_id: str, name: str, entries: Iterable[str], *, instead_of: str = ""
) -> None:
    """Replace what the organization says of one webhook, and of its former name; no entries remove it."""
    live = await admin.organization(organization_id)
    others = [text for text in _values(live) if text.partition(".")[0] not in {name, instead_of}]
    values = sorted([*others, *(f"{name}.{entry}" for entry in entries)])
    if values == list(_values(live)):
        return
    attributes = {key: value for key, value in (live.get("attributes") or {}).items() if key != WEBHOOKS_MARK}
    marks = {WEBHOOKS_MARK: values} if values else {}
    await admin.update_organization(organization_id, {**live, "attributes": {**attributes, **marks}})


def id_entry(endpoint_id: str) -> str:
    """Return the entry that says which endpoint it is."""
    return f"{_ID}={endpoint_id}"


def _values(organization: Representation) -> tuple[str, ...]:
    attributes: Mapping[str, list[str]] = organization.get("attributes") or {}
    return tuple(sorted(attributes.get(WEBHOOKS_MARK) or ()))


def _mark(entries: Mapping[str, str]) -> Mark:
    applied = (f"{key}={value}" for key, value in entries.items() if key not in {_ID, SOFT_DELETED_MARK})
    return Mark(entries.get(_ID, ""), tuple(sorted(applied)), entries.get(SOFT_DELETED_MARK, ""))
