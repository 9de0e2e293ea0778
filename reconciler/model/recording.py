"""A run's reads, to make it again without a server: for reports of bugs. It never holds a secret.

What is kept are the answers of the ports, from which adapters have taken the secrets already.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.model.checkpoint import Checkpoint
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.policy import PlacedPolicy


@dataclass(frozen=True, slots=True)
class RecordedFailure:
    """A read that ended with an error of ours; ``kind`` is the name of its class."""

    kind: str
    message: str
    remedy: str = ""
    status: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One read: the question, as JSON, and the answer, as JSON says it, or the failure.

    ``sent`` is how many requests had been made when it ended.
    """

    question: tuple[Any, ...]
    answer: Any = None
    failure: RecordedFailure | None = None
    sent: int = 0


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of manifests, by the name that messages give it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What ``drift`` went by beside the manifests; ``max_age`` is in seconds."""

    choice: str | None
    keeps_state: bool
    max_age: int
    full: bool
    checkpoint: Checkpoint | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a run went by beside its reads; ``targets`` and ``exclude`` are addresses."""

    command: str
    keycloak_url: str
    api_url: str
    realm: str
    owner: str
    effective: bool
    targets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    destroy: bool = False
    expired: bool = False
    allow_delete: bool = False
    soft_delete: bool = False
    allow_takeover: bool = False
    environment: str = ""
    policies: tuple[PlacedPolicy, ...] = ()
    expected: Expectations = NOTHING_EXPECTED
    manifests: tuple[TextFile, ...] | None = None
    """None where they are left out."""
    overlays: tuple[TextFile, ...] | None = None
    """None where the run had none, or they are left out."""
    revision: str = ""
    login: str = ""
    watched: Watched | None = None
    """Of ``drift`` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All of it. ``moments`` are what the clock said; ``ending`` is how the run ended, empty if well."""

    version: str
    circumstances: Circumstances
    moments: tuple[datetime, ...]
    reads: tuple[Read, ...] = field(default=(), repr=False)
    ending: str = ""
