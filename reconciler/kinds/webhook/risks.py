"""The rules of risk of a webhook."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds.risk_rules import Rule, always, low, medium, members, replaced
from reconciler.kinds.webhook.fields import STATUS
from reconciler.model.change import Action
from reconciler.model.risk import NO_RISK, Risk
from reconciler.model.value import Value
from reconciler.model.webhook import WebhookStatus


def _webhook_status(before: Value, after: Value) -> Risk:
    if before is None:
        return NO_RISK
    if after == WebhookStatus.ACTIVE:
        return low("webhook-resumed", "Events are delivered again.")
    return medium("webhook-stopped", "Events are not delivered.") if before == WebhookStatus.ACTIVE else NO_RISK


ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.CREATE: medium("webhook-created", "Events are sent to an address that got none before."),
    Action.DELETE: medium("webhook-deleted", "Events are not delivered any more, and its secret is gone."),
}
"""What happens to a whole webhook."""

RISKS: Final[Mapping[str, Rule]] = {
    "url": replaced(changed=medium("webhook-moved", "Events are sent to another address."), removed=NO_RISK),
    "events": members(
        removed=lambda _: medium("webhook-events-removed", "Some events are not delivered any more."),
        added=lambda _: low("webhook-events-added", "More events are delivered."),
    ),
    "partnerIds": always(low("webhook-partners-changed", "Events of other partners are delivered.")),
    STATUS: _webhook_status,
}
"""What happens to a field, by its path."""
