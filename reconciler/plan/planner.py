"""Make the plan: a three-way decision per row, then steps, order and findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from reconciler.kinds.compare import differing, known, unknowns
from reconciler.kinds.effective import effects, partner_names
from reconciler.kinds.grants import grants_of, in_force, taken_back
from reconciler.kinds.known_as import hints
from reconciler.kinds.marks import RULES, is_mark, is_rule, keep_applied, reason_for
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address, sorted_addresses, sorted_by_address
from reconciler.model.change import DRIFT, Action, Change
from reconciler.model.grant import Grant
from reconciler.model.layout import OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.manifest import DesiredState, utc_text
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.plan import Plan
from reconciler.model.url import has_no_path
from reconciler.model.value import Fields, Unknown, names_gone
from reconciler.plan.adoption import adoption_obstacle, entries_to_drop
from reconciler.plan.context import Context
from reconciler.plan.derive import derived
from reconciler.plan.findings import find_all
from reconciler.plan.ignored import all_ignored, ignoring
from reconciler.plan.obstacles import without_collisions
from reconciler.plan.order import restricted, sides, without

_NOTHING: Final[Fields] = {}


def make_plan(desired: DesiredState, snapshot: Snapshot, context: Context) -> Plan:
    """Return what to do so that the live systems say what the manifests say."""
    situation = situation_of(desired, snapshot, context)
    decided = _decided_rows(situation, context)
    unseen = next((failure.reason for failure in snapshot.sight.read_failures), "")
    writing = [(row, action) for row, action in decided if action and action is not Action.NO_OP]
    beside = [row.address for row, action in writing if context.expired and not _ends_grants(row, action, context)]
    if beside:
        writing = [each for each in writing if _ends_grants(*each, context)]
    # One manifest says what may go of all that it declares.
    may_go: dict[Address, list[str]] = {}
    for row, _ in writing:
        if _adopts(row, context):
            may_go.setdefault(row.address.home, []).extend(entries_to_drop(row, known(row.before or {}), _kept(row)))
    writes = [_change(row, action, context, may_go.get(row.address.home, ()), unseen) for row, action in writing]
    possible = without_collisions(writes, snapshot)
    labels = {each.name: each.metadata.labels for each in desired.organizations}
    labelled = (replace(c, labels=labels.get(c.address.alias) if c.address.alias else {}) for c in possible)
    wanting = restricted(derived(labelled, context.realm), context.targets)
    changes, left_out = without(wanting, context.exclude)
    wanted = [row.address for row, action in decided if action is Action.NO_OP]
    left = [row for row, action in decided if action is None]
    # What is left out still explains what differs because of it.
    findings = find_all(situation, wanting, [row for row, _ in decided], left)
    return Plan(
        realm=context.realm,
        owner=context.owner,
        created_at=snapshot.taken_at,
        changes=changes,
        unchanged=sorted_addresses(filter(context.means, wanted)),
        findings=tuple(
            each for each in findings if not any(name.contains(each.address) for name in (*context.exclude, *left_out))
        ),
        unmanaged=tuple(row.address for row in left),
        owners={row.address: row.marks.owner for row in left if row.marks.owner not in {None, context.owner}},
        read_failures=snapshot.read_failures + _unread(decided, snapshot),
        references=_references(changes, (row for row, _ in decided), snapshot),
        names=situation.names,
        asked_effective=context.asked_effective,
        keycloak_url=context.keycloak_url,
        api_url=context.api_url if context.asked_effective else "",
        targets=context.targets,
        excluded=context.exclude,
        left_out=(*left_out, *filter(context.means, beside)),
        called=frozenset(address for change in wanting for address in sides(change)),
        hints=hints((*context.targets, *context.exclude), desired, snapshot),
        destroys=context.destroy,
        expired=context.expired,
        is_fresh=True,
        grants=tuple(grant for grant in situation.grants if context.means(grant.address)),
        platform_fields=context.expected.platform_fields,
        environment=context.environment,
        login=context.login,
        revision=context.revision,
        effects=tuple(effects(situation, changes)),
    )


def situation_of(desired: DesiredState, snapshot: Snapshot, context: Context) -> Situation:
    """Return both sides, and what of the context says what they mean."""
    return Situation(
        in_force(desired, snapshot.taken_at),
        snapshot,
        context.realm,
        context.owner,
        context.expected,
        context.asked_effective,
        context.means,
        partner_names(desired, snapshot),
        tuple(grant for manifest in desired.organizations for grant in grants_of(manifest)),
    )


def _unread(decided: Iterable[tuple[Row, Action | None]], snapshot: Snapshot) -> tuple[ReadFailure, ...]:
    """Return what of resources that are not left alone no read failure of the snapshot says."""
    rows = [row for row, action in decided if action]
    return tuple(failure for row in rows for failure in kind_of(row.address).unread(row, snapshot))


def _decided_rows(situation: Situation, context: Context) -> list[tuple[Row, Action | None]]:
    taken = frozenset(each.spec.display_name for each in situation.desired.organizations)
    now = situation.snapshot.taken_at
    decided: list[tuple[Row, Action | None]] = []
    ignored = all_ignored(situation.desired, context.expected)
    ended: dict[Address, list[Grant]] = {}
    for grant in situation.grants if context.expired else ():
        if not grant.holds(now):
            ended.setdefault(grant.address, []).append(grant)
    for kind in KINDS.values():
        if context.asked_effective or not kind.is_on_platform:
            pending = {row.address for row, action in decided if action and action is not Action.NO_OP}
            found = list(kind.rows(situation, pending))
            left = (ignoring(row, ignored, now) for row in found)
            judged = (kind.judged(row, situation) for row in left)
            decided += [
                _decided(row, context, now, taken, ended.get(row.address, ()) if context.expired else None)
                for row in judged
            ]
    return decided


def _decided(
    row: Row, context: Context, now: datetime, taken: frozenset[str], ended: Sequence[Grant] | None
) -> tuple[Row, Action | None]:
    wanted = _leaving(row, context, now, taken)
    if context.only_drift:
        wanted = _without_the_rest(wanted)
    if ended is not None and wanted.before is not None and wanted.after is not None:
        ours = [each for each in ended if not (wanted.ignores(each.path) or context.expected.is_platforms(each.path))]
        wanted = replace(wanted, after=taken_back(known(wanted.before), wanted.after, ours), ignored=frozenset())
    return wanted, _action(wanted, context.owner)


def _leaving(row: Row, context: Context, now: datetime, taken: frozenset[str]) -> Row:
    """Return the row; one of ours that is not declared wants its soft deletion where that is asked for, or was.

    It gives up a display name that a manifest declares, ``taken``, and gets it back when it is declared again.
    """
    if row.after is not None or row.before is None or row.stays_in_effect or not row.marks.may_delete(context.owner):
        return row
    before = known(row.before)
    was_asked_for = SOFT_DELETED_MARK in before and not context.allow_delete
    if not (context.soft_delete or was_asked_for):
        return row
    after = kind_of(row.address).soft_deleted(row.address, before, utc_text(now), taken)
    if after is None:
        return row
    return replace(row, after=after, is_leaving=True)


def _ends_grants(row: Row, action: Action, context: Context) -> bool:
    """Tell whether a row can hold nothing but the end of grants: it is ours, and stays."""
    return action is Action.UPDATE and row.after is not None and row.marks.is_of(context.owner)


def _without_the_rest(row: Row) -> Row:
    """Return the row; where somebody changed it in Keycloak, whatever differs for another reason is left alone."""
    if row.before is None or row.after is None:
        return row
    before, after = known(row.before), row.after
    after = kind_of(row.address).without_deleted_accounts(before, after)
    if not row.marks.proves_owner:
        return replace(row, after=after)
    left = {
        path
        for path in differing(before, after)
        if not is_mark(path) and reason_for(path, before.get(path), after, row.marks) not in DRIFT
    }
    if any(map(is_rule, left)):
        left.add(RULES)
    return replace(row, after=after, ignored=row.ignored | left)


def _action(row: Row, owner: str) -> Action | None:
    """Decide what happens to a row; None means that it is not ours.

    ========  ====  ==================  ========
    declared  live  applied by          action
    ========  ====  ==================  ========
    yes       no                        create
    yes       yes   nobody, or unproven adopt
    yes       yes   us, or unread       update, or no-op where nothing differs
    yes       yes   somebody else       update, blocked unless takeover is allowed
    no        yes   us, as proven       delete; or softly: update, or no-op where that was done
    no        yes   anybody else        unmanaged
    ========  ====  ==================  ========
    """
    if row.before is None:
        return Action.CREATE
    if row.after is None:
        return Action.DELETE if row.marks.may_delete(owner) else None
    if not row.marks.proves_owner and not isinstance(row.before.get(OWNER_MARK), Unknown):
        return Action.ADOPT
    if row.renamed_from:
        return Action.UPDATE
    same = not unknowns(row.before) and not differing(known(row.before), _kept(row))
    return Action.NO_OP if same else Action.UPDATE


def _kept(row: Row) -> Fields:
    """Return the desired fields, with those that are left alone as they are live."""
    after = row.after or _NOTHING
    if not row.ignored or row.before is None:
        return after
    before = known(row.before)
    kept = {path: value for path, value in before.items() if row.ignores(path)}
    ignored = [path for path in {*before, *after, *row.marks.applied, RULES} if row.ignores(path)]
    wanted = {path: value for path, value in after.items() if not row.ignores(path)}
    return keep_applied(wanted | kept, before, ignored)


def _change(row: Row, action: Action, context: Context, may_go: Sequence[str], unseen: str) -> Change:
    hidden = unknowns(row.before or {})
    before = None if row.before is None else known(row.before)
    after = None if row.after is None else _kept(row)
    return Change(
        address=row.address,
        action=action,
        before=before,
        after=after,
        field_changes=(),
        steps=(),
        blocked=_blocked(row, action, context, hidden, unseen)
        or (adoption_obstacle(row, before or {}, after or {}, may_go) if _adopts(row, context) else ""),
        renamed_from=row.renamed_from,
        unread=tuple(sorted(hidden)),
        sender=row.sender,
        new_user_defaults=row.new_user_defaults,
    )


def _blocked(row: Row, action: Action, context: Context, hidden: Mapping[str, str], unseen: str) -> str:
    owner = row.marks.owner
    if row.after is not None and owner not in {None, context.owner} and not context.allow_takeover:
        return f"it belongs to the reconciler '{owner}', not to '{context.owner}'; --allow-takeover would take it over"
    if (action is Action.DELETE or row.is_leaving) and row.address.home in context.protected:
        return "lifecycle.preventDestroy is set in its manifest; set it to false before you destroy it"
    if (action is Action.DELETE or row.is_leaving) and row.marks.is_protected:
        return "lifecycle.preventDestroy was set when it was last applied; apply it with false before you remove it"
    if (action is Action.DELETE or row.is_leaving) and unseen:
        return f"it is unknown who still needs it: {unseen}"
    if obstacle := row.obstacle or _without_path(row):
        return obstacle
    if hidden:
        path, reason = next(iter(sorted(hidden.items())))
        return f"{path} could not be read: {reason}"
    return ""


def _without_path(row: Row) -> str:
    """Return what no request can remove, because its name is a step in a path; empty where there is nothing such."""
    if row.before is None or row.after is None:
        return ""
    before, after = known(row.before), _kept(row)
    for path, what in kind_of(row.address).fields.items.items():
        for name in names_gone(path, before, after):
            if has_no_path(name):
                return f"{what} '{name}' cannot be removed: no request can address that name; delete it manually"
    return ""


def _adopts(row: Row, context: Context) -> bool:
    """Tell whether others have set up what the row declares."""
    is_there = row.before is not None and row.after is not None
    return is_there and not row.marks.is_of(context.owner) and not row.is_leaving


def _references(changes: Iterable[Change], table: Iterable[Row], snapshot: Snapshot) -> dict[Address, str]:
    """Return the ids of the live organizations that steps refer to, and of everything that is written."""
    organizations = {Address.organization(alias): live.id for alias, live in snapshot.organizations.items()}
    ids = {row.address: row.live_id for row in table if row.live_id}
    found: dict[Address, str] = {}
    for change in changes:
        if change.address in ids:
            found[change.address] = ids[change.address]
        found |= {
            home: organizations[home] for home in kind_of(change.address).refers_to(change) if home in organizations
        }
    return dict(sorted_by_address(found))
