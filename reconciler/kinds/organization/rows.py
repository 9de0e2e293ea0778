"""The rows of organizations: what is declared beside what is live."""

from collections.abc import Collection, Iterator

from reconciler.kinds import marks
from reconciler.kinds.organization import people
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.organization.domains import obstacle_of_domains
from reconciler.kinds.organization.fields import (
    FIELDS,
    GROUPS,
    IDENTITY_PROVIDERS,
    INVITATIONS,
    LINKED_WITH_DOMAIN,
    MANAGED,
)
from reconciler.kinds.organization.members import accounts_left, accounts_moved, impostors, member_fields, renamed
from reconciler.kinds.row import Row, ignored_fields
from reconciler.kinds.said import unsaid
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.expectations import Expectations, People
from reconciler.model.layout import service_account_of
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import OrganizationObservation, ReadFailure, Snapshot
from reconciler.model.value import Unknown


def organization_rows(situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
    """Yield a row for every organization that is declared or live, by alias.

    What the platform decides is no part of what is desired, and is left as it is live.
    """
    desired, snapshot = situation.desired, situation.snapshot
    owner, expected = situation.owner, situation.expected
    if not snapshot.shows_organizations:
        return
    declared = {manifest.name: manifest for manifest in desired.organizations}
    accounts = {service_account_of(client_id).lower() for client_id in snapshot.clients} - impostors(snapshot)
    accounts |= {name for name, client_id in renamed(snapshot).items() if client_id in snapshot.clients}
    moved = accounts_moved(desired, snapshot, owner) if snapshot.organizations.keys() - declared else frozenset()
    for alias in sorted(declared.keys() | snapshot.organizations.keys()):
        manifest = declared.get(alias)
        live = snapshot.organizations.get(alias)
        after = organization.desired_fields(manifest, owner, expected) if manifest else None
        shared = is_shared(manifest, expected)
        ignored = _ignored_of_organization(manifest, expected)
        address = Address.organization(alias)
        if live is None and snapshot.sight.organizations is not None:
            # It may be there: nothing can be said of it.
            continue
        if live is None:
            yield Row(
                address, None, after, marks.Marks(None), ignored=ignored,
                obstacle=obstacle_of_domains(address, {}, after, snapshot),
            )  # fmt: skip
            continue
        says_domains = manifest is not None and manifest.spec.domains is not None
        own = organization.as_said(organization.observed_fields(live), with_domains=says_domains)
        left = {} if manifest else accounts_left(alias, snapshot, moved)
        if links := people.links_left(manifest, live):
            left = {**left, IDENTITY_PROVIDERS: links}
        if manifest and (says_domains or not shared) and (routed := _losing_domain(live, links, snapshot)):
            left = {**left, LINKED_WITH_DOMAIN: routed}
        yield Row(
            address=address,
            before={
                **own,
                **_unread(live, withdraws=manifest is not None and not shared),
                **member_fields(alias, snapshot, accounts, with_people=not shared),
                **left,
            },
            after=after,
            marks=organization.observed_marks(live),
            live_id=live.id,
            own=own,
            ignored=ignored,
            obstacle=obstacle_of_domains(address, own, after, snapshot, ignored),
            unsaid=unsaid(manifest.spec, FIELDS) if manifest else frozenset(),
            drop=manifest.lifecycle.adopt.drop if manifest else (),
        )


def _unread(live: OrganizationObservation, *, withdraws: bool) -> dict[str, Unknown]:
    # Invitations that are left alone, or end with the organization, need not be known.
    parts = {GROUPS: live.groups} | ({INVITATIONS: live.invitations} if withdraws else {})
    return {path: Unknown(found.reason) for path, found in parts.items() if isinstance(found, ReadFailure)}


def _losing_domain(live: OrganizationObservation, links: Collection[str], snapshot: Snapshot) -> tuple[str, ...]:
    """Return the providers beside people's ``links`` that forget their domain where the organization loses its own."""
    has_domains = bool(live.representation.get("domains"))
    others = [alias for alias in live.identity_providers if has_domains and alias not in links]
    return tuple(
        each for each in others if each in snapshot.identity_providers and snapshot.identity_providers[each].domain
    )


def is_shared(manifest: IntegrationOrganization | None, expected: Expectations) -> bool:
    """Tell whether people share a declared organization, and are left alone in it."""
    return manifest is not None and (manifest.spec.people or expected.people) is People.SHARED


def stays_suspended(
    manifest: IntegrationOrganization | None, live: OrganizationObservation | None, expected: Expectations
) -> bool:
    """Tell whether a declared organization is to be suspended, or is so and that is left alone."""
    if live is not None and "suspended" in _ignored_of_organization(manifest, expected):
        return not live.representation.get("enabled", True)
    return manifest is not None and manifest.spec.suspended


def _ignored_of_organization(manifest: IntegrationOrganization | None, expected: Expectations) -> frozenset[str]:
    if manifest is None:
        return frozenset()
    ignored = ignored_fields(manifest.lifecycle.ignored_paths, "spec.") | frozenset(expected.platform_fields)
    return ignored | {MANAGED, LINKED_WITH_DOMAIN} | (FIELDS.shared if is_shared(manifest, expected) else frozenset())
