"""Admin events: what Keycloak recorded of changes, and who made them, when and from where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from reconciler.model.strict import is_empty, printed_as
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


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who made a change in Keycloak, by its admin events."""

    __pydantic_config__: ClassVar = printed_as("AttributionPart")
    at: AwareDatetime
    """When, by Keycloak's clock."""
    user: str
    """Who: a user's name, or the id where the name cannot be read."""
    client: str
    """With which client: the admin console, a script's, ours."""
    ip: str
    """From which address."""
    request: str
    """What was done, in Keycloak's words: the operation and the path."""
    exact: bool
    """Whether the event shows this very change; otherwise it is only the last one that fits."""
    own: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it was a reconciler's own login: an apply deleted, or changed, what is still declared."""


@dataclass(frozen=True, slots=True)
class EventSubject:
    """The ids by which admin events name a resource and what belongs to it; each may be empty.

    ``scopes`` are the realm's client scopes, id by name, for what is about them.
    """

    id: str = ""
    user_id: str = ""
    username: str = ""
    organizations: tuple[str, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
    was_another: bool = False
    """Whether another object may have had its name before, so that what is about that one matters as well."""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """The admin events that may explain drift, newest first.

    ``fresh`` are those since the last run, None where none is known; ``drifted`` is what had drifted then already, as
    ``ADDRESS PATH FINGERPRINT`` of the value, with who did it. Whatever else has drifted must have been changed by one
    of the fresh events. ``is_whole`` tells whether none is missing that Keycloak has of other objects of a kind.
    """

    events: tuple[AdminEvent, ...]
    fresh: tuple[AdminEvent, ...] | None = None
    drifted: Mapping[str, Attribution | None] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    """Ids of the users that reconcilers log in as: what they did is nobody else's doing."""
    is_whole: bool = False
