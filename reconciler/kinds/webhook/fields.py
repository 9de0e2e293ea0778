"""The fields of a webhook."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds.field import Field, FieldTable
from reconciler.kinds.risk_rules import always, high, low, medium, members, replaced
from reconciler.model.change import Action
from reconciler.model.field_class import FieldClass
from reconciler.model.risk import Risk
from reconciler.model.value import Value
from reconciler.model.webhook import WebhookStatus

STATUS: Final = "status"


def _webhook_status(before: Value, after: Value) -> Risk:
    if after == WebhookStatus.ACTIVE:
        again = "" if before is None else " again"
        return low("webhook-resumed", f"Events are delivered{again}.")
    return (medium if before == WebhookStatus.ACTIVE else low)("webhook-stopped", "Events are not delivered.")


FIELDS: Final = FieldTable(
    Field(
        "events",
        is_said=True,
        called="event",
        risk=members(
            removed=lambda _: medium("webhook-events-removed", "Some events are no longer delivered."),
            added=lambda _: low("webhook-events-added", "More events are delivered."),
        ),
    ),
    Field(
        "partnerIds",
        is_said=True,
        holds_partners=True,
        called="partner",
        risk=always(low("webhook-partners-changed", "Events of other partners are delivered.")),
    ),
    Field(STATUS, is_said=True, risk=_webhook_status),
    Field(
        "url",
        is_said=True,
        risk=replaced(
            changed=medium("webhook-moved", "Events are sent to another address."),
            removed=medium("webhook-moved", "Events are no longer sent."),
            given=low("webhook-moved", "Events are sent to it."),
        ),
        event=always(high("webhook-moved", "Events are sent to an undeclared address.")),
    ),
    Field("", about=FieldClass.WEBHOOK),
)

ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.CREATE: medium("webhook-created", "Events are sent to a new address."),
    Action.DELETE: medium("webhook-deleted", "Events are no longer delivered, and its secret is lost."),
}
"""What happens to a whole webhook."""
