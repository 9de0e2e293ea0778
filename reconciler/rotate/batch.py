"""Rotate client after client: what fails for one does not stop the others."""

from collections.abc import Awaitable, Callable, Iterable

from reconciler.model.address import Address
from reconciler.model.errors import GuardRefused, Halted, JournalBroken, LiveSystemError, ReconcilerError
from reconciler.model.rotation import RotationOutcome, RotationStatus

Act = Callable[[Address], Awaitable[tuple[str, ...]]]


async def each(
    addresses: Iterable[Address], act: Act, watch: Callable[[RotationOutcome], None]
) -> tuple[RotationOutcome, ...]:
    """Act on the clients, one after the other: a sink may be one file; ``watch`` is told how each one went.

    Where no further step may be made at all, the rest is skipped.
    """
    found: list[RotationOutcome] = []
    halted = ""
    for address in addresses:
        if halted:
            outcome = RotationOutcome(address, RotationStatus.SKIPPED, (halted,))
        else:
            outcome, halted = await _one(address, act)
        watch(outcome)
        found.append(outcome)
    return tuple(found)


async def _one(address: Address, act: Act) -> tuple[RotationOutcome, str]:
    try:
        return RotationOutcome(address, RotationStatus.DONE, await act(address)), ""
    except GuardRefused as error:
        return RotationOutcome(address, RotationStatus.REFUSED, (error.message,), error.remedy), ""
    except ReconcilerError as error:
        stops = isinstance(error, Halted | JournalBroken | LiveSystemError)
        outcome = RotationOutcome(address, RotationStatus.FAILED, (error.message,), error.remedy)
        return outcome, f"not tried: {error.message}" if stops else ""
