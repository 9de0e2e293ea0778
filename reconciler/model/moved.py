"""What became of live objects since they were planned: why a saved plan is stale."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.address import Address
from reconciler.model.change import FieldChange


class Movement(StrEnum):
    """Say how an object is no longer what the plan saw; closed."""

    CHANGED = "changed"
    GONE = "gone"
    EXISTS = "exists"
    REPLACED = "replaced"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Moved:
    """One object that moved; ``fields`` lead from what was planned against to what is live now.

    ``APPLIED`` means that it is as the plan would make it.
    """

    address: Address
    how: Movement
    fields: tuple[FieldChange, ...] = ()
