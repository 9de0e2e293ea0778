"""Rotate: replace client secrets, one client after the other, under the lock."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import assert_never

from reconciler.kinds.realm import representation as realm
from reconciler.model.address import Address
from reconciler.model.errors import NotFound, WrongUsage
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import RealmObservation
from reconciler.model.rotation import Phase, RotationOutcome
from reconciler.ports import (
    AdminApi,
    Clock,
    Events,
    Interruption,
    Journal,
    Lock,
    SecretProof,
    SecretSink,
    Systems,
    Watchdog,
)
from reconciler.ports.run_events import Reading, Rotated, Rotating, RotationNoted
from reconciler.rotate.abort import abort
from reconciler.rotate.batch import each
from reconciler.rotate.confirm import confirm
from reconciler.rotate.handover import hand_over
from reconciler.rotate.start import start
from reconciler.rotate.survey import Surveyed, survey
from reconciler.rotate.tools import Tools
from reconciler.rotate.usage import undo_trial


@dataclass(frozen=True, slots=True)
class Start:
    """Make a new secret and deliver it; ``due`` takes only clients whose secret is due."""

    due: bool = False
    abandon_old: bool = False


@dataclass(frozen=True, slots=True)
class Deliver:
    """Deliver the current secret."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Revoke the old secret; with a ``watch``, only after a trial without it."""

    watch: float | None = None


@dataclass(frozen=True, slots=True)
class Abort:
    """Go back to the old secret."""


Task = Start | Deliver | Confirm | Abort


@dataclass(frozen=True, slots=True)
class RotateRequest:
    """Do a task for the clients that are named; for all that are managed, where none is."""

    desired: DesiredState
    realm: str
    owner: str
    client_ids: tuple[str, ...]
    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatePorts:
    """What a rotation needs from outside; ``sink`` is None for what delivers nothing."""

    systems: Callable[[], AbstractAsyncContextManager[Systems]]
    proof: Callable[[], AbstractAsyncContextManager[SecretProof]]
    lock: Callable[[], AbstractAsyncContextManager[Lock]]
    journal: Callable[[Clock], AbstractContextManager[Journal]]
    watchdog: Callable[[Address], Awaitable[Watchdog]]
    interruption: Interruption
    sink: SecretSink | None = None


@dataclass(frozen=True, slots=True)
class RotateResult:
    """How each client's rotation went; ``halted`` says that the run was stopped on the way."""

    outcomes: tuple[RotationOutcome, ...]
    halted: bool


async def rotate(request: RotateRequest, ports: RotatePorts, events: Events) -> RotateResult:
    """Do the task; what fails for one client does not stop the others.

    Raises:
        NotFound: There is no such realm, or no such client.
        LockHeld: Another run writes.
    """
    async with ports.systems() as systems, ports.proof() as proof:
        if systems.secrets is None:
            raise WrongUsage("Secrets cannot be read here.")
        found = await _needed_realm(systems.admin, request.realm)
        with ports.journal(systems.clock) as journal:
            async with ports.lock() as lock:
                tools = Tools(
                    admin=systems.admin,
                    secrets=systems.secrets,
                    proof=proof,
                    sink=ports.sink,
                    clock=systems.clock,
                    journal=journal,
                    gates=(ports.interruption, lock),
                    realm=found,
                    owner=request.owner,
                    watchdog=ports.watchdog,
                    say=lambda address, text: events.tell(RotationNoted(address, text)),
                )
                outcomes = await _rotate(request, tools, ports.interruption, events)
                halted = ports.interruption.is_requested or lock.is_lost
    return RotateResult(outcomes, halted)


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """Look at the secrets of the clients that are named; of all that are managed, where none is."""

    desired: DesiredState
    owner: str
    client_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusResult:
    """How the secret of each client is at that time."""

    clients: tuple[Surveyed, ...]
    at: datetime


async def rotation_status(request: StatusRequest, systems: Systems, events: Events) -> StatusResult:
    """Say how old the secrets are, when they end, and which are due; only reads.

    Raises:
        NotFound: There is no such client.
    """
    with events.during(Reading()):
        found = await survey(systems.admin, request.desired, request.owner, systems.clock, request.client_ids)
    return StatusResult(found, systems.clock.now())


async def _rotate(
    request: RotateRequest, tools: Tools, interruption: Interruption, events: Events
) -> tuple[RotationOutcome, ...]:
    look = partial(survey, tools.admin, request.desired, request.owner, tools.clock, request.client_ids)
    with events.during(Reading()):
        seen = await look()
    if await _undo_trials(tools, seen):
        seen = await look()
    task = request.task
    only_due = isinstance(task, Start) and task.due
    chosen = {one.rotation.address: one for one in seen if one.needs_start or not only_due}

    async def one(address: Address) -> tuple[str, ...]:
        return await _act(tools, task, chosen[address])

    with interruption.writing(), events.during(Rotating(len(chosen))):
        return await each(chosen, one, lambda outcome: events.tell(Rotated(outcome)))


async def _act(tools: Tools, task: Task, seen: Surveyed) -> tuple[str, ...]:
    address = seen.rotation.address
    match task:
        case Start(abandon_old=abandon_old):
            overlap = None if seen.policy is None else seen.policy.overlap
            return await start(tools, address, overlap, abandon_old=abandon_old)
        case Deliver():
            return await hand_over(tools, address)
        case Confirm(watch):
            return await confirm(tools, address, watch)
        case Abort():
            return await abort(tools, address)
        case _:
            assert_never(task)


async def _undo_trials(tools: Tools, seen: Iterable[Surveyed]) -> bool:
    """Open the old secrets that runs which died have left closed; under the lock there is no other kind."""
    found = [one.rotation.address for one in seen if one.rotation.phase is Phase.TRIAL]
    for address in found:
        await undo_trial(tools, address)
        tools.say(address, "a trial was interrupted: the old secret is enabled again")
    return bool(found)


async def _needed_realm(admin: AdminApi, name: str) -> RealmObservation:
    """Return the realm with its rotation policy.

    Raises:
        NotFound: There is none.
    """
    found = await realm.read(admin)
    if found is None:
        raise NotFound(f"Keycloak has no realm '{name}'.", remedy="Name another by NT24_REALM.")
    return found
