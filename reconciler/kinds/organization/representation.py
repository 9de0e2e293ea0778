"""The kind ``organization``: a Keycloak Organization that carries the platform's facts as attributes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reconciler.kinds import marks
from reconciler.kinds.closed_world import comparable
from reconciler.kinds.organization import people
from reconciler.kinds.organization.fields import DECLARED_DOMAINS, DOMAINS, EXTRA, FIELDS
from reconciler.kinds.patch import merged, nested
from reconciler.kinds.said import said
from reconciler.kinds.sent import NOT_SENT, value_at
from reconciler.model import layout
from reconciler.model.address import Address
from reconciler.model.attribution import EventSubject
from reconciler.model.change import Change, Step, Verb
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.manifest import CAPABILITIES, IntegrationOrganization, utc_text
from reconciler.model.observed import Effective, OrganizationObservation, Snapshot
from reconciler.model.sensitive import masked
from reconciler.model.value import Fields, Representation, Unknown, Value, frozen, names, unordered
from reconciler.ports import AdminApi

_HANDLED: Final = frozenset({"alias", "name", "description", "enabled", "attributes"})

_IDENTITY: Final = "organizationUuid"
_SETS: Final = frozenset({layout.PARTNERS, layout.APPLIED_MARK})
_FLAGS: Final = {"true": True, "false": False}


def desired_fields(manifest: IntegrationOrganization, owner: str, expected: Expectations = NOTHING_EXPECTED) -> Fields:
    """Return what the manifest says, marks included, but for the fields that the platform decides."""
    return marks.marked(
        {path: value for path, value in said(manifest.spec, FIELDS).items() if not expected.is_platforms(path)},
        owner,
        Address.organization(manifest.name),
        protected=manifest.lifecycle.prevent_destroy,
    )


def observed_fields(observation: OrganizationObservation) -> Fields:
    """Return what Keycloak has, everything included that no manifest names, as far as it could be read."""
    representation = observation.representation
    fields: dict[str, Value] = {
        "displayName": representation.get("name"),
        "description": representation.get("description") or None,
        "suspended": not representation.get("enabled", True),
    }
    path_of = {attribute: path for path, attribute in FIELDS.attributes.items()}
    for attribute, values in (representation.get("attributes") or {}).items():
        if attribute in layout.ITEM_MARKS:
            # Compared, and written, with the items that it is about.
            continue
        path = path_of.get(attribute, EXTRA + attribute)
        fields[path] = _value(attribute, masked(values, attribute))
    fields |= dict(comparable(FIELDS, "keycloak.", representation, handled=_HANDLED))
    fields |= people.observed_fields(observation)
    fields[DECLARED_DOMAINS] = unordered(str(each["name"]) for each in representation.get("domains") or ()) or None
    return {path: value for path, value in fields.items() if value is not None}


def as_said(live: Fields, *, with_domains: bool) -> dict[str, Value]:
    """Return the live fields with the domains once: by name where a manifest says which, or else as people's."""
    left_out = DOMAINS if with_domains else DECLARED_DOMAINS
    return {path: value for path, value in live.items() if path != left_out}


def value_sent(path: str, content: Representation) -> Value | Unknown:
    """Return what a request that sent ``content`` says of a field; ``NOT_SENT`` where it says nothing."""
    is_attribute = path in FIELDS.attributes or path.startswith(EXTRA)
    key = {"displayName": "name", "suspended": "enabled"}.get(path, path.removeprefix("keycloak.").split(".")[0])
    if ("attributes" if is_attribute else key) not in content:
        return NOT_SENT
    return value_at(observed_fields(OrganizationObservation("", "", content)), path)


def soft_deleted_fields(address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()) -> Fields:
    """Return the live fields, but suspended, and without a display name that is ``taken``: its manifest is gone."""
    after = marks.soft_deleted(before, "suspended", True, at)
    gives_up = before.get("displayName") in taken
    return marks.soft_deleted(after, "displayName", placeholder(address.name), at) if gives_up else after


def observed_marks(observation: OrganizationObservation) -> marks.Marks:
    """Return the marks that the organization carries."""
    attributes: Mapping[str, list[str]] = observation.representation.get("attributes") or {}
    owner = next(iter(attributes.get(layout.OWNER_MARK) or ()), None)
    return marks.parse(owner, attributes.get(layout.APPLIED_MARK) or (), Address.organization(observation.alias))


