"""What a report of drift rests on: what was read, what was taken as unchanged, and why that may be."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime

from reconciler.model.strict import printed_as


class ReadMode(StrEnum):
    """Say how much of Keycloak was read; closed."""

    FULL = "full"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a report of drift rests on."""

    __pydantic_config__: ClassVar = printed_as("BasisPart")
    reading: ReadMode
    """Whether all was read, or only what may have changed."""
    why: str
    """Why all was read; empty for an incremental read."""
    last_full: AwareDatetime
    """When all was last read."""
    events: int = 0
    """How many admin events came since the last run."""
    read_again: int = 0
    """How many organizations and clients were read again because of them."""
    effective: str = "all"
    """Who was asked for `GET /v1/me`: all, changed, sample:N or none."""
    asked: int = 0
    """How many clients were asked."""
    clients: int = 0
    """How many clients are declared."""
    unattributed: str = ""
    """Why nobody is named for what changed; empty where somebody is, or need not be."""
    requests: int = 0
    """How many requests Keycloak was sent, tokens apart."""
