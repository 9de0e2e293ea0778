"""Risk: what could go wrong for people and systems if a change is made. For readers and policies; hides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from reconciler.model.strict import printed_as


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
    """What could go wrong for people and systems if a change is made."""

    __pydantic_config__: ClassVar = printed_as("RiskPart")
    level: RiskLevel
    """How much it can hurt."""
    code: str
    """The risk's name, for programs; empty for none."""
    why: str
    """One sentence for people; empty for none."""


NO_RISK: Final = Risk(RiskLevel.NONE, "", "")


def highest(risks: Iterable[Risk]) -> Risk:
    """Return the highest of the risks, the first of equals; none where there are none."""
    return max(risks, key=lambda risk: risk.level.rank, default=NO_RISK)
