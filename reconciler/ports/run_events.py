"""What a run tells of itself on the way, and what it asks of whoever started it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from reconciler.model.address import Address
from reconciler.model.outcome import Applied, Verification
from reconciler.model.plan import Moved, Plan
from reconciler.model.policy import Approval
from reconciler.model.rotation import RotationOutcome
from reconciler.ports.running import Progress


@dataclass(frozen=True, slots=True)
class Planned:
    """There is a plan, with what stops it: made now, or taken from a file, whose fingerprint is the one that counts."""

    plan: Plan
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Outdated:
    """A saved plan is stale: this moved since it was made."""

    saved: Plan
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """The plan has an approval that its policies ask for."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class SecretsUnheard:
    """The secrets of these new webhooks will be known to nobody: there is no sink."""

    webhooks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The changes of a plan were made, as far as they were; ``goes_on`` says that the run plans the rest now."""

    plan: Plan
    applied: Applied
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """What was written was looked at again; ``asked_effective`` says whether ``GET /v1/me`` was asked, too."""

    verification: Verification
    asked_effective: bool


@dataclass(frozen=True, slots=True)
class Rotated:
    """One client's rotation went so."""

    outcome: RotationOutcome


@dataclass(frozen=True, slots=True)
class RotationNoted:
    """Something that people should know happened on the way of a client's rotation."""

    address: Address
    text: str


RunEvent = Planned | Outdated | Approved | SecretsUnheard | Written | Verified | Rotated | RotationNoted


@dataclass(frozen=True, slots=True)
class Reading:
    """The live systems are read; ``clients`` is for how many ``GET /v1/me`` will be asked, as far as that is known."""

    clients: int = 0


@dataclass(frozen=True, slots=True)
class Applying:
    """So many changes are made."""

    changes: int


@dataclass(frozen=True, slots=True)
class Verifying:
    """What was written is looked at again, for at most ``patience`` seconds."""

    patience: float


@dataclass(frozen=True, slots=True)
class Rotating:
    """So many clients are rotated, one after the other."""

    clients: int


Stage = Reading | Applying | Verifying | Rotating


class Events(Protocol):
    """Somebody who follows a run, and answers its questions."""

    def tell(self, event: RunEvent) -> None:
        """Take note of what happened."""

    def during(self, stage: Stage) -> AbstractContextManager[Progress]:
        """Follow a stage from its begin to its end."""

    async def confirm(self, plan: Plan) -> bool:
        """Tell whether the plan, which was told before, shall be carried out now."""
