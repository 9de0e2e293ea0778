"""The webhook, as a kind of resource."""

from collections.abc import Collection, Hashable, Iterator, Mapping

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.declared import Declared
from reconciler.kinds.organization.fields import subject_of
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.kinds.webhook import fields, webhook_marks
from reconciler.kinds.webhook.findings import webhook_findings
from reconciler.kinds.webhook.rows import webhook_rows
from reconciler.kinds.webhook.table import ACTIONS, FIELDS
from reconciler.kinds.webhook.writer import WebhookWriter
from reconciler.kinds.writing import Systems, Writer
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Subject
from reconciler.model.change import Change, Step
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.finding import Finding
from reconciler.model.layout import WEBHOOKS_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.touch import Thing
from reconciler.model.value import Fields, Value


class WebhookKind(ResourceKind):
    """An organization's endpoint for the platform's events."""

    kind = Kind.WEBHOOK
    document = "IntegrationOrganization"
    items = "webhooks"
    fields = FIELDS
    thing = Thing.ORGANIZATION
    is_on_platform = True
    action_risks = ACTIONS

    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        for each in desired.organizations:
            for hook in each.spec.webhooks:
                said = fields.desired_fields(each.name, hook, owner)
                yield Declared(Address.webhook(each.name, hook.name), said, each.metadata.labels)

    def likeness(self, declared: Declared) -> Hashable | None:
        # As a plan would find: by its URL.
        return declared.address.home, declared.fields.get("url")

    def rows(self, situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
        return webhook_rows(situation.desired, situation.snapshot, situation.owner, pending)

    def findings(
        self, situation: Situation, changes: Collection[Change], names: Mapping[str, str]
    ) -> Iterator[Finding]:
        if situation.asked_effective:
            found = webhook_findings(situation.desired, situation.snapshot, changes)
            yield from (finding for finding in found if situation.means(finding.address))

    def steps(self, change: Change, changed: tuple[str, ...]) -> tuple[Step, ...]:
        # Where the endpoint is gone, only our mark is left.
        exists = "url" in (change.before or {})
        sender, former = change.sender, change.renamed_from
        return fields.steps(change.action, change.after, changed, sender=sender, exists=exists, former=former)

    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        return fields.soft_deleted_fields(before, at) if "url" in before else None

    def needs(self, change: Change, realm: str) -> tuple[Address, ...]:
        home = change.address.home
        senders = [Address.client(home.name, change.sender)] if change.sender else []
        return (Address.realm(realm), home, *senders)

    def leaves_after(self, change: Change, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
        # Its mark is on the organization: what else is written there comes first.
        return [each for each in change.depends_on if each in changes.keys() - leaving]

    def unmarked_by(self, address: Address) -> str:
        alias, name = address.names
        return f"Remove the values '{name}.…' from the attribute {WEBHOOKS_MARK} of {alias} in Keycloak."

    def has_id(self, change: Change) -> bool:
        return "url" in (change.before or {})

    def refers_to(self, change: Change) -> Iterator[Address]:
        yield change.address.home

    def subject(self, address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> Subject:
        # Its mark is on the organization.
        return subject_of(address, snapshot)

    def carries_mark(
        self, address: Address, owner: str, attributes: Mapping[str, Value], *, is_update: bool
    ) -> bool | None:
        return address.name in webhook_marks.read({"attributes": attributes})

    def writer(self, systems: Systems) -> Writer:
        return WebhookWriter(systems)
