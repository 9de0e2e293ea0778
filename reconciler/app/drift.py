"""The order of the stages of ``drift``: observe what may have changed, plan, ask the platform, attribute."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from reconciler.app import workflow
from reconciler.app.passed_over import with_passed_over
from reconciler.events.attribution import actors_of, attributed, drifted_fields, runners
from reconciler.events.incremental import CheckpointTerms, ProvenCache, ReadCache
from reconciler.events.mark_history import without_never_applied
from reconciler.events.reading import newest_first
from reconciler.events.subjects import fetch_events, name_actors, subjects_of
from reconciler.kinds.client.secret_times import times_of
from reconciler.manifest.places import placed
from reconciler.manifest.positions import Sources
from reconciler.manifest.recognition import PassedOver
from reconciler.model.address import Address
from reconciler.model.attribution import EventRecord
from reconciler.model.change import Action
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.model.effective_choice import EffectiveChoice, EffectiveMode
from reconciler.model.errors import LiveSystemError, ReconcilerError
from reconciler.model.finding import FieldStatus
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.plan import Coverage, Plan, ReadMode
from reconciler.model.verdict import verdict_of
from reconciler.observe.effective import observe_effective
from reconciler.observe.scope import Scope, scope_of
from reconciler.observe.webhooks import observe_webhooks
from reconciler.plan.context import Context
from reconciler.plan.drift import agreements_left_behind, drift_of
from reconciler.plan.planner import make_plan
from reconciler.plan.sampling import chosen_clients
from reconciler.plan.targets import check_targets
from reconciler.ports import Events, Systems
from reconciler.ports.run_events import Planned
from reconciler.ports.run_events import Reading as ReadingStage

INCREMENTAL_CHOICE: Final = EffectiveChoice(EffectiveMode.SAMPLE, 20)
"""Whom an incremental run asks unless told: who changed, and a few others in turn."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How drift is looked for.

    ``choice`` is whom to ask for ``GET /v1/me``; None means all after a full read, and a sample after an incremental
    one. ``terms`` is None where nothing is remembered; ``why`` then says why everything is read.
    """

    choice: EffectiveChoice | None = None
    terms: CheckpointTerms | None = None
    checkpoint: Checkpoint | None = None
    why: str = "no state is kept (--state FILE)"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run of drift found; ``checkpoint`` is for the next one, None where nothing is remembered.

    ``secrets_end`` says until when the secrets of declared clients are good, where Keycloak keeps an end.
    """

    drift: Plan
    checkpoint: Checkpoint | None
    secrets_end: Mapping[Address, datetime]


@dataclass(frozen=True, slots=True)
class DriftRequest:
    """Look for what is not as it was last applied; ``sources`` say where the manifests declare what.

    Manifests below ``root`` are named from there.
    """

    desired: DesiredState
    context: Context
    watch: Watch
    sources: Sources = field(default_factory=Sources)
    root: Path = Path()
    passed_over: tuple[PassedOver, ...] = ()
    """The YAML beside the manifests that is none."""


async def drift(request: DriftRequest, systems: Systems, events: Events) -> Seen:
    """Say what somebody else changed, who did, and what that rests on.

    Raises:
        NotFound: The realm is missing, and no manifest declares it.
        WrongUsage: A target is neither declared nor there.
    """
    with events.during(ReadingStage()):
        seen = await _look(request.desired, systems, request.context, request.watch)
    check_targets(request.desired, seen.drift)
    found = with_passed_over(placed(seen.drift, request.sources, request.root), request.passed_over)
    seen = replace(seen, drift=found)
    events.tell(Planned(seen.drift))
    return seen


