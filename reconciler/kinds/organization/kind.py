"""The organization, as a kind of resource."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.declared import Declared, lifecycle_fields
from reconciler.kinds.live_document import LiveDocument
from reconciler.kinds.organization import people, representation
from reconciler.kinds.organization.authority import platform_findings
from reconciler.kinds.organization.consequences import consequences
from reconciler.kinds.organization.dependencies import giving_first, leaving_clients, taking_late, what_leaves_with
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
from reconciler.kinds.writing import WriteContext, Writer
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import EventSubject
from reconciler.model.change import Change, Step
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.errors import Problem
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Finding
from reconciler.model.manifest import DesiredState, IntegrationOrganization
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.risk import Consequence
from reconciler.model.touch import Thing
from reconciler.model.value import Fields, Representation, Unknown, Value


class OrganizationKind(ResourceKind):
    """An integrating company: a Keycloak Organization."""

    kind = Kind.ORGANIZATION
    document = "IntegrationOrganization"
    fields = FIELDS
    thing = Thing.ORGANIZATION
    name_sent = "alias"
    lends_name = True
    action_risks = ACTIONS

    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        for each in desired.organizations:
            said = {**representation.desired_fields(each, owner), **_kept_in_git(each)}
            yield Declared(Address.organization(each.name), said, each.metadata.labels)

    def live_documents(
        self, snapshot: Snapshot, owner: str, expected: Expectations, *, allow_takeover: bool
    ) -> Iterator[LiveDocument]:
        return live_organizations(snapshot, owner, expected, allow_takeover=allow_takeover)

    def words_of_live(self, address: Address, problem: Problem, steps: Sequence[str], snapshot: Snapshot) -> str:
        return words_for(address, problem, steps, snapshot)

    def rows(self, situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
        return organization_rows(situation)

    def findings(self, situation: Situation, changes: Collection[Change]) -> Iterator[Finding]:
        pending = frozenset(change.address for change in changes)
        yield from sharing_findings(situation)
        yield from unseen_findings(situation)
        yield from partner_findings(situation)
        targeted = (
            *dpa_findings(situation, pending),
            *platform_findings(situation),
            *sibling_findings(situation, pending),
        )
        yield from (finding for finding in targeted if situation.means(finding.address))

    def unread(self, row: Row, snapshot: Snapshot) -> Iterator[ReadFailure]:
        # Only those of what is neither shared nor left alone have a say.
        if isinstance((row.before or {}).get(INVITATIONS), Unknown):
            invitations = snapshot.organizations[row.address.name].invitations
            yield from [invitations] if isinstance(invitations, ReadFailure) else []

    def steps(self, change: Change, changed: tuple[str, ...]) -> tuple[Step, ...]:
        return representation.steps(change.address.name, change.action, change.before, change.after, changed)

    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        return representation.soft_deleted_fields(address.name, before, at, taken)

    def given_up(self, address: Address, before: Fields, after: Fields) -> frozenset[str]:
        gives_up = after.get("displayName") == representation.placeholder(address.name)
        return frozenset({str(before.get("displayName"))}) if gives_up else frozenset()

    def consequences(self, change: Change) -> Iterable[Consequence]:
        return consequences(change)

    def without_deleted_accounts(self, before: Fields, after: Fields) -> Fields:
        return people.without_accounts_deleted(before, after)

    def unique_name(self, fields: Fields, name: str) -> str | None:
        return str(fields["displayName"]) if "displayName" in fields else None

    def holders(self, snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
        for alias, each in snapshot.organizations.items():
            yield str(each.representation.get("name")), alias, representation.observed_marks(each).owner

    def taken(self, address: Address, name: str, holder: str, whose: str) -> str:
        return f"the display name '{name}' is taken by the organization '{holder}', which {whose}"

    def taking_late(self, change: Change) -> Change:
        return taking_late(change)

    def giving_first(self, change: Change) -> Change:
        return giving_first(change)

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

    def subject(self, address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> EventSubject:
        return representation.subject_of(address, snapshot)

    def sent(self, path: str, content: Representation) -> Value | Unknown:
        return representation.value_sent(path, content)

    def left_alone(self, before: Fields, after: Fields) -> frozenset[str]:
        return people.left_alone(before, after)

    def writer(self, systems: WriteContext) -> Writer:
        return OrganizationWriter(systems)


def _kept_in_git(manifest: IntegrationOrganization) -> Fields:
    """Return what no server holds as a field of its own, and a reviewer still wants to see."""
    said: dict[str, Value] = dict(lifecycle_fields(manifest.lifecycle))
    said |= {f"labels.{name}": value for name, value in manifest.metadata.labels.items()}
    said["people"] = manifest.spec.people
    said["dpa.evidence"] = manifest.spec.dpa.evidence if manifest.spec.dpa else None
    return {path: value for path, value in said.items() if value is not None}
