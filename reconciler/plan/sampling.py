"""Choose whom to ask for ``GET /v1/me``, so that every client has its turn."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from reconciler.model.effective_choice import EffectiveChoice, EffectiveMode


def chosen_clients(
    choice: EffectiveChoice, clients: Iterable[str], changed: Iterable[str], last: str, now: datetime
) -> tuple[frozenset[str], str]:
    """Return the clients to ask, and whose turn was last.

    ``changed`` are those that are asked in any case, ``last`` is whose turn was last in the run before. Where that is
    not known, the turn begins anywhere: where the minute says, so that runs of any interval begin at many places.
    """
    every = sorted(clients)
    must = frozenset(changed) & frozenset(every)
    match choice.ask:
        case EffectiveMode.ALL:
            return frozenset(every), last
        case EffectiveMode.NONE:
            return frozenset(), last
        case EffectiveMode.CHANGED:
            return must, last
        case EffectiveMode.SAMPLE:
            turns = _after(every, last or _anywhere(every, now))[: choice.size]
            return must | frozenset(turns), turns[-1] if turns else last
        case _:
            assert_never(choice.ask)


def _after(every: list[str], last: str) -> list[str]:
    return [each for each in every if each > last] + [each for each in every if each <= last]


def _anywhere(every: list[str], now: datetime) -> str:
    minute = f"{now:%Y-%m-%dT%H:%M}".encode()
    return every[int.from_bytes(hashlib.sha256(minute).digest()[:8]) % len(every)] if every else ""