def report_of(found: Seen | ReconcilerError, context: Context, at: datetime, seconds: float) -> DriftReport:
    """Return the report of a run that saw this, or failed so, after so many ``seconds``."""
    if isinstance(found, ReconcilerError):
        state = DriftState.UNREACHABLE if isinstance(found, LiveSystemError) else DriftState.FAILED
        return DriftReport(context.realm, context.owner, at, seconds, state, error=found.message)
    plan, required = found.drift, context.expected.dpa
    return DriftReport(
        realm=context.realm,
        owner=context.owner,
        at=at,
        seconds=seconds,
        state=DriftState.of(verdict_of(plan)),
        drift=plan,
        secrets_end=found.secrets_end,
        dpa_due=dict.fromkeys(agreements_left_behind(plan), required.deadline) if required else {},
    )


async def _look(desired: DesiredState, systems: Systems, context: Context, watch: Watch) -> Seen:
    sent = systems.admin.sent
    scope = scope_of(desired, context.targets, context.owner)
    cache = _cache(systems, watch)
    snapshot = await workflow.observed_keycloak(systems, scope, cache)
    workflow.check_realm(desired, snapshot, context)
    stored = make_plan(desired, snapshot, replace(context, asked_effective=False))
    snapshot, coverage, last = await _with_effective(desired, systems, scope, snapshot, stored, cache, watch)
    asked = systems.platform is not None and coverage.effective != EffectiveMode.NONE
    snapshot = await workflow.with_last_writes(desired, systems, snapshot, context)
    plan = make_plan(desired, snapshot, replace(context, asked_effective=asked))
    if not context.targets:
        workflow.check_platform(workflow.declared_clients(desired), snapshot, plan)
    drift, gap = await _with_attribution(drift_of(plan), systems, snapshot, cache, watch)
    coverage = replace(coverage, unattributed=gap, requests=systems.admin.sent - sent)
    remembered = _remembered(cache, watch, drift, snapshot, last)
    return Seen(replace(drift, coverage=coverage), remembered, _secrets_end(scope, snapshot))


def _secrets_end(scope: Scope, snapshot: Snapshot) -> dict[Address, datetime]:
    times = {
        Address.client(alias, client): times_of(snapshot.clients[client].representation).expires
        for client, alias in scope.clients.items()
        if client in snapshot.clients
    }
    return {address: end for address, end in times.items() if end is not None}


def _cache(systems: Systems, watch: Watch) -> ReadCache:
    if watch.terms is None:
        return ReadCache()
    return ProvenCache(systems.admin, watch.checkpoint, watch.terms, systems.clock.now(), watch.why)


async def _with_effective(
    desired: DesiredState,
    systems: Systems,
    scope: Scope,
    snapshot: Snapshot,
    stored: Plan,
    cache: ReadCache,
    watch: Watch,
) -> tuple[Snapshot, Coverage, str]:
    """Return the snapshot with the answers of those that are asked, the basis, and whose turn was last."""
    reading, why, events, again = ReadMode.FULL, watch.why, 0, 0
    if isinstance(cache, ProvenCache):
        reading, why, events, again = cache.reading, cache.why, len(cache.events), cache.read_again
    incremental = reading is ReadMode.INCREMENTAL
    choice = watch.choice or (INCREMENTAL_CHOICE if incremental else EffectiveChoice(EffectiveMode.ALL))
    if systems.platform is None:
        choice = EffectiveChoice(EffectiveMode.NONE)
    last = watch.checkpoint.asked if watch.checkpoint else ""
    changed = _changed(desired, snapshot, stored, cache, watch)
    clients, last = chosen_clients(choice, scope.clients, changed, last, snapshot.taken_at)
    if systems.platform is not None and clients:
        wanted = [client for client in snapshot.clients.values() if client.client_id in clients]
        homes = {scope.clients[client] for client in clients}
        near = {alias: live for alias, live in snapshot.organizations.items() if alias in homes or not incremental}
        effective, webhooks = await asyncio.gather(
            observe_effective(systems.platform, scope, wanted),
            observe_webhooks(systems.platform, scope, replace(snapshot, organizations=near)),
        )
        snapshot = replace(snapshot, effective=effective, webhooks=webhooks)
    coverage = Coverage(
        reading=reading,
        why="" if incremental else why,
        last_full=watch.checkpoint.full_at if incremental and watch.checkpoint else snapshot.taken_at,
        events=events,
        read_again=again,
        effective=str(choice),
        asked=len(snapshot.effective),
        clients=len(scope.clients),
    )
    return snapshot, coverage, last


