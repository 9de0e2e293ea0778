"""A moment that people write as a date."""

import re
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BeforeValidator, WithJsonSchema

from reconciler.model.scalars import parse_moment

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _deadline(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return parse_moment(f"{value}T00:00:00Z" if _DAY.fullmatch(value) else value)


Deadline = Annotated[
    AwareDatetime,
    BeforeValidator(_deadline),
    WithJsonSchema({"type": "string", "examples": ["2026-12-31", "2026-12-31T00:00:00+01:00"]}),
]
"""A moment; a date alone is its first moment in UTC, so that nobody counts on a day that may be too late."""
