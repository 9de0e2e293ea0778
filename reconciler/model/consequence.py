"""Consequences: what a live system does beyond what a write tells it, such as deleting accounts with a membership."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.risk import Risk

ACCOUNTS_DELETED: Final = "accounts-deleted"
"""The code of the consequence that counts as a delete, once for each account that it names."""
NAMED: Final = 20
"""Names before they are only counted."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """One consequence: its risk, which carries its code and a sentence, and the names of what it happens to, sorted."""

    risk: Risk
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the sentence for people, with the first twenty names and a count of the rest."""
        return f"{self.risk.why.removesuffix('.')}: {named(self.names)}." if self.names else self.risk.why


def named(names: Sequence[str]) -> str:
    """Return the first twenty names, and how many more there are."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
