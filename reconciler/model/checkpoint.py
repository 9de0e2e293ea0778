"""What a run remembers for the next one, so that it need not read everything again; it only ever speeds up.

Nothing is decided by it alone: what it says of an object holds only while Keycloak's admin events prove that nobody
touched the object since, and not for longer than a full read is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.model.attribution import Attribution
from reconciler.model.observed import ClientObservation


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an organization."""

    id: str
    username: str
    is_managed: bool = False
    """Whether the account ends with the membership."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where the admin events have been accounted for.

    Events become visible when their transaction ends, which may be minutes after their time. So what is listed next
    begins at ``floor`` (milliseconds of Keycloak's clock), and ``seen`` names the events from there on that are
    accounted for. ``newest`` is the newest event's time at ``listed_at`` (this machine's clock, for durations only): it
    becomes the floor as soon as a later listing can be sure that nothing before it is still to come.
    """

    floor: int
    newest: int
    listed_at: datetime
    seen: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is known of one realm's objects that no page shows.

    ``members`` are by an organization's id, ``clients`` by a client's, without what pages show of them. ``watched`` are
    organizations that people may join without an admin event. ``mark`` is None where the events give nothing to go by.
    ``empty_scopes`` are ids of client scopes that put no role into tokens. ``asked`` is the clientId whose turn with
    ``GET /v1/me`` was last, ``troubled`` are the clients whose answer was not as it should be. ``drifted`` is what had
    drifted, as ``ADDRESS PATH FINGERPRINT`` of the value, with who did it. ``state`` says how the last run ended, so
    that only a change is told.
    """

    server: str
    realm_id: str
    owner: str
    full_at: datetime
    mark: Cursor | None = None
    clients: Mapping[str, ClientObservation] = field(default_factory=dict)
    members: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    watched: frozenset[str] = frozenset()
    empty_scopes: frozenset[str] = frozenset()
    asked: str = ""
    troubled: tuple[str, ...] = ()
    drifted: Mapping[str, Attribution | None] = field(default_factory=dict)
    state: str = ""
