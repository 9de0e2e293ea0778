"""What Keycloak recorded of one change that was made through its Admin API."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.value import Value


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a change, in Keycloak's own ids; each may be empty. ``realm_id`` is the realm of the login."""

    realm_id: str
    client_id: str
    user_id: str
    ip: str


@dataclass(frozen=True, slots=True)
class AdminEvent:
    """One admin event.

    ``time`` is in milliseconds of Keycloak's clock. ``resource`` and ``operation`` are Keycloak's words
    (``org.keycloak.events.admin``); ``path`` is relative to the realm, empty for the realm itself. ``content`` is what
    was sent, without secrets; None where the realm records no details, or the request had no body.
    """

    id: str
    time: int
    operation: str
    resource: str
    path: str
    actor: Actor
    content: Value = None
    details: Mapping[str, str] = field(default_factory=dict)
