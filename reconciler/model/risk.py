"""Risk: what could go wrong for people and systems if a change is made, and what a live system does unasked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from reconciler.model.strict import printed_as

ACCOUNTS_DELETED: Final = "accounts-deleted"
"""The code of the consequence that counts as a delete, once for each account that it names."""
NAMED: Final = 20
"""Names before they are only counted."""


class RiskLevel(StrEnum):
    """Say how much a change can hurt; closed, from the least to the most."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return the place in the order, from 0."""
        return _RANKS[self]


_RANKS: Final = {level: rank for rank, level in enumerate(RiskLevel)}


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


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a live system does beyond what the steps say."""

    __pydantic_config__: ClassVar = printed_as("ConsequencePart")
    risk: Risk
    """What it means, with its code."""
    names: tuple[str, ...] = ()
    """What it happens to, all of it; empty where the sentence says it."""

    @property
    def text(self) -> str:
        """Return the sentence for people, with the first twenty names and a count of the rest."""
        return f"{self.risk.why.removesuffix('.')}: {named(self.names)}." if self.names else self.risk.why


def named(names: Sequence[str]) -> str:
    """Return the first twenty names, and how many more there are."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
