"""Prove that an apply took effect: look again until nothing is left, or a deadline passes."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from typing import Final

from reconciler.model.address import Address, sorted_addresses
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.outcome import Verification
from reconciler.model.plan import Plan
from reconciler.model.request import ask_nt24
from reconciler.ports import Clock, Progress

_PAUSE: Final = 1.0
"""Seconds between two looks."""
_OPEN: Final = frozenset({FieldStatus.LAGGING, FieldStatus.OVERRIDDEN, FieldStatus.UNKNOWN})

_NOTHING: Final[frozenset[Address]] = frozenset()

Look = Callable[[tuple[Address, ...]], Awaitable[Plan]]
"""Observe and plan again, restricted to targets; no targets means everything."""


async def verify(
    look: Look,
    targets: tuple[Address, ...],
    clock: Clock,
    progress: Progress,
    patience: float,
    hopeless: Collection[Finding] = (),
    failed: frozenset[Address] = _NOTHING,
) -> Verification:
    """Look until Keycloak and the platform say what the manifests say.

    ``patience`` is in seconds. A difference that outlasts it is ``overridden``: no write of ours will mend it. Nobody
    waits for what is ``hopeless``, because it was so before anything was written; it is still no proof. What is in
    ``failed`` was not done: it does not come, and neither do its effects, however long one waits.
    """
    started = clock.monotonic()
    lasting: set[Finding] = set()
    while True:
        plan = await look(targets)
        residual = tuple(change for change in plan.changes if not change.blocked and change.address not in failed)
        awaited = {finding for finding in plan.findings if is_open(finding) and not rests_on(finding.address, failed)}
        lasting |= {finding for finding in awaited if finding in hopeless}
        waiting = tuple(finding for finding in plan.findings if finding in awaited - lasting)
        waited = clock.monotonic() - started
        if waited >= patience or not (residual or waiting):
            found = sorted({*lasting, *map(_settled, waiting)}, key=lambda finding: finding.sort_key)
            return Verification(residual, tuple(found), waited, is_on_mock(plan), failed)
        progress.waiting(len(residual) + len(waiting), waited)
        targets = _narrowed(targets, (*(c.address for c in residual), *(f.address for f in waiting)))
        await clock.sleep(_PAUSE)


def rests_on(address: Address, failed: frozenset[Address]) -> bool:
    """Tell whether the effect on a resource may be missing because of what failed."""
    return any(address.rests_on(each) for each in failed)


def is_open(finding: Finding) -> bool:
    """Tell whether the finding means that something has not (yet) taken effect."""
    return finding.severity is Severity.ERROR and finding.status in _OPEN


def is_on_mock(plan: Plan) -> bool:
    """Tell whether a mock stood in the platform's place."""
    return any(finding.code is Code.PLATFORM_IS_MOCK for finding in plan.findings)


def _settled(finding: Finding) -> Finding:
    """Return a finding as it is once patience has ended."""
    if finding.status is not FieldStatus.LAGGING:
        return finding
    remedy = f"No write can fix that. Ask NT24 which value is effective: {ask_nt24(finding.address.names[0])}"
    return replace(finding, status=FieldStatus.OVERRIDDEN, remedy=remedy)


def _narrowed(targets: tuple[Address, ...], left: Iterable[Address]) -> tuple[Address, ...]:
    return sorted_addresses(left) or targets
