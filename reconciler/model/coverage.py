"""What a report of drift rests on: what was read, what was taken as unchanged, and why that may be."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReadMode(StrEnum):
    """Say how much of Keycloak was read; closed."""

    FULL = "full"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a report of drift rests on.

    ``why`` says why everything was read, empty for an incremental read. ``last_full`` is when everything was last
    read, ``events`` how many admin events came since the last run, ``read_again`` how many organizations and clients
    they made worth a closer look. ``asked`` of ``clients`` declared clients were asked for ``GET /v1/me``, chosen by
    ``effective``: ``all``, ``changed``, ``sample:N`` or ``none``. ``unattributed`` says why nobody is named for what
    changed, empty where somebody is or need not be. ``requests`` counts what Keycloak was asked, tokens apart.
    """

    reading: ReadMode
    why: str
    last_full: datetime
    events: int = 0
    read_again: int = 0
    effective: str = "all"
    asked: int = 0
    clients: int = 0
    unattributed: str = ""
    requests: int = 0
