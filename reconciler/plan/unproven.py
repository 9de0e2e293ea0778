"""Findings about objects that carry our owner mark, while nothing proves that we have ever applied them."""

from collections.abc import Iterable, Iterator

from reconciler.kinds.marks import ADDRESS, can_be_declared
from reconciler.kinds.registry import kind_of
from reconciler.kinds.row import Row
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import APPLIED_MARK


def unproven_findings(unmanaged: Iterable[Row], owner: str) -> Iterator[Finding]:
    """Yield what is left alone although its mark names ``owner``: nothing of it is deleted, suspended or disabled."""
    for row in unmanaged:
        if row.marks.owner == owner:
            yield Finding(
                row.address,
                Code.OWNER_UNPROVEN,
                Severity.WARNING,
                FieldStatus.DRIFTED,
                f"It carries the ownership mark of '{owner}', which proves nothing: {_why(row)}. It is left alone.",
                _remedy(row),
            )


def _why(row: Row) -> str:
    if row.marks.applied:
        return "an earlier version wrote it, which did not note for which object"
    if not can_be_declared(row.address):
        return "no manifest can declare an object of that name"
    applied = (row.before or {}).get(APPLIED_MARK)
    entries = applied if isinstance(applied, tuple) else ()
    if any(str(entry).startswith(f"{ADDRESS}=") for entry in entries):
        return "it was written for another object, as in a copy"
    return "it does not say what was applied"


def _remedy(row: Row) -> str:
    if row.marks.applied:
        return "To delete it, declare it once more and apply, then remove the manifest."
    return kind_of(row.address).unmarked_by(row.address)
