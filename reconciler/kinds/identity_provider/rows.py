"""The rows of links: what manifests declare beside what is live, and of that only what a manifest declared before."""

from collections.abc import Collection, Iterator
from typing import Final

from reconciler.kinds import marks
from reconciler.kinds.identity_provider import representation
from reconciler.kinds.identity_provider.fields import FIELDS
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.organization.fields import MANAGED
from reconciler.kinds.organization.rows import is_shared, stays_suspended
from reconciler.kinds.row import Row, ignored_of_items
from reconciler.kinds.said import unsaid
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.expectations import Expectations
from reconciler.model.identity_provider import ANY_DOMAIN, IdentityProvider
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import LinkObservation, OrganizationObservation, Snapshot
from reconciler.model.value import Fields

ITEMS: Final = "identityProviders"


def link_rows(situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
    """Yield a row for every link that is declared, or that a mark says was; others are people's, and get none."""
    snapshot, owner, expected = situation.snapshot, situation.owner, situation.expected
    if not snapshot.shows_organizations:
        return
    declared = {manifest.name: manifest for manifest in situation.desired.organizations}
    for alias in sorted(declared.keys() | snapshot.organizations.keys()):
        manifest, live = declared.get(alias), snapshot.organizations.get(alias)
        wanted = {each.alias: each for each in manifest.spec.identity_providers} if manifest else {}
        marked = representation.marks_on(live.representation) if live else {}
        if live is None and snapshot.sight.organizations is not None:
            # It may be there: nothing can be said of it.
            continue
        for name in sorted(wanted.keys() | marked.keys()):
            found = representation.observation(
                snapshot.identity_providers.get(name), live.representation if live else None, marked.get(name)
            )
            address = Address.identity_provider(alias, name)
            if name not in wanted:
                yield _leaving(address, found, live, snapshot, stays=manifest is not None)
                continue
            own = representation.observed_fields(found) if found.provider else None
            after = representation.desired_fields(alias, wanted[name], owner)
            yield Row(
                address=address,
                before=own,
                after=after,
                marks=marks.parse(found.owner, found.applied, address),
                own=own,
                ignored=ignored_of_items(manifest.lifecycle.ignored_paths, ITEMS, FIELDS.said) if manifest else _NONE,
                obstacle=_obstacle(wanted[name], snapshot, _domains(live, manifest, expected))
                or (_frozen(own, after) if stays_suspended(manifest, live, expected) else ""),
                unsaid=unsaid(wanted[name], FIELDS),
                drop=manifest.lifecycle.adopt.drop if manifest else (),
            )


def _leaving(
    address: Address, found: LinkObservation, live: OrganizationObservation | None, snapshot: Snapshot, *, stays: bool
) -> Row:
    """Return the row of a link that no manifest declares any more; ``stays`` says whether its organization does."""
    own = representation.observed_fields(found)
    managed = snapshot.managed.get(address.alias, ()) if stays and found.provider else ()
    marker = organization.observed_marks(live) if live and not stays else marks.Marks(None)
    return Row(
        address=address,
        before={**own, **({MANAGED: managed} if managed else {})},
        after=None,
        # With its organization gone from the manifests, what protects that protects this too.
        marks=marks.protected(marks.parse(found.owner, found.applied, address), by=marker),
        own=own,
        stays_in_effect=stays,
    )


_NONE: Final[frozenset[str]] = frozenset()


def _domains(
    live: OrganizationObservation | None, manifest: IntegrationOrganization | None, expected: Expectations
) -> Collection[str]:
    """Return the domains that the organization has, and keeps; or those that it gets."""
    if manifest is not None and manifest.spec.domains is not None:
        return manifest.spec.domains
    if live is None or not is_shared(manifest, expected):
        return ()
    return [str(domain["name"]) for domain in live.representation.get("domains") or ()]


def _frozen(before: Fields | None, after: Fields) -> str:
    """Return why a suspended organization's link cannot be written: Keycloak shows each of its providers disabled.

    It would stay so, if that was written back, as linking does, too (measured on 26.7.5).
    """
    if before is None:
        return "the organization is suspended: identity providers can be linked to it once it is resumed"
    if any(before.get(path) != after.get(path) for path in FIELDS.said):
        return "the organization is suspended: settings of its identity providers can be written once it is resumed"
    return ""


def _obstacle(wanted: IdentityProvider, snapshot: Snapshot, domains: Collection[str]) -> str:
    if wanted.alias not in snapshot.identity_providers:
        return (
            f"the realm has no identity provider '{wanted.alias}', or shows this login none; make it in Keycloak, "
            "manifests only link those that are there"
        )
    if wanted.domain not in {None, ANY_DOMAIN, *domains}:
        has = f"it has {', '.join(sorted(domains))}" if domains else "it has none, or people: none removes them"
        return (
            f"the domain '{wanted.domain}' does not belong to the organization ({has}); add it in Keycloak, "
            "or declare another one"
        )
    return ""
