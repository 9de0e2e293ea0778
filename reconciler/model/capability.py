"""What a flag of ``spec.capabilities`` means; the flag itself is declared once, in the manifest's model."""

from dataclasses import dataclass
from typing import Final

from reconciler.model.risk import Risk, RiskLevel

_GRANTED: Final = Risk(RiskLevel.LOW, "capability-granted", "The organization may do more.")
_WITHDRAWN: Final = Risk(RiskLevel.MEDIUM, "capability-withdrawn", "Calls that need it are refused (403).")


@dataclass(frozen=True, slots=True)
class Capability:
    """What the platform opens by a flag, and what it can do to people and systems to turn it on or off."""

    opens: str
    granted: Risk = _GRANTED
    withdrawn: Risk = _WITHDRAWN
    is_personal_data: bool = False
    """Whether it gives personal data, which needs a current Data Processing Agreement."""
