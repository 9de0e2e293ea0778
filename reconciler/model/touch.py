"""What one of Keycloak's admin events touches: of which object, and of that, which part."""

from dataclasses import dataclass
from enum import Enum, auto


class Thing(Enum):
    """What kind of object an event touches."""

    CLIENT = auto()
    CLIENT_ROLE = auto()
    """A role of some client, which the event names by the role's own id."""
    CLIENT_SCOPE = auto()
    GROUP = auto()
    IDENTITY_PROVIDER = auto()
    ORGANIZATION = auto()
    REALM = auto()
    REALM_ROLE = auto()
    USER = auto()
    IMMATERIAL = auto()
    """What is read with every run, or matters to nothing that is read."""
    ANOTHER = auto()
    """What may matter to anything that is remembered, but has nothing itself that no listing shows."""


class Aspect(Enum):
    """What of an object an event touches."""

    ITSELF = auto()
    """Its own representation: its creation, its settings, its end."""
    AUTHORIZATION = auto()
    """A client's authorization services, which make a role of the client without an event of its own."""
    COMPOSITES = auto()
    GROUPS = auto()
    GROUP_MEMBERS = auto()
    GROUP_ROLES = auto()
    IDENTITY_PROVIDERS = auto()
    IMPORTED = auto()
    """All of it: a partial import records what it makes, whatever that is, under the type of the realm."""
    INVITATIONS = auto()
    LINKS = auto()
    LOGOUT = auto()
    MAPPERS = auto()
    MEMBERS = auto()
    NODES = auto()
    OWN_ROLES = auto()
    REST = auto()
    ROLES = auto()
    """The roles that it holds."""
    SCOPES = auto()
    SCOPE_MAPPINGS = auto()


@dataclass(frozen=True, slots=True)
class Touch:
    """What one event touches; ``name`` is how the path calls the part: a role, a scope's id, or nothing."""

    thing: Thing
    id: str
    part: Aspect
    name: str = ""
