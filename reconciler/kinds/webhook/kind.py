"""The webhook, as a kind of resource."""

from collections.abc import Collection, Hashable, Iterator

from reconciler.kinds.declared import Declared
from reconciler.kinds.item import ItemKind
from reconciler.kinds.situation import Situation
from reconciler.kinds.unique import Unique
from reconciler.kinds.webhook import representation
from reconciler.kinds.webhook.fields import ACTIONS, FIELDS
from reconciler.kinds.webhook.findings import webhook_findings
from reconciler.kinds.webhook.live_items import webhooks_of
from reconciler.kinds.webhook.representation import MARKS
from reconciler.kinds.webhook.rows import webhook_rows
from reconciler.kinds.webhook.writer import WebhookWriter
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change
from reconciler.model.finding import Finding
from reconciler.model.manifest import DesiredState
from reconciler.model.value import Fields


class WebhookKind(ItemKind):
    """An organization's endpoint for the platform's events."""

    kind = Kind.WEBHOOK
    items = "webhooks"
    fields = FIELDS
    uniques = (
        Unique(
            ("spec", "webhooks", "*", "name"),
            "The webhook {value} is declared already, at {place}.",
            "Give each webhook of an organization a unique name.",
            within=True,
        ),
        Unique(
            ("spec", "webhooks", "*", "url"),
            "Another webhook of the organization has this URL, at {place}.",
            "Merge the events of both into one, or give each its own URL.",
            within=True,
        ),
    )
    item_marks = MARKS
    is_on_platform = True
    action_risks = ACTIONS
    writer = WebhookWriter

    items_of = staticmethod(webhooks_of)
    rows = staticmethod(webhook_rows)
    creation = staticmethod(representation.creation)
    update = staticmethod(representation.update)
    deletion = staticmethod(representation.deletion)

    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        for each in desired.organizations:
            for hook in each.spec.webhooks:
                said = representation.desired_fields(each.name, hook, owner)
                sender = Address.client(each.name, representation.sender_of(each, hook))
                yield Declared(Address.webhook(each.name, hook.name), said, each.metadata.labels, writer=sender)

    def likeness(self, declared: Declared) -> Hashable | None:
        # As a plan would find: by its URL.
        return declared.address.home, declared.fields.get("url")

    def findings(self, situation: Situation, changes: Collection[Change]) -> Iterator[Finding]:
        if situation.asked_effective:
            found = webhook_findings(situation, changes)
            yield from (finding for finding in found if situation.means(finding.address))

    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        return representation.soft_deleted_fields(before, at) if "url" in before else None

    def needs(self, change: Change, realm: str) -> tuple[Address, ...]:
        senders = [Address.client(change.address.alias, change.sender)] if change.sender else []
        return (*super().needs(change, realm), *senders)

    def has_id(self, change: Change) -> bool:
        return "url" in (change.before or {})