def _changed(desired: DesiredState, snapshot: Snapshot, stored: Plan, cache: ReadCache, watch: Watch) -> frozenset[str]:
    """Return the declared clients whose effect may have changed since the last run, or was not as it should be."""
    addresses = {change.address for change in stored.changes}
    if isinstance(cache, ProvenCache):
        touched = cache.touched_objects
        addresses |= {Address.organization(a) for a, live in snapshot.organizations.items() if live.id in touched}
        touched_clients = {client for client, live in snapshot.clients.items() if live.id in touched}
    else:
        touched_clients = set()
    of = {c.client_id: org.name for org in desired.organizations for c in org.spec.clients}
    found = {
        client
        for client, alias in of.items()
        if client in touched_clients
        or Address.organization(alias) in addresses
        or Address.client(alias, client) in addresses
    }
    if watch.checkpoint is not None:
        found |= {*watch.checkpoint.troubled} | (
            of.keys() - {each.client_id for each in watch.checkpoint.clients.values()}
        )
    return frozenset(found)


async def _with_attribution(
    drift: Plan, systems: Systems, snapshot: Snapshot, cache: ReadCache, watch: Watch
) -> tuple[Plan, str]:
    """Return the drift with who caused it, and why nobody can be named, if so."""
    if not drift.changes:
        return drift, ""
    representation = snapshot.realm.representation if snapshot.realm else {}
    if not representation.get("adminEventsEnabled"):
        return without_never_applied(drift, {}, EventRecord(())), "the realm records no admin events"
    subjects = subjects_of(snapshot, watch.checkpoint, (change.address for change in drift.changes))
    unmarked = {change.address for change in drift.changes if change.action is Action.ADOPT}
    subjects = {a: replace(subject, was_another=a in unmarked) for a, subject in subjects.items()}
    own = frozenset(filter(None, [(await systems.admin.login()).user_id]))
    record = replace(_record(cache, watch), own=own)
    actors, unexplained = actors_of(drift, subjects, record)
    gap = ""
    if unexplained:
        answer = await fetch_events(systems.admin, {a: subjects[a] for a in unexplained})
        gap = f"{answer.failure} {answer.remedy}".rstrip()
        record = replace(record, events=newest_first((*record.events, *answer.events)), is_whole=answer.is_whole)
        actors, unexplained = actors_of(drift, subjects, record)
    if not gap and unexplained and not representation.get("adminEventsDetailsEnabled"):
        gap = "the realm's admin events hold no details (adminEvents.details)"
    names = await name_actors(systems.admin, actors)
    record = replace(record, own=own | runners(record.events, names))
    return without_never_applied(attributed(drift, subjects, record, names), subjects, record), gap


def _record(cache: ReadCache, watch: Watch) -> EventRecord:
    if not isinstance(cache, ProvenCache) or cache.reading is ReadMode.FULL or watch.checkpoint is None:
        return EventRecord(())
    return EventRecord(cache.events, cache.events, watch.checkpoint.drifted)


def _remembered(cache: ReadCache, watch: Watch, drift: Plan, snapshot: Snapshot, last: str) -> Checkpoint | None:
    if not isinstance(cache, ProvenCache) or cache.checkpoint is None:
        return None
    before = watch.checkpoint
    wrong = {f.address.name for f in drift.findings if f.status is not FieldStatus.IN_SYNC} & snapshot.effective.keys()
    still = {*(before.troubled if before else ())} - snapshot.effective.keys()
    return replace(
        cache.checkpoint,
        asked=last,
        troubled=tuple(sorted(wrong | still)),
        drifted=drifted_fields(drift),
        state=before.state if before else "",
    )
