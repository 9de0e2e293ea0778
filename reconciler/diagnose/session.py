"""One run of the doctor: whom it asks, and what it has seen so far."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.diagnose.stored import Stored
from reconciler.model.diagnosis import DiagnosisSubject
from reconciler.model.expectations import DpaRequirement
from reconciler.model.observed import Effective
from reconciler.model.probe import NoAnswer, ProbeAnswer
from reconciler.ports import AccessToken, Clock, Prober, Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the program has: its id, its secret, and perhaps a token that it uses.

    ``trimmed`` are the id and the secret without what does not belong around them; None where nothing does.
    """

    secret: Secret
    length: int
    """The secret's, in characters."""
    trimmed: tuple[str, Secret] | None = None
    token: AccessToken | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to know beside the state of everything."""

    partner: str | None = None
    capability: str | None = None
    dpa: DpaRequirement | None = None
    """The agreement that NT24 requires, as ``reconciler.yaml`` says."""


@dataclass(slots=True)
class Session:
    """What the checks share; each may note what the next ones build on."""

    subject: DiagnosisSubject
    credentials: Credentials
    prober: Prober
    nonsense: Secret
    """A token that is none, which only a mock takes."""
    clock: Clock
    asked: Asked = field(default_factory=Asked)
    read_stored: Callable[[], Awaitable[Stored]] | None = None
    """None without a login to the Admin API."""

    stored: Stored | None = None
    discovery: ProbeAnswer | NoAnswer | None = None
    token: AccessToken | None = None
    token_received: datetime | None = None
    without_token: ProbeAnswer | NoAnswer | None = None
    is_mock: bool = False
    me: ProbeAnswer | NoAnswer | None = None
    effective: Effective | None = None

    @property
    def claims(self) -> Mapping[str, Any]:
        """Return what the token says; nothing where there is none, or it cannot be read."""
        return (self.token.claims if self.token else None) or {}

    @property
    def issuer(self) -> str:
        """Return the realm's issuer by its own word; empty where it did not say."""
        answer = self.discovery
        return str(answer.fields.get("issuer") or "") if isinstance(answer, ProbeAnswer) else ""
