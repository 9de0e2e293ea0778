"""The kind ``identity-provider``: a link between an organization and an identity provider that the realm has.

The link itself holds nothing. Whom the provider is for stands in its own settings, and our marks in an attribute of the
organization: a link that no mark names is none of ours.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.kinds import marks
from reconciler.kinds.identity_provider.fields import DOMAIN, FIELDS, REDIRECT
from reconciler.kinds.item_marks import ItemMarks, Mark, entries_body, mark_fields, owner_on
from reconciler.kinds.said import said
from reconciler.model import layout
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change, Step, Verb
from reconciler.model.identity_provider import IdentityProvider
from reconciler.model.observed import LinkObservation, ProviderObservation
from reconciler.model.value import Fields, Representation, Value

# docs/decisions.md, 158: why the organization carries the marks, and not the provider.
MARKS: Final = ItemMarks(Kind.IDENTITY_PROVIDER, layout.IDENTITY_PROVIDERS_MARK)

_SETTINGS: Final = {path: place[-1] for path, place in FIELDS.places.items()}
"""Field to setting of the provider. Keycloak takes no domain that the organization does not have (26.7.5)."""
_ALIAS: Final = "alias"


def desired_fields(organization: str, provider: IdentityProvider, owner: str) -> Fields:
    """Return what the manifest of the organization says, marks included."""
    # Whether it may be destroyed follows from its organization.
    return marks.marked(
        said(provider, FIELDS), owner, Address.identity_provider(organization, provider.alias), protected=False
    )


def provider_of(representation: Representation) -> ProviderObservation:
    """Return what concerns the link of an identity provider: none of its secrets."""
    config: Mapping[str, Any] = representation.get("config") or {}
    return ProviderObservation(
        alias=str(representation["alias"]),
        organization_id=str(representation.get("organizationId") or ""),
        domain=str(config.get(_SETTINGS[DOMAIN]) or ""),
        redirects=str(config.get(_SETTINGS[REDIRECT])).lower() == "true",
    )


def observation(
    provider: ProviderObservation | None, organization: Representation | None, mark: Mark | None
) -> LinkObservation:
    """Return the link of an organization to a provider; without one, only its mark may be left of it."""
    linked = provider if provider and organization and provider.organization_id == organization["id"] else None
    if mark is None or organization is None:
        return LinkObservation(linked)
    return LinkObservation(linked, owner_on(organization), mark.applied, mark.soft_deleted)


def observed_fields(live: LinkObservation) -> Fields:
    """Return what Keycloak has, and our marks."""
    fields = mark_fields(live)
    if (provider := live.provider) is not None:
        fields |= {DOMAIN: provider.domain or None, REDIRECT: provider.redirects}
    return {path: value for path, value in fields.items() if value is not None}


def is_linked(fields: Fields) -> bool:
    """Tell whether they are those of a link, and not of a mark that is left of one."""
    return REDIRECT in fields


def marks_on(organization: Representation) -> dict[str, Mark]:
    """Return the marks by provider; those that do not say that they are for this very link hold nothing."""
    alias = str(organization["alias"])
    return {name: mark if _is_for(alias, name, mark) else Mark("") for name, mark in MARKS.read(organization).items()}


def _is_for(alias: str, name: str, mark: Mark) -> bool:
    return marks.ADDRESS in marks.parse(None, mark.applied, Address.identity_provider(alias, name)).applied


def linked_by_us(organization: Representation) -> frozenset[str]:
    """Return the providers whose link the organization's marks prove to be a manifest's."""
    return frozenset(name for name, mark in marks_on(organization).items() if mark.applied)


def deletion(change: Change) -> Iterator[Step]:
    """Yield the writes that end a link, of which perhaps only the mark is left."""
    if is_linked(change.before or {}):
        yield Step(Verb.UNLINK_IDENTITY_PROVIDER, {_ALIAS: change.address.name})
    yield Step(Verb.UNMARK_IDENTITY_PROVIDER)


def creation(change: Change, after: Fields) -> Iterator[Step]:
    """Yield the writes that make a link; the mark comes last."""
    return update(change, {}, after, FIELDS.said)


def update(change: Change, before: Fields, after: Fields, changed: frozenset[str]) -> Iterator[Step]:
    """Yield the writes that bring a link from ``before`` to ``after``; the mark comes last."""
    # An unlinked provider may have settings of an earlier link.
    written = sorted(FIELDS.said & changed if is_linked(before) else FIELDS.said)
    if written:
        yield Step(Verb.UPDATE_IDENTITY_PROVIDER, {path: after.get(path) for path in written})
    if not is_linked(before):
        yield Step(Verb.LINK_IDENTITY_PROVIDER, {_ALIAS: change.address.name})
    yield Step(Verb.MARK_IDENTITY_PROVIDER, entries_body(after))


def configured(representation: Representation, patch: Mapping[str, Value]) -> Representation:
    """Return a provider with the fields of ``patch`` in its settings, and everything else as it is."""
    config = dict(representation.get("config") or {})
    for path, value in patch.items():
        config.pop(_SETTINGS[path], None)
        if value is not None and (value is not False or _SETTINGS[path] in (representation.get("config") or {})):
            config[_SETTINGS[path]] = str(value).lower() if isinstance(value, bool) else str(value)
    return {**representation, "config": config}
