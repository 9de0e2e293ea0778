"""Look at everything that a saved plan would write, before the first write: it must be as it was planned."""

import asyncio
from dataclasses import dataclass

from reconciler.apply.performer import Live, Performer
from reconciler.kinds.marks import is_mark
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.organization import people
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.errors import NotFound
from reconciler.model.moved import Moved, Movement
from reconciler.model.observed import OrganizationObservation, RealmObservation
from reconciler.model.plan import Plan
from reconciler.model.value import Fields, fingerprint
from reconciler.ports import AdminApi, Clock, PlatformApi


async def find_moved(
    plan: Plan, admin: AdminApi, platform: PlatformApi | None, clock: Clock, parallelism: int
) -> tuple[Moved, ...]:
    """Return, in the plan's order, what is no longer as it was planned; empty means that the plan still holds.

    Every object that would be written is read again, and every organization that a membership refers to.
    """
    flight = _Preflight(plan, Performer(admin, platform, clock, dict(plan.references)))
    slots = asyncio.Semaphore(parallelism)
    writes = [change for change in plan.changes if not change.blocked]
    written = {change.address for change in writes}
    others = [a for a in plan.references if a.kind is Kind.ORGANIZATION and a not in written]

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
            return self._absent(change)
        if change.action is Action.CREATE:
            applied = not _differing(change.after or {}, now)
            return Moved(change.address, Movement.APPLIED if applied else Movement.EXISTS)
        if fingerprint(now) != change.precondition:
            if change.after is not None and not _differing(change.after, now):
                return Moved(change.address, Movement.APPLIED)
            return Moved(change.address, Movement.CHANGED, _differing(change.before or {}, now))
        if self.plan.references.get(change.address, _id(live)) != _id(live) or _is_another(live, change.address):
            return Moved(change.address, Movement.REPLACED)
        return await self._accounts(change, _id(live))

    async def _accounts(self, change: Change, live_id: str) -> Moved | None:
        """Find accounts that would be deleted, although the plan does not say so."""
        ended = people.ended_memberships(change.steps)
        if ended is None:
            return None
        members = await self.performer.admin.members(live_id)
        managed = {each["username"] for each in members if people.is_managed(each)}
        planned = people.names((change.before or {}).get(people.MANAGED))
        further = sorted(managed - {*planned}) if ended == () else sorted(managed & {*ended} - {*planned})
        if not further:
            return None
        field = FieldChange(people.MANAGED, planned or None, (*planned, *further), Reason.KEYCLOAK_CHANGED)
        return Moved(change.address, Movement.CHANGED, (field,))

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
        try:
            live = await organization.read(self.performer.admin, self.plan.references[address])
        except NotFound:
            return Moved(address, Movement.GONE)
        return Moved(address, Movement.REPLACED) if _is_another(live, address) else None


def _differing(before: Fields, now: Fields) -> tuple[FieldChange, ...]:
    """Return the fields that differ; the marks only where nothing else does."""
    # Who else is a member is the planner's own knowledge, and no field of the organization.
    paths = sorted(path for path in before.keys() | now.keys() if path not in people.KNOWN_BY_PLANNER)
    moved = [path for path in paths if before.get(path) != now.get(path)]
    shown = [path for path in moved if not is_mark(path)] or moved
    return tuple(FieldChange(path, before.get(path), now.get(path), Reason.KEYCLOAK_CHANGED) for path in shown)


def _is_another(live: Live, address: Address) -> bool:
    """Tell whether the id in the plan is that of another organization than the one that it names."""
    return isinstance(live, OrganizationObservation) and live.alias != address.name


def _id(live: Live) -> str:
    return "" if live is None or isinstance(live, RealmObservation) else live.id
