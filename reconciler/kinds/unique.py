"""What no two places in manifests can say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unique:
    """Places whose values differ: ``steps`` from the document on, ``*`` for every item of a list.

    The message, and what to do, are for the second place of a value; ``{value}`` is that value, ``{place}`` the first
    place, and ``{whose}`` tells whether that is in this organization or in another one.
    """

    steps: tuple[str, ...]
    message: str
    remedy: str
    within: bool = False
    """Whether only places of one document must differ."""
    folds_case: bool = False
