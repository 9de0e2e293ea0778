"""Look at everything that a saved plan would write, before the first write: it must be as it was planned."""

import asyncio
from dataclasses import dataclass

from reconciler.apply.performer import Performer
from reconciler.kinds.marks import is_mark
from reconciler.kinds.registry import kind_of
from reconciler.kinds.writing import Live, WriteContext
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.errors import NotFound
from reconciler.model.plan import Moved, Movement, Plan
from reconciler.model.value import Fields, fingerprint
from reconciler.ports import AdminApi, PlatformApi


async def find_moved(plan: Plan, admin: AdminApi, platform: PlatformApi | None, parallelism: int) -> tuple[Moved, ...]:
    """Return, in the plan's order, what is no longer as it was planned; empty means that the plan still holds.

    Every object that would be written is read again, and every organization that a membership refers to.
    """
    flight = _Preflight(plan, Performer(WriteContext(admin, platform, dict(plan.references))))
    slots = asyncio.Semaphore(parallelism)
    writes = [change for change in plan.changes if not change.blocked]
    written = {change.address for change in writes}
    others = [a for a in plan.references if a == a.home and a not in written]

    async def object_of(change: Change) -> Moved | None:
        async with slots:
            return await flight.object_of(change)

    async def referred(address: Address) -> Moved | None:
        async with slots:
            return await flight.referred(address)

    found = await asyncio.gather(*map(object_of, writes), *map(referred, others))
    return tuple(moved for moved in found if moved is not None)


@dataclass(frozen=True, slots=True)
class _Preflight:
    plan: Plan
    performer: Performer

    async def object_of(self, change: Change) -> Moved | None:
        """Compare one object with what the plan saw of it."""
        live, now = await self.performer.read(change)
        if live is None:
            return self._absent(change) or await self._unplanned(change, live)
        if change.action is Action.CREATE:
            applied = not _differing(change, change.after or {}, now)
            return Moved(change.address, Movement.APPLIED if applied else Movement.EXISTS)
        if fingerprint(now) != change.precondition:
            if change.after is not None and not _differing(change, change.after, now):
                return Moved(change.address, Movement.APPLIED)
            return Moved(change.address, Movement.CHANGED, _differing(change, change.before or {}, now))
        writer = self.performer.writer(change.address)
        if self.plan.references.get(change.address, live.id) != live.id or writer.is_another(change.address, live):
            return Moved(change.address, Movement.REPLACED)
        return await self._unplanned(change, live)

    async def _unplanned(self, change: Change, live: Live) -> Moved | None:
        field = await self.performer.writer(change.address).unplanned(change, live)
        return Moved(change.address, Movement.CHANGED, (field,)) if field else None

    def _absent(self, change: Change) -> Moved | None:
        match change.action:
            case Action.CREATE:
                return None
            case Action.DELETE:
                return Moved(change.address, Movement.APPLIED)
            case _:
                return Moved(change.address, Movement.GONE)

    async def referred(self, address: Address) -> Moved | None:
        """Look for an organization that is not written itself, but that a client joins or leaves."""
        writer = self.performer.writer(address)
        try:
            live = await writer.referred(address)
        except NotFound:
            return Moved(address, Movement.GONE)
        return Moved(address, Movement.REPLACED) if writer.is_another(address, live) else None


def _differing(change: Change, before: Fields, now: Fields) -> tuple[FieldChange, ...]:
    """Return the fields that differ; the marks only where nothing else does."""
    unseen = kind_of(change.address).fields.by_planner
    paths = sorted(path for path in before.keys() | now.keys() if path not in unseen)
    moved = [path for path in paths if before.get(path) != now.get(path)]
    shown = [path for path in moved if not is_mark(path)] or moved
    return tuple(FieldChange(path, before.get(path), now.get(path), Reason.KEYCLOAK_CHANGED) for path in shown)