def subject_of(address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> EventSubject:
    """Return by which id admin events name the organization that ``address`` is, or is in."""
    live = snapshot.organizations.get(address.alias)
    return EventSubject(id=live.id if live else "")


def effective_fields(effective: Effective) -> Fields:
    """Return what ``GET /v1/me`` says, in the paths of the desired fields."""
    accepted = effective.dpa_accepted_at
    capabilities = {f"capabilities.{name}": frozen(value) for name, value in effective.capabilities.items()}
    fields: dict[str, Value] = {
        "displayName": effective.name,
        "organizationUuid": str(effective.organization_uuid),
        "authorizedPartners": unordered(str(p.uuid) for p in effective.authorized_partners) or None,
        **{path: value for path, value in capabilities.items() if path in FIELDS.effective},
        "dpa.version": effective.dpa_version,
        "dpa.acceptedAt": utc_text(accepted) if accepted else None,
    }
    return {path: value for path, value in fields.items() if value is not None}


def creation(change: Change, after: Fields) -> tuple[Step, ...]:
    """Return the write that creates the organization."""
    return (Step(Verb.CREATE_ORGANIZATION, {"alias": change.address.name, **_patch(after, after)}),)


def update(change: Change, before: Fields, after: Fields, changed: frozenset[str]) -> Iterator[Step]:
    """Yield the writes that update the organization, and then remove what people brought."""
    yield from _updates(before, after, sorted(changed - FIELDS.apart))
    yield from people.steps(before, after)


def placeholder(alias: str) -> str:
    """Return the display name of an organization that gives its own to another one."""
    return f"{alias} (placeholder)"


def _updates(before: Fields, after: Fields, paths: list[str]) -> Iterable[Step]:
    """Yield the writes of the organization itself; a declared suspension is a separate one, which nothing stops."""
    if layout.SOFT_DELETED_MARK in after:
        # What goes waits for whatever takes its place.
        yield from [Step(Verb.UPDATE_ORGANIZATION, _patch(paths, after))] if paths else []
        return
    if _suspends(after, paths) and any(not marks.is_mark(path) for path in paths if path != "suspended"):
        yield Step(Verb.UPDATE_ORGANIZATION, {"enabled": False}, first=True)
        paths = [path for path in paths if path != "suspended"]
    ending = [path for path in paths if _takes_away(path, before, after)]
    if ending and becomes_another(before, after):
        # What ends does not wait for the clients that leave, and what another company may do does.
        kept = _kept_partners(before, after)
        yield Step(Verb.UPDATE_ORGANIZATION, _patch(ending, {**after, "authorizedPartners": kept}), first=True)
        ending = []
    if paths:
        is_first = _suspends(after, paths) or bool(ending)
        yield Step(Verb.UPDATE_ORGANIZATION, _patch(paths, after), first=is_first)


def becomes_another(before: Fields | None, after: Fields | None) -> bool:
    """Tell whether a live organization shall be another one of the platform, for which its clients then act."""
    if before is None or after is None or layout.SOFT_DELETED_MARK in after:
        return False
    return after.get(_IDENTITY) not in {None, before.get(_IDENTITY)}


def _kept_partners(before: Fields, after: Fields) -> Value:
    old, new = before.get("authorizedPartners"), after.get("authorizedPartners")
    return tuple(each for each in new if each in old) if isinstance(old, tuple) and isinstance(new, tuple) else new


def _suspends(after: Fields, paths: Iterable[str]) -> bool:
    return "suspended" in paths and after.get("suspended") is True


def _takes_away(path: str, before: Fields, after: Fields) -> bool:
    """Tell whether the change of the field ends what the organization may do."""
    old, new = before.get(path), after.get(path)
    if path == "authorizedPartners":
        return isinstance(old, tuple) and not set(old) <= set(new if isinstance(new, tuple) else ())
    return path.startswith("capabilities.allow") and old is True


def _patch(paths: Iterable[str], after: Fields) -> dict[str, Value]:
    flat: dict[tuple[str, ...], Value] = {}
    for path in paths:
        value = after.get(path)
        if path == "displayName":
            flat["name",] = value
        elif path == "suspended":
            flat["enabled",] = not value
        elif path in FIELDS.attributes:
            flat["attributes", FIELDS.attributes[path]] = attribute_values(value)
        elif path == DECLARED_DOMAINS:
            flat[path,] = tuple({"name": name} for name in names(value))
        elif path.startswith(EXTRA):
            flat["attributes", path.removeprefix(EXTRA)] = None
        else:
            # PUT replaces the whole organization: what is left out is forgotten.
            flat[path.removeprefix("keycloak."),] = value
    return nested(flat)


def _value(attribute: str, values: list[str]) -> Value:
    if attribute in _SETS:
        return unordered(values)
    if len(values) != 1:
        return unordered(values) or None
    return _FLAGS.get(values[0], values[0]) if attribute in CAPABILITIES else values[0]


def attribute_values(value: Value) -> tuple[str, ...] | None:
    """Return a field as Keycloak keeps it in an attribute: texts, or nothing."""
    if value is None:
        return None
    values = value if isinstance(value, tuple) else (value,)
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)


def updated(live: Representation, patch: Mapping[str, Value]) -> Representation:
    """Return what to send: the organization with the patch applied; a domain that stays is as verified as it was."""
    sent = merged(live, patch)
    if patch.get(DECLARED_DOMAINS) is not None:
        # Nothing where they are people's, and taken away.
        verified = {each["name"]: each.get("verified", False) for each in live.get("domains") or ()}
        sent["domains"] = [{**each, "verified": verified.get(each["name"], False)} for each in sent["domains"]]
    return sent


async def read(admin: AdminApi, organization_id: str) -> OrganizationObservation:
    """Read one organization again. Raises NotFound where it is gone."""
    representation = await admin.organization(organization_id)
    linked = linked_identity_providers(await admin.identity_providers())
    found = OrganizationObservation(
        organization_id, representation["alias"], representation, linked.get(organization_id, ())
    )
    return await people.with_unlisted(admin, found)


def linked_identity_providers(providers: Iterable[Representation]) -> dict[str, tuple[str, ...]]:
    """Return the aliases of the identity providers by the id of the organization that they are linked to."""
    linked: dict[str, tuple[str, ...]] = {}
    for provider in sorted(providers, key=lambda provider: str(provider["alias"])):
        if organization_id := provider.get("organizationId"):
            linked[organization_id] = (*linked.get(organization_id, ()), provider["alias"])
    return linked
