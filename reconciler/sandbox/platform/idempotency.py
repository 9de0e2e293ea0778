"""Idempotency keys: a write that is repeated is answered as before, and done once.

Source: developers.novatrade24.com, "Idempotency": the same key with the same body within 24 hours brings the same
answer; with another body it is refused. Only what succeeded is kept, so that a refusal can be mended and tried again.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reconciler.sandbox.platform.endpoints.call import Answer
from reconciler.sandbox.platform.problems import Problem, ProblemType

_KEPT_SECONDS: Final = 24 * 3600.0
_MOST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    request: str
    answer: Answer


class IdempotencyStore:
    """Remember answers by organization and key."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], _Kept] = {}

    def answer(
        self, organization_id: str, key: str, request: tuple[str, str, bytes], do: Callable[[], Answer]
    ) -> Answer:
        """Return what ``do`` answers, or what it answered when the key was seen first.

        ``request`` is method, path and body.

        Raises:
            Problem: 400: there is no key. 422: it was used for another request.
        """
        if not key or len(key) > 255:
            raise Problem(ProblemType.MALFORMED_REQUEST, "Send an Idempotency-Key of at most 255 characters.")
        now, place = self._clock(), (organization_id, key)
        method, path, body = request
        digest = hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
        kept = self._kept.get(place)
        if kept is not None and now < kept.until:
            if kept.request != digest:
                raise Problem(ProblemType.IDEMPOTENCY_KEY_REUSED, "The Idempotency-Key was used for another request.")
            return kept.answer
        answer = do()
        if len(self._kept) >= _MOST_KEPT:
            self._kept = {key: each for key, each in self._kept.items() if now < each.until}
        self._kept[place] = _Kept(now + _KEPT_SECONDS, digest, answer)
        return answer
