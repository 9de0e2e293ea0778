"""Values that places in manifests claim for themselves, and which of them are claimed twice."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from reconciler.manifest.positions import Step
from reconciler.manifest.read import Entry


class Claim(NamedTuple):
    """A value that one place claims for itself."""

    value: str
    entry: Entry
    steps: tuple[Step, ...]


def claims_of(
    entries: Iterable[Entry], steps: Sequence[Step], norm: Callable[[str], str] = str, within: tuple[Step, ...] = ()
) -> list[Claim]:
    """Return the texts at ``steps``, as ``norm`` writes them; a ``*`` stands for every item of a list.

    Without steps, each document is a claim of one thing. ``within`` are steps that are gone already.
    """
    if "*" not in steps:
        whole = (*within, *steps)
        values = ((entry.raw(*whole) if whole else "", entry) for entry in entries)
        return [Claim(norm(value), entry, whole) for value, entry in values if isinstance(value, str)]
    at = list(steps).index("*")
    here, below = (*within, *steps[:at]), steps[at + 1 :]
    return [
        claim
        for entry in entries
        for index in range(len(entry.raw_list(*here)))
        for claim in claims_of([entry], below, norm, (*here, index))
    ]


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
