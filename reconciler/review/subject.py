"""What is reviewed: it changes the words, not the shape."""

from enum import StrEnum


class Subject(StrEnum):
    """Name what is reviewed; closed."""

    PLAN = "plan"
    DRIFT = "drift"
    DIFF = "diff"
