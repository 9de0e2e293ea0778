"""The organization, as a kind of resource."""

from collections.abc import Collection, Iterator, Mapping

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.declared import Declared, lifecycle_fields
from reconciler.kinds.grants import grant_findings, grants_of
from reconciler.kinds.organization import people, representation
from reconciler.kinds.organization.authority import platform_findings
from reconciler.kinds.organization.consequences import consequences
from reconciler.kinds.organization.dependencies import giving_first, leaving_clients, taking_late, what_leaves_with
from reconciler.kinds.organization.domains import check_server
from reconciler.kinds.organization.dpa import dpa_findings
from reconciler.kinds.organization.fields import ACTIONS, FIELDS, INVITATIONS
from reconciler.kinds.organization.live_documents import live_organizations
from reconciler.kinds.organization.live_obstacles import words_for
from reconciler.kinds.organization.partners import partner_findings
from reconciler.kinds.organization.rows import organization_rows
from reconciler.kinds.organization.sharing import sharing_findings, unseen_findings
from reconciler.kinds.organization.siblings import sibling_findings
from reconciler.kinds.organization.writer import OrganizationWriter
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.kinds.unique import Unique
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change
from reconciler.model.finding import Finding
from reconciler.model.manifest import DesiredState, IntegrationOrganization, utc_text
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.touch import Thing
from reconciler.model.value import Fields, Unknown, Value


class OrganizationKind(ResourceKind):
    """An integrating company: a Keycloak Organization."""

    kind = Kind.ORGANIZATION
    document = "IntegrationOrganization"
    fields = FIELDS
    uniques = (
        Unique(
            ("metadata", "name"),
            "Duplicate organization {value}; it is declared first at {place}.",
            "Keep one document per organization.",
        ),
        Unique(
            ("spec", "displayName"),
            "Another organization has the name {value}, at {place}.",
            "Keycloak requires unique names: add what distinguishes them.",
        ),
        Unique(
            ("spec", "organizationUuid"),
            "Another organization has the same UUID, at {place}.",
            "Give each organization the UUID by which the platform identifies it.",
            folds_case=True,
        ),
        Unique(
            ("spec", "authorizedPartners", "*", "uuid"),
            "The partner is authorized already, at {place}.",
            "Remove one of them.",
            within=True,
            folds_case=True,
        ),
        Unique(
            ("spec", "domains", "*"),
            "The domain {value} is declared already, at {place}.",
            "A domain belongs to one organization: remove one of them.",
        ),
    )
    thing = Thing.ORGANIZATION
    name_sent = "alias"
    lends_name = True
    action_risks = ACTIONS
    writer = OrganizationWriter

    live_documents = staticmethod(live_organizations)
    words_of_live = staticmethod(words_for)
    rows = staticmethod(organization_rows)
    check_server = staticmethod(check_server)
    creation = staticmethod(representation.creation)
    update = staticmethod(representation.update)
    deletion = staticmethod(people.deletion)
    soft_deleted = staticmethod(representation.soft_deleted_fields)
    consequences = staticmethod(consequences)
    without_deleted_accounts = staticmethod(people.without_accounts_deleted)
    taking_late = staticmethod(taking_late)
    giving_first = staticmethod(giving_first)
    subject = staticmethod(representation.subject_of)
    sent = staticmethod(representation.value_sent)
    left_alone = staticmethod(people.left_alone)

    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        for each in desired.organizations:
            said = {**representation.desired_fields(each, owner), **_kept_in_git(each)}
            yield Declared(Address.organization(each.name), said, each.metadata.labels)

    def findings(self, situation: Situation, changes: Collection[Change]) -> Iterator[Finding]:
        pending = frozenset(change.address for change in changes)
        yield from sharing_findings(situation)
        yield from unseen_findings(situation, changes)
        yield from partner_findings(situation)
        targeted = (
            *grant_findings(situation),
            *dpa_findings(situation, pending),
            *platform_findings(situation),
            *sibling_findings(situation, pending),
        )
        yield from (finding for finding in targeted if situation.means(finding.address))

    def unread(self, row: Row, snapshot: Snapshot) -> Iterator[ReadFailure]:
        # Only those that the plan would withdraw have a say.
        if isinstance((row.before or {}).get(INVITATIONS), Unknown):
            invitations = snapshot.organizations[row.address.name].invitations
            yield from [invitations] if isinstance(invitations, ReadFailure) else []

    def given_up(self, address: Address, before: Fields, after: Fields) -> frozenset[str]:
        gives_up = after.get("displayName") == representation.placeholder(address.name)
        return frozenset({str(before.get("displayName"))}) if gives_up else frozenset()

    def unique_name(self, fields: Fields, name: str) -> str | None:
        return str(fields["displayName"]) if "displayName" in fields else None

    def holders(self, snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
        for alias, each in snapshot.organizations.items():
            yield str(each.representation.get("name")), alias, representation.observed_marks(each).owner

    def taken(self, address: Address, name: str, holder: str, whose: str) -> str:
        return f"the display name '{name}' is taken by the organization '{holder}', which {whose}"

    def becomes_another(self, change: Change) -> bool:
        return representation.becomes_another(change.before, change.after)

    def becoming_each_other(self, circle: Collection[Address]) -> str:
        names = " and ".join(map(str, circle))
        return (
            f"{names} would get another organizationUuid before clients leave that wait for it: they would act for "
            "another company meanwhile. Declare what has that organizationUuid under a metadata.name that no "
            "organization has"
        )

    def waits_for(self, change: Change, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
        # Whoever leaves must not act for another company, not even for a moment.
        return leaving_clients(change.address.name, changes, leaving) if self.becomes_another(change) else []

    def leaves_after(self, change: Change, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
        return what_leaves_with(change.address, changes, leaving)


def _kept_in_git(manifest: IntegrationOrganization) -> Fields:
    """Return what no server holds as a field of its own, and a reviewer still wants to see."""
    said: dict[str, Value] = dict(lifecycle_fields(manifest.lifecycle))
    said |= {f"labels.{name}": value for name, value in manifest.metadata.labels.items()}
    said["people"] = manifest.spec.people
    for grant in grants_of(manifest):
        said[f"until.{grant.path}[{grant.item}]" if grant.item else f"until.{grant.path}"] = utc_text(grant.until)
    said["dpa.evidence"] = manifest.spec.dpa.evidence if manifest.spec.dpa else None
    return {path: value for path, value in said.items() if value is not None}
