"""What an apply did, address by address, and what verification found."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.finding import Finding
from reconciler.model.plan import Counts, count


class Status(StrEnum):
    """Say how one change ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended; ``detail`` says why it was not done, ``remedy`` what to do.

    ``secret_in`` says for people where the secret of a new resource was delivered; empty where none was.
    """

    change: Change
    status: Status
    steps_done: int
    detail: str = ""
    remedy: str = ""
    secret_in: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """How all changes of a plan ended, in the plan's order; ``halted`` says why none was begun any more, if so."""

    outcomes: tuple[Outcome, ...]
    halted: str = ""

    @property
    def counts(self) -> Counts:
        """Count what was added, changed and destroyed."""
        return count(tuple(o.change for o in self.outcomes if o.status is Status.DONE))

    def followed_by(self, later: "Applied") -> "Applied":
        """Return what this and a later part of the same run did."""
        return Applied(self.outcomes + later.outcomes, later.halted)

    @property
    def has_written(self) -> bool:
        """Tell whether anything was, or may have been, written."""
        return any(outcome.steps_done or outcome.status is not Status.SKIPPED for outcome in self.outcomes)

    @property
    def is_complete(self) -> bool:
        """Tell whether every change was made."""
        return not self.not_done

    @property
    def not_done(self) -> frozenset[Address]:
        """Return what was not changed, or not wholly."""
        return frozenset(outcome.change.address for outcome in self.outcomes if outcome.status is not Status.DONE)


@dataclass(frozen=True, slots=True)
class Verification:
    """What is left after an apply: changes that did not hold, and effects that did not come.

    ``waited`` is in seconds. ``on_mock`` says that a mock stood in the platform's place: Keycloak alone was looked at.
    ``left_out`` is what was not done: nobody looked for it, so that nothing is said of it.
    """

    residual: tuple[Change, ...]
    findings: tuple[Finding, ...]
    waited: float
    on_mock: bool = False
    left_out: frozenset[Address] = frozenset()

    @property
    def is_proven(self) -> bool:
        """Tell whether Keycloak and the platform say what the manifests say, but for what is left out."""
        return not self.residual and not self.findings
