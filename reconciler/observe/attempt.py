"""Read a part: what cannot be read is a value, with its reason."""

from collections.abc import Awaitable
from typing import TypeVar

from reconciler.model.errors import AccessRefused, NotFound, RequestFailed
from reconciler.model.observed import ReadFailure

_Answer = TypeVar("_Answer")


async def attempt(what: str, answer: Awaitable[_Answer], gone: _Answer | None = None) -> _Answer | ReadFailure:
    """Return the answer, or why there is none; ``gone`` is what there is of an object that is not there any more."""
    try:
        return await answer
    except (RequestFailed, AccessRefused) as error:
        if isinstance(error, NotFound) and gone is not None:
            return gone
        return ReadFailure(what, error.message, error.remedy)
