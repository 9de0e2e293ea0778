"""Every finding of a plan: what each kind has to say, and what is said of any."""

from collections.abc import Collection, Iterable, Iterator

from reconciler.kinds.marks import ADDRESS, can_be_declared
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.model.change import Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import APPLIED_MARK
from reconciler.plan.ignored import all_ignored, ignored_findings
from reconciler.plan.retired import retired_findings


def find_all(
    situation: Situation, changes: Collection[Change], rows: Collection[Row], unmanaged: Iterable[Row]
) -> tuple[Finding, ...]:
    """Return what no write can mend, each once, errors first.

    ``changes`` are those of all ``rows``, made or left out, ``unmanaged`` is what it leaves alone.
    """
    found = (
        *(finding for kind in KINDS.values() for finding in kind.findings(situation, changes)),
        *ignored_findings(
            rows, all_ignored(situation.desired, situation.expected), situation.snapshot.taken_at, situation.realm
        ),
        *(finding for change in changes for finding in kind_of(change.address).hazards(change)),
        *retired_findings(rows, situation),
        *_unproven(unmanaged, situation.owner),
    )
    return tuple(sorted(set(found), key=lambda finding: finding.sort_key))


def _unproven(unmanaged: Iterable[Row], owner: str) -> Iterator[Finding]:
    """Yield what is left alone although its mark names ``owner``: nothing proves that we have ever applied it.

    None of it is deleted, suspended or disabled.
    """
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
