"""Builders of admin events."""

from itertools import count

from reconciler.model.attribution import Actor, AdminEvent
from reconciler.model.value import Value, frozen

_NUMBERS = count(1)
CREATED = {"clientId": "api-client-acme"}
"""What the console sends to make a client."""


def an_event(
    operation: str,
    resource: str,
    path: str,
    content: object = None,
    *,
    by: str = "eve",
    username: str = "",
    time: int | None = None,
) -> AdminEvent:
    """Return an event that is newer than those before it, unless its time is given."""
    number = next(_NUMBERS)
    details = {"username": username} if username else {}
    sent: Value = frozen(content)
    moment = number if time is None else time
    return AdminEvent(f"e{number}", moment, operation, resource, path, Actor("r", "c", by, ""), sent, details)
