"""Every finding of a plan: what each kind has to say, and what is said of any."""

from collections.abc import Collection, Iterable

from reconciler.kinds.registry import KINDS, kind_of
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.model.change import Change
from reconciler.model.finding import Finding
from reconciler.plan.ignored import all_ignored, ignored_findings
from reconciler.plan.unproven import unproven_findings


def find_all(
    situation: Situation, changes: Collection[Change], rows: Iterable[Row], unmanaged: Iterable[Row]
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
        *unproven_findings(unmanaged, situation.owner),
    )
    return tuple(sorted(set(found), key=lambda finding: finding.sort_key))
