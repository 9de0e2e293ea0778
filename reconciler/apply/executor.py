"""Execute a plan: concurrent where its graph allows, one write at a time per resource."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from reconciler.apply.performer import Performer
from reconciler.apply.repeating import ATTEMPTS, PAUSE, hidden, is_worth_repeating
from reconciler.kinds.registry import kind_of
from reconciler.kinds.writing import Live, WriteContext
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, Repeat, Step
from reconciler.model.errors import (
    Conflict,
    Halted,
    JournalBroken,
    LiveSystemError,
    NotFound,
    ReconcilerError,
    RequestFailed,
    Unreachable,
)
from reconciler.model.outcome import Applied, Outcome, Status
from reconciler.model.plan import Plan
from reconciler.model.value import Fields
from reconciler.ports import AdminApi, Clock, Journal, PlatformApi, Progress, SecretSink, WriteGate


async def execute(
    plan: Plan,
    admin: AdminApi,
    platform: PlatformApi | None,
    clock: Clock,
    journal: Journal,
    progress: Progress,
    parallelism: int,
    gates: Iterable[WriteGate] = (),
    sink: SecretSink | None = None,
    writes_sent: Callable[[], int] = lambda: 0,
) -> Applied:
    """Make the plan's changes and return how each one ended; an error ends its own change, not the others.

    Each of ``gates`` is asked before every write; once one says no, nothing more is begun. A write may also be
    halted on its way; ``writes_sent`` tells how many of the present task were not. The secrets of new webhooks go to
    the ``sink``.
    """
    run = _Run(
        Performer(WriteContext(admin, platform, dict(plan.references), sink)),
        clock,
        journal,
        progress,
        asyncio.Semaphore(parallelism),
        tuple(gates),
        writes_sent,
    )
    loop = asyncio.get_running_loop()
    run.gave = {change.address: loop.create_future() for change in plan.changes}
    for change in plan.changes:
        run.tasks[change.address] = asyncio.create_task(run.change(change))
    try:
        outcomes = await asyncio.gather(*run.tasks.values())
    finally:
        # Where this is cancelled, or fails by itself, no change may go on behind the caller's back.
        for task in run.tasks.values():
            task.cancel()
        await asyncio.gather(*run.tasks.values(), return_exceptions=True)
    return Applied(tuple(outcomes), run.halted)


@dataclass(slots=True)
class _Attempt:
    """How far a change is.

    ``seen`` are the fields of the live object as it was last read, None for as planned; ``is_fresh`` says that nothing
    was written since.
    """

    change: Change
    live: Live = None
    seen: Fields | None = None
    is_fresh: bool = False
    begun: list[Step] = field(default_factory=list)
    done: list[Step] = field(default_factory=list)

    def ended(self, status: Status, detail: str = "", remedy: str = "") -> Outcome:
        return Outcome(self.change, status, len(self.done), detail, remedy)


@dataclass(slots=True)
class _Run:
    performer: Performer
    clock: Clock
    journal: Journal
    progress: Progress
    slots: asyncio.Semaphore
    gates: tuple[WriteGate, ...]
    writes_sent: Callable[[], int]
    halted: str = field(default="")
    tasks: dict[Address, asyncio.Task[Outcome]] = field(default_factory=dict)
    gave: dict[Address, asyncio.Future[bool]] = field(default_factory=dict)
    """Whether a change has made its first steps, by which it gives up its name."""

    async def change(self, change: Change) -> Outcome:
        """Make a change: its first steps at once, the others when what they wait for is done."""
        attempt = _Attempt(change)
        try:
            outcome = await self._changed(attempt)
        finally:
            if not (gave := self.gave[change.address]).done():
                gave.set_result(False)
        self.progress.finished(outcome)
        return outcome

    async def _changed(self, attempt: _Attempt) -> Outcome:
        change = attempt.change
        if change.blocked:
            return attempt.ended(Status.SKIPPED, change.blocked)
        first = [step for step in change.steps if step.first]
        rest = [step for step in change.steps if not step.first]
        ended = await self._phase(attempt, first, will_wait=bool(rest)) if first else None
        self.gave[change.address].set_result(ended is None)
        if ended is None and (rest or not first):
            why = await self._unmet(change)
            ended = attempt.ended(Status.SKIPPED, why) if why else await self._phase(attempt, rest)
        return attempt.ended(Status.DONE) if ended is None else await self._taken_back(attempt, ended)

    async def _unmet(self, change: Change) -> str:
        """Wait for what the change depends on; return what of it was not done, or nothing."""
        unmet = [address for address in change.takes_name_of if not await self.gave[address]]
        unmet += [address for address in change.depends_on if (await self.tasks[address]).status is not Status.DONE]
        return "" if not unmet else self.halted or f"{unmet[0]} was not done"

    async def _phase(self, attempt: _Attempt, steps: list[Step], *, will_wait: bool = False) -> Outcome | None:
        """Make writes, first ones each by itself; return how the change ended where one of them was not made."""
        async with self.slots:
            if self.halted:
                return attempt.ended(Status.SKIPPED, self.halted)
            if not attempt.done:
                self.progress.started(attempt.change)
            if stale := await self._guarded(attempt, self._begin(attempt)):
                return stale
            failed = await self._written(attempt, steps)
            if will_wait and failed is None:
                return await self._guarded(attempt, self._look(attempt))
            return failed

    async def _written(self, attempt: _Attempt, steps: list[Step]) -> Outcome | None:
        failures: list[Outcome] = []
        for step in steps:
            if failed := await self._guarded(attempt, self._write(attempt, step), step):
                failures.append(failed)
                if self.halted or not step.first:
                    break
        return failures[0] if failures else None

    async def _begin(self, attempt: _Attempt) -> None:
        """Read the live object again before it is written: it must be as the plan, or the first steps, left it."""
        await self._may_write()
        if attempt.change.action is not Action.CREATE:
            attempt.live = await self.performer.reread(attempt.change, attempt.seen)
            attempt.is_fresh = True

    async def _look(self, attempt: _Attempt) -> None:
        attempt.live, attempt.seen = await self.performer.read(attempt.change)
        attempt.is_fresh = True

    async def _write(self, attempt: _Attempt, step: Step, *, is_undo: bool = False) -> None:
        # Half of a move is no access: what completes it, or takes it back, is begun already.
        if not is_undo and not (attempt.begun and attempt.begun[-1].undo):
            await self._may_write()
        if step.verb.repeat.needs_live and not attempt.is_fresh:
            # It goes on top of what was written before.
            await self._look(attempt)
        self.journal.record(attempt.change.address, step.verb, "STARTED")
        attempt.is_fresh = False
        attempt.begun.append(step)
        try:
            await self._step(attempt, step)
        except Halted as error:
            self.journal.record(attempt.change.address, step.verb, "FAILED", error.message)
            raise
        self.journal.record(attempt.change.address, step.verb, "DONE")
        attempt.done.append(step)

    async def _guarded(self, attempt: _Attempt, work: Awaitable[None], step: Step | None = None) -> Outcome | None:
        """Do a part of a change; return how the change ended where it failed."""
        sent = self.writes_sent()
        try:
            await work
        except Halted as error:
            self.halted = error.message
            if self.writes_sent() > sent:
                begun = f"{error.message}; a write that was sent before may have taken effect"
                return attempt.ended(Status.FAILED, begun, error.remedy)
            return attempt.ended(Status.SKIPPED, error.message, error.remedy)
        except JournalBroken as error:
            self.halted = f"not tried: {error.message}"
            return attempt.ended(Status.FAILED, error.message, error.remedy)
        except ReconcilerError as error:
            # What one client of the platform is told says nothing about Keycloak.
            if isinstance(error, LiveSystemError) and not kind_of(attempt.change.address).is_on_platform:
                self.halted = f"not tried: {error.message}"
            return self._failed(attempt, step, error)
        return None

    def _failed(self, attempt: _Attempt, step: Step | None, error: ReconcilerError) -> Outcome:
        outcome = attempt.ended(Status.FAILED, error.message, error.remedy)
        try:
            if step is not None:
                self.journal.record(attempt.change.address, step.verb, "FAILED", error.message)
        except JournalBroken as broken:
            self.halted = f"not tried: {broken.message}"
        return outcome

    async def _taken_back(self, attempt: _Attempt, ended: Outcome) -> Outcome:
        """Take back the writes that only make sense together with those that were not made.

        One that failed may have been made all the same.
        """
        for undo in [step.undo for step in reversed(attempt.begun) if step.undo]:
            async with self.slots:
                failed = await self._guarded(attempt, self._undo(attempt, undo), undo)
            if failed:
                ended = replace(ended, detail=f"{ended.detail.rstrip('.')}; {undo.verb} failed, too: {failed.detail}")
        return ended

    async def _undo(self, attempt: _Attempt, step: Step) -> None:
        outcomes = [task.result() for task in self.tasks.values() if task.done()]
        if any(o.status is Status.DONE and attempt.change.address in o.change.takes_name_of for o in outcomes):
            return
        await self._look(attempt)
        if self.performer.writer(attempt.change.address).is_needed(step, attempt.live):
            await self._write(attempt, step, is_undo=True)

    async def _may_write(self) -> None:
        for gate in self.gates:
            await gate.check()

    async def _step(self, attempt: _Attempt, step: Step) -> None:
        """Make one write, and repeat it where that is safe and helps."""
        for number in range(ATTEMPTS):
            try:
                return await self._once(attempt, step, again=number > 0)
            except NotFound:
                if step.verb.repeat is Repeat.REMOVAL:
                    return None
                raise
            except (RequestFailed, Unreachable) as error:
                if number == ATTEMPTS - 1 or not is_worth_repeating(attempt.change, step.verb, error):
                    raise
            await self.clock.sleep(PAUSE * 2**number)
            await self._may_write()
        return None

    async def _once(self, attempt: _Attempt, step: Step, *, again: bool) -> None:
        change, repeat = attempt.change, step.verb.repeat
        writer, creates = self.performer.writer(change.address), repeat is Repeat.CREATION
        if again and creates and await writer.was_created(change, step):
            return
        if again and repeat is Repeat.MERGE:
            attempt.live = await self.performer.reread(change, attempt.seen, again=True)
        try:
            await writer.perform(change, step, attempt.live)
        except Conflict as error:
            # Keycloak may still have been at work on the attempt before when we looked.
            if again and creates and await writer.was_created(change, step):
                return
            if creates and await writer.is_hidden(change, step):
                raise hidden(change, error) from error
            raise
