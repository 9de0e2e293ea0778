"""Whom a run asks for ``GET /v1/me``: everybody, whoever changed, those and some others in turn, or nobody."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class EffectiveMode(StrEnum):
    """Name the choices; closed."""

    ALL = "all"
    CHANGED = "changed"
    SAMPLE = "sample"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class EffectiveChoice:
    """Whom to ask; ``size`` is how many others a sample asks beside those that changed."""

    ask: EffectiveMode
    size: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the choice that ``text`` prints as.

        Raises:
            ValueError: It is none; the message says so, for people.
        """
        word, colon, number = text.partition(":")
        if word == EffectiveMode.SAMPLE and number.isdecimal() and int(number) > 0:
            return cls(EffectiveMode.SAMPLE, int(number))
        if not colon and word in {EffectiveMode.ALL, EffectiveMode.CHANGED, EffectiveMode.NONE}:
            return cls(EffectiveMode(word))
        raise ValueError(f"'{text}' is invalid; write all, changed, none or sample:N, such as sample:20")

    def __str__(self) -> str:
        return f"{self.ask}:{self.size}" if self.ask is EffectiveMode.SAMPLE else str(self.ask)
