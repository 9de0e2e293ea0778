"""Values that places in manifests claim for themselves, and which of them are claimed twice."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from reconciler.manifest.positions import Step
from reconciler.manifest.read import Entry


class Claim(NamedTuple):
    """A value that one place claims for itself."""

    value: str
    entry: Entry
    steps: tuple[Step, ...]


def claims_of(entries: Iterable[Entry], steps: tuple[Step, ...], norm: Callable[[str], str] = str) -> list[Claim]:
    """Return the texts at ``steps``, as ``norm`` writes them."""
    values = ((entry.raw(*steps), entry) for entry in entries)
    return [Claim(norm(value), entry, steps) for value, entry in values if isinstance(value, str)]


def items_of(entry: Entry, steps: tuple[Step, ...], key: str, norm: Callable[[str], str] = str) -> list[Claim]:
    """Return the texts at ``key`` of every item of the list at ``steps``."""
    indexes = range(len(entry.raw_list(*steps)))
    return [claim for index in indexes for claim in claims_of([entry], (*steps, index, key), norm)]


def repeats_of(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield each claim of a value that was claimed before, after the first one."""
    first_by_value: dict[str, Claim] = {}
    for claim in claims:
        first = first_by_value.setdefault(claim.value, claim)
        if first is not claim:
            yield first, claim


def place_of(claim: Claim) -> str:
    """Return where the claim stands, for people."""
    document = claim.entry.document
    spot = document.root.nearest(claim.steps)
    file, line = spot.file or document.file, spot.value.line
    # What was read from a live system stands on no line.
    return f"{file}:{line}" if line else file
