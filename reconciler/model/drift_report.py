"""What a run of ``drift`` found and how it went, for whoever is told: metrics and notifications."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from reconciler.model.address import Address
from reconciler.model.plan import Plan
from reconciler.model.verdict import Verdict


class DriftState(StrEnum):
    """Say how a run ended; closed."""

    IN_SYNC = "in-sync"
    DRIFT = "drift"
    INCOMPLETE = "incomplete"
    UNREACHABLE = "unreachable"
    FAILED = "failed"

    @classmethod
    def of(cls, verdict: Verdict) -> "DriftState":
        """Return how a run ended that no error stopped."""
        match verdict:
            case Verdict.INCOMPLETE:
                return cls.INCOMPLETE
            case Verdict.IN_SYNC:
                return cls.IN_SYNC
            case _:
                return cls.DRIFT


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What a run of ``drift`` found and how it went.

    ``drift`` is None where the run failed; ``error`` then says why. ``seconds`` is how long it took. ``secrets_end``
    and ``dpa_due`` say until when secrets, and accepted agreements, are good, as far as that is known.
    """

    realm: str
    owner: str
    at: datetime
    seconds: float
    state: DriftState
    drift: Plan | None = None
    error: str = ""
    secrets_end: Mapping[Address, datetime] = field(default_factory=dict)
    dpa_due: Mapping[Address, datetime] = field(default_factory=dict)
