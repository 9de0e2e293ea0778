"""Prove that an apply took effect: look again until nothing is left, or a deadline passes."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from reconciler.model.address import Address
from reconciler.model.finding import FieldStatus, Finding, Severity
from reconciler.model.outcome import Verification
from reconciler.model.plan import Plan
from reconciler.ports import Clock, Progress

_PAUSE: Final = 1.0
"""Seconds between two looks."""

Look = Callable[[tuple[Address, ...]], Awaitable[Plan]]
"""Observe and plan again, restricted to targets; no targets means everything."""


async def verify(
    look: Look, targets: tuple[Address, ...], clock: Clock, progress: Progress, patience: float
) -> Verification:
    """Look until Keycloak and the platform say what the manifests say.

    ``patience`` is in seconds. A difference that outlasts it is ``overridden``: no write of ours will mend it.
    """
    started = clock.monotonic()
    while True:
        plan = await look(targets)
        residual = tuple(change for change in plan.changes if not change.blocked)
        waiting = tuple(finding for finding in plan.findings if is_open(finding))
        waited = clock.monotonic() - started
        if not residual and not waiting:
            return Verification((), (), waited)
        if waited >= patience:
            return Verification(residual, tuple(map(_settled, waiting)), waited)
        progress.waiting(len(residual) + len(waiting), waited)
        targets = _narrowed(targets, (*(c.address for c in residual), *(f.address for f in waiting)))
        await clock.sleep(_PAUSE)


def is_open(finding: Finding) -> bool:
    """Tell whether the finding means that something has not (yet) taken effect."""
    return finding.severity is Severity.ERROR and finding.status in {FieldStatus.LAGGING, FieldStatus.UNKNOWN}


def _settled(finding: Finding) -> Finding:
    return replace(finding, status=FieldStatus.OVERRIDDEN) if finding.status is FieldStatus.LAGGING else finding


def _narrowed(targets: tuple[Address, ...], left: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(sorted(set(left), key=lambda address: address.sort_key)) or targets
