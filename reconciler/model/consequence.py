"""Consequences: what a live system does beyond what a write tells it, such as deleting accounts with a membership."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from reconciler.model.risk import Risk
from reconciler.model.strict import printed_as

ACCOUNTS_DELETED: Final = "accounts-deleted"
"""The code of the consequence that counts as a delete, once for each account that it names."""
NAMED: Final = 20
"""Names before they are only counted."""


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
