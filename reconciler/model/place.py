"""Places in files: where a manifest says something."""

from dataclasses import dataclass
from typing import ClassVar

from reconciler.model.strict import printed_as


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a manifest says it."""

    __pydantic_config__: ClassVar = printed_as("PlacePart")
    file: str
    """The file, as it was named."""
    line: int
    """From 1."""
    column: int
    """From 1."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
