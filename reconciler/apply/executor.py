"""Execute a plan: concurrent where its graph allows, one write at a time per resource."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from reconciler.apply.performer import Live, Performer
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, Step, Verb
from reconciler.model.errors import (
    Conflict,
    Halted,
    JournalBroken,
    LiveSystemError,
    NotFound,
    OutcomeUnknown,
    ReconcilerError,
    RequestFailed,
    Unreachable,
)
from reconciler.model.outcome import Applied, Outcome, Status
from reconciler.model.plan import Plan
from reconciler.ports import AdminApi, Clock, Journal, Permit, PlatformApi, Progress, SecretSink

_ATTEMPTS: Final = 4
_PAUSE: Final = 0.5
"""Seconds before a second attempt; doubled with each further one."""

_CREATIONS: Final = frozenset({Verb.CREATE_REALM, Verb.CREATE_ORGANIZATION, Verb.CREATE_CLIENT})
"""Writes that are looked for before they are repeated."""
_UPDATES: Final = frozenset({Verb.UPDATE_REALM, Verb.UPDATE_ORGANIZATION, Verb.UPDATE_CLIENT, Verb.UPDATE_WEBHOOK})
"""Writes of a merged whole: they are read and merged again before they are repeated. All others read for themselves,
or mean the same when they are repeated."""
_POSTS: Final = _CREATIONS | {
    Verb.PUT_ORGANIZATION_SCOPE,
    Verb.PUT_SCOPE_MAPPERS,
    Verb.ADD_DEFAULT_ROLE,
    Verb.ADD_SCOPE_MAPPING,
    Verb.GRANT_ROLE,
    Verb.JOIN_ORGANIZATION,
}
"""Writes that send a POST, which nobody below us repeats where no answer came."""
_REMOVALS: Final = frozenset(
    {
        Verb.REMOVE_SCOPE_MAPPER,
        Verb.REMOVE_MAPPING_OF_SCOPE,
        Verb.REMOVE_DEFAULT_ROLE,
        Verb.DELETE_ORGANIZATION,
        Verb.REMOVE_MEMBER,
        Verb.UNLINK_IDENTITY_PROVIDER,
        Verb.DELETE_ORGANIZATION_GROUP,
        Verb.DELETE_CLIENT,
        Verb.REMOVE_CLIENT_SCOPE,
        Verb.DELETE_CLIENT_ROLE,
        Verb.REMOVE_SCOPE_MAPPING,
        Verb.REVOKE_ROLE,
        Verb.UNREGISTER_NODE,
        Verb.LEAVE_GROUP,
        Verb.UNLINK_SERVICE_ACCOUNT,
        Verb.LEAVE_ORGANIZATION,
        Verb.DELETE_WEBHOOK,
        Verb.UNMARK_WEBHOOK,
    }
)
"""Writes that are done where there is nothing to remove: a removal may be repeated below us when its answer is lost."""
_ON_THE_PLATFORM: Final = frozenset({Verb.CREATE_WEBHOOK, Verb.UPDATE_WEBHOOK, Verb.DELETE_WEBHOOK})
"""Writes to the platform, which follows Keycloak some seconds late."""


async def execute(
    plan: Plan,
    admin: AdminApi,
    platform: PlatformApi | None,
    clock: Clock,
    journal: Journal,
    progress: Progress,
    parallelism: int,
    permits: Iterable[Permit] = (),
    sink: SecretSink | None = None,
    writes_sent: Callable[[], int] = lambda: 0,
) -> Applied:
    """Make the plan's changes and return how each one ended; an error ends its own change, not the others.

    Each of ``permits`` is asked before every write; once one says no, nothing more is begun. A write may also be
    halted on its way; ``writes_sent`` tells how many of the present task were not. The secrets of new webhooks go to
    the ``sink``.
    """
    run = _Run(
        Performer(admin, platform, clock, dict(plan.references), sink),
        clock,
        journal,
        progress,
        asyncio.Semaphore(parallelism),
        tuple(permits),
        writes_sent,
    )
    tasks: dict[Address, asyncio.Task[Outcome]] = {}
    # In the plan's order a change comes after all that it depends on.
    for change in plan.changes:
        needs = [tasks[address] for address in change.depends_on]
        tasks[change.address] = asyncio.create_task(run.change(change, needs))
    try:
        outcomes = await asyncio.gather(*tasks.values())
    finally:
        # Where this is cancelled, or fails by itself, no change may go on behind the caller's back.
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return Applied(tuple(outcomes), run.halted)


@dataclass(slots=True)
class _Run:
    performer: Performer
    clock: Clock
    journal: Journal
    progress: Progress
    slots: asyncio.Semaphore
    permits: tuple[Permit, ...]
    writes_sent: Callable[[], int]
    halted: str = field(default="")

    async def change(self, change: Change, needs: list[asyncio.Task[Outcome]]) -> Outcome:
        for need in needs:
            outcome = await need
            if outcome.status is not Status.DONE:
                return self._skip(change, self.halted or f"{outcome.change.address} was not done")
        if change.blocked:
            return self._skip(change, change.blocked)
        async with self.slots:
            if self.halted:
                return self._skip(change, self.halted)
            self.progress.started(change)
            outcome = await self._attempt(change)
        self.progress.finished(outcome)
        return outcome

    def _skip(self, change: Change, why: str) -> Outcome:
        outcome = Outcome(change, Status.SKIPPED, 0, why)
        self.progress.finished(outcome)
        return outcome

    async def _attempt(self, change: Change) -> Outcome:
        done, sent = 0, self.writes_sent()
        try:
            await self._may_write()
            live = None if change.action is Action.CREATE else await self.performer.reread(change)
            for step in change.steps:
                sent = self.writes_sent()
                await self._may_write()
                await self._journalled(change, step, live)
                done += 1
        except Halted as error:
            self.halted = error.message
            if self.writes_sent() > sent:
                begun = f"{error.message}; a write that was sent before may have taken effect"
                return Outcome(change, Status.FAILED, done, begun, error.remedy)
            return Outcome(change, Status.SKIPPED, done, error.message, error.remedy)
        except JournalBroken as error:
            self.halted = f"not tried: {error.message}"
            return Outcome(change, Status.FAILED, done, error.message, error.remedy)
        except ReconcilerError as error:
            # What one client of the platform is told says nothing about Keycloak.
            if isinstance(error, LiveSystemError) and change.address.kind is not Kind.WEBHOOK:
                self.halted = f"not tried: {error.message}"
            return self._failed(change, done, error)
        return Outcome(change, Status.DONE, done)

    async def _journalled(self, change: Change, step: Step, live: Live) -> None:
        self.journal.record(change.address, step.verb, "STARTED")
        try:
            await self._step(change, step, live)
        except Halted as error:
            self.journal.record(change.address, step.verb, "FAILED", error.message)
            raise
        self.journal.record(change.address, step.verb, "DONE")

    def _failed(self, change: Change, done: int, error: ReconcilerError) -> Outcome:
        outcome = Outcome(change, Status.FAILED, done, error.message, error.remedy)
        try:
            for step in change.steps[done : done + 1]:
                self.journal.record(change.address, step.verb, "FAILED", error.message)
        except JournalBroken as broken:
            self.halted = f"not tried: {broken.message}"
        return outcome

    async def _may_write(self) -> None:
        for permit in self.permits:
            await permit.check()

    async def _step(self, change: Change, step: Step, live: Live) -> None:
        """Make one write, and repeat it where that is safe and helps."""
        for attempt in range(_ATTEMPTS):
            try:
                return await self._once(change, step, live, again=attempt > 0)
            except NotFound:
                if step.verb in _REMOVALS:
                    return None
                raise
            except (RequestFailed, Unreachable) as error:
                if attempt == _ATTEMPTS - 1 or not _is_worth_repeating(change, step.verb, error):
                    raise
            await self.clock.sleep(_PAUSE * 2**attempt)
            await self._may_write()
        return None

    async def _once(self, change: Change, step: Step, live: Live, *, again: bool) -> None:
        if again and step.verb in _CREATIONS and await self.performer.was_created(change, step):
            return
        if again and step.verb in _UPDATES:
            live = await self.performer.reread(change, again=True)
        try:
            await self.performer.perform(change, step, live)
        except Conflict as error:
            # Keycloak may still have been at work on the attempt before when we looked.
            if again and step.verb in _CREATIONS and await self.performer.was_created(change, step):
                return
            if step.verb in _CREATIONS and await self.performer.is_hidden(change, step):
                raise hidden(change, error) from error
            raise


def hidden(change: Change, error: Conflict) -> Conflict:
    """Return the error for what cannot be created, because something is there that the login is not shown."""
    return Conflict(
        f"{change.address} exists, and this login does not see it: {error.message}",
        status=error.status,
        remedy="Give the reconciler's login the roles view-clients, view-organizations and view-users of the client "
        "realm-management; fine-grained permissions for single objects do not do. Then plan again.",
    )


def _is_worth_repeating(change: Change, verb: Verb, error: RequestFailed | Unreachable) -> bool:
    """Tell whether a write that ended like this may succeed when it is repeated.

    Keycloak may answer 409 or 500 to concurrent writers of one object (keycloak/keycloak#11588). The platform may
    refuse what this very apply has just allowed.
    """
    if isinstance(error, Unreachable):
        return verb in _POSTS
    if isinstance(error, Conflict):
        return verb not in _CREATIONS
    if error.status == HTTPStatus.FORBIDDEN and verb in _ON_THE_PLATFORM:
        return bool(change.depends_on)
    return isinstance(error, OutcomeUnknown) or (error.status is not None and error.status >= 500)
