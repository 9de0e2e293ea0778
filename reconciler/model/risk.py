"""Risk: what could go wrong for people and systems if a change is made. For readers and policies; hides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RiskLevel(StrEnum):
    """Say how much a change can hurt; closed, from the least to the most."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return the place in the order, from 0."""
        return list(RiskLevel).index(self)


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk: how much, its name for programs (``partner-removed``), and one sentence for people.

    The code and the sentence are empty for none, and only then.
    """

    level: RiskLevel
    code: str
    why: str


NO_RISK: Final = Risk(RiskLevel.NONE, "", "")


def highest(risks: Iterable[Risk]) -> Risk:
    """Return the highest of the risks, the first of equals; none where there are none."""
    return max(risks, key=lambda risk: risk.level.rank, default=NO_RISK)
