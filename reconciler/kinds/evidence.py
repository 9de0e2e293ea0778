"""Which admin events tell of a field, and how: what ``events.clues`` looks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from reconciler.model.attribution import AdminEvent
from reconciler.model.touch import Aspect, Thing
from reconciler.model.value import Value


class By(Enum):
    """Say how events tell of a field; closed."""

    VALUE = auto()
    """By the value that was sent."""
    NAMES = auto()
    """By the name of what was added to a set, or removed from it."""
    ROLES = auto()
    """By the roles that were given or taken."""
    MAPPER = auto()
    """By the protocol mapper that was sent."""
    MEMBERSHIP = auto()
    """By what ends or begins the membership of a service account in an organization."""
    TOUCH = auto()
    """By what they are, whatever is sent."""
    SUSPICION = auto()
    """Not at all: they may have changed it, and do not show it."""
    NEW_ACCOUNT = auto()
    """Not at all: they make a service account anew, and what it had is gone."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Events that touch one of the ``parts`` of a thing: the resource's own, or what belongs to it."""

    thing: Thing
    parts: tuple[Aspect, ...] = (Aspect.ITSELF,)
    by: By = By.VALUE
    item: Callable[[AdminEvent], str] | None = None
    """How an event names the item that it is about, where its path does not."""
    scope: str = ""
    """Of a client scope: its name."""
    below: str = ""
    """Of mappers: what their paths begin with."""
    operation: str = ""
    """The only operation that counts, if there is one."""


def by_sent(key: str) -> Callable[[AdminEvent], str]:
    """Return what names an item by a key of what was sent."""
    return lambda event: str(content_of(event).get(key) or "")


def by_detail(key: str) -> Callable[[AdminEvent], str]:
    """Return what names an item by one of the event's details."""
    return lambda event: event.details.get(key, "")


def content_of(event: AdminEvent) -> Mapping[str, Value]:
    """Return what was sent, where it is an object."""
    return event.content if isinstance(event.content, Mapping) else {}
