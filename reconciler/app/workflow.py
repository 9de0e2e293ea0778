"""The order of the stages, on one screen: observe, plan, apply, verify."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from reconciler.apply.executor import execute
from reconciler.apply.new_secrets import NotedSink, deliver_new
from reconciler.apply.preflight import find_moved
from reconciler.apply.verify import Look, is_on_mock, is_open, rests_on, verify
from reconciler.diagnose.standing import takes_no_token
from reconciler.events.incremental import ReadCache
from reconciler.events.last_writes import observe_last_writes
from reconciler.kinds.effective import refused_to_all, unsettled
from reconciler.kinds.grants import in_force
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.errors import AccessRefused, NotFound
from reconciler.model.finding import FieldStatus
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.outcome import Applied, Verification
from reconciler.model.plan import Moved, Plan
from reconciler.observe.effective import observe_effective
from reconciler.observe.keycloak import observe_keycloak
from reconciler.observe.scope import Scope, scope_of
from reconciler.observe.webhooks import observe_webhooks
from reconciler.plan.context import Context
from reconciler.plan.destroy import destroying
from reconciler.plan.order import restricted
from reconciler.plan.planner import make_plan
from reconciler.plan.saved import clients_of, remaining
from reconciler.plan.since import Before, since
from reconciler.plan.targets import check_aliases
from reconciler.ports import Clock, Journal, Progress, Systems, WriteGate

_NO_CACHE: Final = ReadCache()
_BEFORE: Final = datetime.min.replace(tzinfo=UTC)
"""While Keycloak is read: nothing is asked of the time then."""
_NOTHING: Final[frozenset[Address]] = frozenset()
_FOLLOWS: Final = 10.0
"""Seconds after a write within which the platform takes the tokens of a realm, if it ever does."""
_MANY: Final = 50
"""Targets beyond which reading everything is cheaper than reading each of them closer."""


async def plan(
    desired: DesiredState, systems: Systems, context: Context, before: Before | None = None,
    refusals: "_Refusals | None" = None,
) -> Plan:  # fmt: skip
    """Observe the live systems and plan against them; with a base, say what differed before, too.

    The first look of a run, at everything, can tell whether the platform takes no token at all: after a write, it may
    be that it has not followed yet, and ``refusals`` tell.

    Raises:
        NotFound: The realm is missing, and no manifest declares it.
        AccessRefused: The platform takes the tokens of no client.
    """
    return await _planned(*destroying(desired, context), systems, before, refusals)


async def _planned(
    desired: DesiredState, context: Context, systems: Systems, before: Before | None, refusals: "_Refusals | None"
) -> Plan:
    """Plan for what is left of the manifests where something shall be destroyed."""
    snapshot = await look(desired, systems, context)
    context = replace(context, asked_effective=systems.platform is not None)
    planned = make_plan(desired, snapshot, context)
    if refusals is not None:
        refusals.check(declared_clients(desired), snapshot, planned)
    elif not context.targets:
        check_platform(declared_clients(desired), snapshot, planned)
    if before is None:
        return planned
    # What other settings lead to is of the change as well, for it changes them.
    then = replace(context, expected=before.expected or context.expected, owner=before.owner or context.owner)
    return since(planned, desired, make_plan(before.desired, snapshot, then), before)


def asked_clients(desired: DesiredState, systems: Systems) -> int:
    """Return how many clients will be asked for ``GET /v1/me``, as far as the manifests tell."""
    return 0 if systems.platform is None else sum(len(each.spec.clients) for each in desired.organizations)


async def look(desired: DesiredState, systems: Systems, context: Context) -> Snapshot:
    """Return what the live systems say, as planning needs it.

    Raises:
        WrongServer: The server is too old for anything to be in force.
        WrongUsage: Organizations lack a domain, which the server needs.
        NotFound: The realm is missing, and no manifest declares it.
    """
    snapshot = await observe(systems, scope_of(desired, context.targets, context.owner))
    check_realm(desired, snapshot, context)
    for kind in KINDS.values():
        kind.check_server(desired, snapshot, context.means)
    return await with_last_writes(desired, systems, snapshot, context)


async def with_last_writes(desired: DesiredState, systems: Systems, snapshot: Snapshot, context: Context) -> Snapshot:
    """Return the snapshot with when the organizations were last written whose effect differs."""
    aliases = unsettled(in_force(desired, snapshot.taken_at), snapshot, context.expected)
    return (
        replace(snapshot, written=await observe_last_writes(systems.admin, snapshot, aliases)) if aliases else snapshot
    )


def check_realm(desired: DesiredState, snapshot: Snapshot, context: Context) -> None:
    """Refuse to plan for a realm that is missing, and that no manifest declares; or where a name is ambiguous there.

    Raises:
        NotFound: It is missing.
        WrongUsage: What was named by a UUID is the alias of another organization.
    """
    check_aliases(context.by_uuid, snapshot.organizations)
    if snapshot.realm is None and desired.realm is None:
        raise NotFound(
            f"Keycloak has no realm '{context.realm}'.",
            remedy=f"Declare it (kind: Realm, metadata: {{name: {context.realm}}}), or name another by NT24_REALM.",
        )


def check_platform(clients: Iterable[Address], snapshot: Snapshot, planned: Plan) -> None:
    """Refuse to go on where the platform takes no token of this realm: no effect could ever be seen.

    Raises:
        AccessRefused: It takes none, and no change that is planned explains that.
    """
    if why := refused_to_all(clients, snapshot, planned.changes, planned.realm):
        raise AccessRefused(why, remedy=f"{takes_no_token(planned.realm)} Without the platform: --no-effective.")


@dataclass(slots=True)
class _Refusals:
    """Notice, look by look after a write, that the platform takes no token, and that waiting does not help."""

    clock: Clock
    since: float | None = None
    has_taken: bool = False

    def check(self, clients: Iterable[Address], snapshot: Snapshot, planned: Plan) -> None:
        """Refuse to wait for a platform that has taken no token of those that it was asked with since the first look.

        Raises:
            AccessRefused: It has not for as long as it may take to follow.
        """
        found = tuple(clients)
        self.has_taken |= not refused_to_all(found, snapshot, planned.changes, planned.realm)
        now = self.clock.monotonic()
        self.since = now if self.since is None else self.since
        if not self.has_taken and now - self.since >= _FOLLOWS:
            check_platform(found, snapshot, planned)


def declared_clients(desired: DesiredState) -> Iterator[Address]:
    """Yield the addresses of the clients that the manifests declare."""
    return (
        Address.client(each.name, client.client_id) for each in desired.organizations for client in each.spec.clients
    )


async def apply(
    planned: Plan,
    systems: Systems,
    journal: Journal,
    progress: Progress,
    parallelism: int,
    gates: Iterable[WriteGate] = (),
) -> Applied:
    """Make the changes of a plan, as long as every gate is open; secrets of new clients go to the sink."""
    sides = systems.admin, systems.platform, systems.clock
    sink = None if systems.sink is None else NotedSink(systems.sink)
    applied = await execute(planned, *sides, journal, progress, parallelism, gates, sink, systems.writes_sent)
    if sink is not None and systems.secrets is not None:
        applied = await deliver_new(applied, systems.secrets, sink, journal)
    return applied if sink is None else sink.noted(applied)


async def moved_since(saved: Plan, systems: Systems, parallelism: int) -> tuple[Moved, ...]:
    """Return what is no longer as a saved plan saw it; nothing of the plan may be written unless this is empty."""
    return await find_moved(saved, systems.admin, systems.platform, parallelism)


def replanned(desired: DesiredState, systems: Systems, context: Context) -> Look:
    """Return what plans again for the manifests, until nothing is left."""
    refusals = _Refusals(systems.clock)
    # What shall go was named once: what was written is looked at, and may stay.
    left, meant = destroying(desired, context)

    async def look(targets: tuple[Address, ...]) -> Plan:
        found = await _planned(left, replace(meant, targets=targets or meant.targets), systems, None, refusals)
        return _of_what_was_meant(found, targets, meant) if targets and meant.targets else found

    return look


def _of_what_was_meant(found: Plan, written: tuple[Address, ...], meant: Context) -> Plan:
    """Return the plan without what was neither written nor meant: an organization that was needed contains more."""
    wanted = {*written, *(change.address for change in restricted(found.changes, meant.targets))}
    return replace(
        found,
        changes=tuple(change for change in found.changes if change.address in wanted),
        findings=tuple(each for each in found.findings if each.address in wanted or meant.means(each.address)),
    )


def reread(saved: Plan, systems: Systems) -> Look:
    """Return what reads again what a saved plan wrote, until it is as the plan says."""
    refusals, clients = _Refusals(systems.clock), clients_of(saved)

    async def look(targets: tuple[Address, ...]) -> Plan:
        snapshot = await observe(systems, Scope(clients, targets, saved.owner))
        left = remaining(saved, snapshot, targets)
        refusals.check((Address.client(alias, client_id) for client_id, alias in clients.items()), snapshot, left)
        return left

    return look


async def prove(
    planned: Plan,
    look: Look,
    systems: Systems,
    progress: Progress,
    patience: float,
    failed: frozenset[Address] = _NOTHING,
) -> Verification:
    """Look at what was applied again until it holds and is in force, at most ``patience`` seconds; not what failed."""
    written = [change.address for change in planned.changes if change.address not in failed]
    awaited = [f.address for f in planned.findings if is_open(f) and not rests_on(f.address, failed)]
    if not written and not awaited:
        return Verification((), (), 0.0, is_on_mock(planned), failed)
    forget_tokens(systems, written)
    hopeless = frozenset(f for f in planned.findings if f.status is FieldStatus.OVERRIDDEN)
    return await verify(look, _few(written + awaited), systems.clock, progress, patience, hopeless, failed)


def forget_tokens(systems: Systems, written: Iterable[Address]) -> None:
    """Ask the platform with new tokens for the clients that were written: theirs name the organization of before."""
    if systems.platform is not None:
        systems.platform.forget_tokens(address.name for address in written if kind_of(address).logs_in)


def _few(addresses: Sequence[Address]) -> tuple[Address, ...]:
    return sorted_addresses(addresses) if len(addresses) <= _MANY else ()


async def observed_keycloak(systems: Systems, scope: Scope, cache: ReadCache = _NO_CACHE) -> Snapshot:
    """Return what Keycloak says of the scope, as of its own time, which the first token tells."""
    snapshot = await observe_keycloak(systems.admin, scope, _BEFORE, cache)
    return replace(snapshot, taken_at=systems.clock.now())


async def observe(systems: Systems, scope: Scope) -> Snapshot:
    """Return what the live systems say of the scope."""
    snapshot = await observed_keycloak(systems, scope)
    if systems.platform is None:
        return snapshot
    effective, webhooks = await asyncio.gather(
        observe_effective(systems.platform, scope, snapshot.clients.values()),
        observe_webhooks(systems.platform, scope, snapshot),
    )
    return replace(snapshot, effective=effective, webhooks=webhooks)
