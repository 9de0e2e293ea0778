"""Our marks of what has no place for them: items of an organization, whose marks the organization carries.

One attribute of the Keycloak Organization, for each kind another one, says per name which object it is, and a
fingerprint of every field as it was last applied.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.kinds.marks import parse
from reconciler.model.address import Address, Kind
from reconciler.model.change import Step
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.observed import LinkObservation, WebhookObservation
from reconciler.model.value import Fields, Representation, Value, names
from reconciler.ports import AdminApi

_ID: Final = "id"
_ENTRIES: Final = "entries"
"""In a step: the mark that it writes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the organization says of one item; ``applied`` holds ``FIELD=fingerprint``, sorted.

    ``id`` is empty where the item's name is all that tells it from others.
    """

    id: str
    applied: tuple[str, ...] = ()
    soft_deleted: str = ""


@dataclass(frozen=True, slots=True)
class ItemMarks:
    """The marks of one kind, and the attribute that holds them."""

    kind: Kind
    attribute: str

    def read(self, organization: Representation) -> dict[str, Mark]:
        """Return the marks by the names of the items."""
        entries: dict[str, dict[str, str]] = {}
        for text in self._values(organization):
            name, key, value = _parts(text)
            entries.setdefault(name, {})[key] = value
        return {name: _mark(found) for name, found in sorted(entries.items())}

    def valid(self, found: Mapping[str, Mark], alias: str) -> dict[str, Mark]:
        """Return the marks that were not written for another organization, or for another name."""
        return {n: m for n, m in found.items() if parse(None, m.applied, Address(self.kind, (alias, n))).applied}

    def are_on(self, organization: Representation) -> bool:
        """Tell whether the organization carries any."""
        return bool(self._values(organization))

    async def write(
        self, admin: AdminApi, organization_id: str, name: str, entries: Iterable[str], *, instead_of: str = ""
    ) -> None:
        """Replace what the organization says of one item, and of its former name; no entries remove it."""
        live = await admin.organization(organization_id)
        others = [text for text in self._values(live) if _parts(text)[0] not in {name, instead_of}]
        values = sorted([*others, *(f"{name}.{entry}" for entry in entries)])
        if values == list(self._values(live)):
            return
        attributes = {key: value for key, value in (live.get("attributes") or {}).items() if key != self.attribute}
        marks = {self.attribute: values} if values else {}
        await admin.update_organization(organization_id, {**live, "attributes": {**attributes, **marks}})

    def _values(self, organization: Representation) -> tuple[str, ...]:
        attributes: Mapping[str, list[str]] = organization.get("attributes") or {}
        return tuple(sorted(attributes.get(self.attribute) or ()))


def id_entry(object_id: str) -> str:
    """Return the entry that says which object it is."""
    return f"{_ID}={object_id}"


def owner_on(organization: Representation) -> str | None:
    """Return whose the organization is by its mark, and so are those of its items that are marked."""
    owners: Iterable[str] = (organization.get("attributes") or {}).get(OWNER_MARK) or ()
    return next(iter(owners), None)


def mark_fields(live: WebhookObservation | LinkObservation) -> dict[str, Value]:
    """Return the marks of a live item as fields, None for what it has not."""
    return {
        OWNER_MARK: live.owner,
        APPLIED_MARK: live.applied or None,
        SOFT_DELETED_MARK: live.soft_deleted or None,
    }


def entries_body(after: Fields) -> dict[str, Value]:
    """Return what a step says that writes the mark which an item shall have, as its desired fields say."""
    moment = after.get(SOFT_DELETED_MARK)
    soft = (f"{SOFT_DELETED_MARK}={moment}",) if moment else ()
    return {_ENTRIES: (*names(after.get(APPLIED_MARK)), *soft)}


def entries_in(step: Step) -> tuple[str, ...]:
    """Return the entries of the mark that a step writes."""
    return names(step.body.get(_ENTRIES))


def _parts(text: str) -> tuple[str, str, str]:
    """Return name, entry and value; what somebody wrote that is no mark at all becomes a name that nothing declares."""
    # No entry holds a dot, and no fingerprint an equals sign; a name may hold both.
    head, _, value = text.rpartition("=")
    name, _, key = head.rpartition(".")
    return (name, key, value) if name else (text, "", "")


def _mark(entries: Mapping[str, str]) -> Mark:
    applied = (f"{key}={value}" for key, value in entries.items() if key not in {_ID, SOFT_DELETED_MARK})
    return Mark(entries.get(_ID, ""), tuple(sorted(applied)), entries.get(SOFT_DELETED_MARK, ""))
