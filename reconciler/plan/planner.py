"""Make the plan: a three-way decision per row, then steps, order and findings."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from reconciler.kinds import client, client_steps, organization, realm, webhook
from reconciler.kinds.marks import RULES, is_mark, is_rule, keep_applied, reason_for
from reconciler.model.address import Address, Kind
from reconciler.model.change import DRIFT, Action, Change, FieldChange, Reason, Step, Verb
from reconciler.model.layout import OWNER_MARK, SOFT_DELETED_MARK
from reconciler.model.manifest import DesiredState, utc_text
from reconciler.model.observed import Snapshot
from reconciler.model.plan import Plan
from reconciler.model.value import Fields, fingerprint
from reconciler.plan.compare import differences, differing, known, unknowns
from reconciler.plan.context import Context
from reconciler.plan.effective import effects, partner_names
from reconciler.plan.findings import find_all
from reconciler.plan.order import in_order, restricted
from reconciler.plan.risk import assessed
from reconciler.plan.rows import Row, live_ids, rows
from reconciler.plan.secrets import with_secret_ends
from reconciler.plan.webhook_rows import webhook_rows

_NOTHING: Final[Fields] = {}


def make_plan(desired: DesiredState, snapshot: Snapshot, context: Context) -> Plan:
    """Return what to do so that the live systems say what the manifests say."""
    found = rows(desired, snapshot, context.realm, context.owner, context.expected)
    judged = (with_secret_ends(row, desired, snapshot) for row in found)
    decided = [_decided(row, context, snapshot.taken_at) for row in judged]
    if context.asked_effective:
        decided += _decided_webhooks(desired, snapshot, context, decided)
    writes = [_change(row, action, context) for row, action in decided if action and action is not Action.NO_OP]
    # Where all that is known is as it shall be, and the rest could not be read, there is a hole, but no change.
    visible = [change for change in writes if change.field_changes or change.action is not Action.UPDATE]
    ordered = restricted(in_order(visible), context.targets)
    changes = [assessed(replace(change, labels=_labels(change.address, desired))) for change in ordered]
    wanted = [row.address for row, action in decided if action is Action.NO_OP]
    names = partner_names(desired, snapshot)
    return Plan(
        realm=context.realm,
        owner=context.owner,
        created_at=snapshot.taken_at,
        changes=tuple(changes),
        unchanged=tuple(sorted(filter(context.means, wanted), key=lambda address: address.sort_key)),
        findings=find_all(desired, snapshot, context, changes, names),
        unmanaged=tuple(row.address for row, action in decided if action is None),
        owners={row.address: row.marks.owner for row, action in decided if action is None and row.marks.owner},
        holes=snapshot.holes,
        references=_references(changes, (row for row, _ in decided), snapshot),
        names=names,
        asked_effective=context.asked_effective,
        keycloak_url=context.keycloak_url,
        targets=context.targets,
        platform_fields=context.expected.platform_fields,
        effects=tuple(effects(desired, snapshot, changes, context.expected)),
    )


def _decided_webhooks(
    desired: DesiredState, snapshot: Snapshot, context: Context, decided: Iterable[tuple[Row, Action | None]]
) -> list[tuple[Row, Action | None]]:
    pending = {row.address for row, action in decided if action and action is not Action.NO_OP}
    found = webhook_rows(desired, snapshot, context.realm, context.owner, pending)
    return [_decided(row, context, snapshot.taken_at) for row in found]


def _decided(row: Row, context: Context, now: datetime) -> tuple[Row, Action | None]:
    wanted = _leaving(row, context, now)
    if context.only_drift:
        wanted = _without_the_rest(wanted)
    return wanted, _action(wanted, context.owner)


def _leaving(row: Row, context: Context, now: datetime) -> Row:
    """Return the row; one of ours that is not declared wants its soft deletion where that is asked for, or was."""
    if row.after is not None or row.before is None or row.marks.owner != context.owner:
        return row
    before = known(row.before)
    was_asked_for = SOFT_DELETED_MARK in before and not context.allow_delete
    if not (context.soft_delete or was_asked_for):
        return row
    match row.address.kind:
        case Kind.REALM | Kind.ORGANIZATION:
            after = organization.soft_deleted_fields(before, utc_text(now))
        case Kind.CLIENT:
            after = client.soft_deleted_fields(before, utc_text(now))
        case Kind.WEBHOOK:
            if not row.live_id:
                return row
            after = webhook.soft_deleted_fields(before, utc_text(now))
        case _:
            assert_never(row.address.kind)
    return replace(row, after=after, is_leaving=True)


def _without_the_rest(row: Row) -> Row:
    """Return the row; where somebody changed it in Keycloak, whatever differs for another reason is left alone."""
    if row.before is None or row.after is None or row.marks.owner is None:
        return row
    before = known(row.before)
    left = {
        path
        for path in differing(before, row.after)
        if not is_mark(path) and reason_for(path, before.get(path), row.after, row.marks) not in DRIFT
    }
    if any(map(is_rule, left)):
        left.add(RULES)
    return replace(row, ignored=row.ignored | left)


def _action(row: Row, owner: str) -> Action | None:
    """Decide what happens to a row; None means that it is not ours.

    ========  ====  ==============  ========
    declared  live  owner           action
    ========  ====  ==============  ========
    yes       no                    create
    yes       yes   nobody          adopt
    yes       yes   we              update, or no-op where nothing differs
    yes       yes   somebody else   update, blocked unless takeover is allowed
    no        yes   we              delete; or softly: update, or no-op where that was done
    no        yes   anybody else    unmanaged
    ========  ====  ==============  ========
    """
    if row.before is None:
        return Action.CREATE
    if row.after is None:
        return Action.DELETE if row.marks.owner == owner else None
    if row.marks.owner is None:
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


def _change(row: Row, action: Action, context: Context) -> Change:
    before = None if row.before is None else known(row.before)
    after = None if row.after is None else _kept(row)
    hidden = unknowns(row.before or {})
    changed = tuple(path for path in differing(before or _NOTHING, after or _NOTHING) if path not in hidden)
    return Change(
        address=row.address,
        action=action,
        before=before,
        after=after,
        field_changes=_field_changes(row, changed, before or _NOTHING, after or _NOTHING),
        steps=_steps(row, action, before, after, changed),
        depends_on=row.needs,
        moved_if="" if row.own is None else fingerprint(known(row.own)),
        blocked=_blocked(row, action, context, hidden),
        renamed_from=row.renamed_from,
    )


def _field_changes(row: Row, changed: tuple[str, ...], before: Fields, after: Fields) -> tuple[FieldChange, ...]:
    # The marks always move with the fields: they are worth a word only where nothing else is, or the owner changes.
    taken_over = {OWNER_MARK} if row.after is not None and row.marks.owner is not None else set()
    paths = [path for path in changed if not is_mark(path) or path in taken_over] or list(changed)
    found: list[FieldChange] = []
    if row.renamed_from:
        key = "clientId" if row.address.kind is Kind.CLIENT else "name"
        found.append(FieldChange(key, row.renamed_from, row.address.name, Reason.MANIFEST_CHANGED))
        paths = [path for path in paths if not is_mark(path)]
    for path in paths:
        reason = Reason.NOT_DECLARED if row.after is None else _reason(row, path, before, after)
        found += [FieldChange(*parts, reason) for parts in differences(path, before.get(path), after.get(path))]
    return tuple(found)


def _reason(row: Row, path: str, before: Fields, after: Fields) -> Reason:
    reason = reason_for(path, before.get(path), after, row.marks)
    on_platform = row.address.kind is Kind.WEBHOOK and reason is Reason.KEYCLOAK_CHANGED and not is_mark(path)
    return Reason.PLATFORM_CHANGED if on_platform else reason


def _steps(
    row: Row, action: Action, before: Fields | None, after: Fields | None, changed: tuple[str, ...]
) -> tuple[Step, ...]:
    address = row.address
    match address.kind:
        case Kind.REALM:
            return realm.steps(address.name, action, before or _NOTHING, after or _NOTHING, changed)
        case Kind.ORGANIZATION:
            return organization.steps(address.name, action, before, after, changed)
        case Kind.CLIENT:
            renamed, welcome = bool(row.renamed_from), row.welcome
            return client_steps.steps(address.name, action, before, after, changed, renamed=renamed, welcome=welcome)
        case Kind.WEBHOOK:
            exists, sender, former = bool(row.live_id), row.sender, row.renamed_from
            return webhook.steps(action, after, changed, sender=sender, exists=exists, former=former)
        case _:
            assert_never(address.kind)


def _blocked(row: Row, action: Action, context: Context, hidden: Mapping[str, str]) -> str:
    owner = row.marks.owner
    if row.after is not None and owner not in {None, context.owner} and not context.allow_takeover:
        return f"it belongs to the reconciler '{owner}', not to '{context.owner}'; --allow-takeover would take it over"
    if (action is Action.DELETE or row.is_leaving) and row.marks.is_protected:
        return "lifecycle.preventDestroy was set when it was last applied; apply it with false before you remove it"
    if row.obstacle:
        return row.obstacle
    if hidden:
        path, reason = next(iter(sorted(hidden.items())))
        return f"{path} could not be read: {reason}"
    return ""


def _labels(address: Address, desired: DesiredState) -> Mapping[str, str] | None:
    if address.kind is Kind.REALM:
        return {}
    return next((each.metadata.labels for each in desired.organizations if each.name == address.names[0]), None)


def _references(changes: Iterable[Change], table: Iterable[Row], snapshot: Snapshot) -> dict[Address, str]:
    """Return the ids of the live organizations that steps refer to, and of everything that is written."""
    organizations = live_ids(snapshot)
    ids = {row.address: row.live_id for row in table if row.live_id and row.address.kind is not Kind.REALM}
    found: dict[Address, str] = {}
    for change in changes:
        if change.address in ids:
            found[change.address] = ids[change.address]
        for step in change.steps:
            if step.verb in {Verb.JOIN_ORGANIZATION, Verb.LEAVE_ORGANIZATION}:
                home = Address.organization(str(step.body["organization"]))
            elif step.verb in {Verb.MARK_WEBHOOK, Verb.UNMARK_WEBHOOK}:
                home = Address.organization(change.address.names[0])
            else:
                continue
            if home in organizations:
                found[home] = organizations[home]
    return dict(sorted(found.items(), key=lambda item: item[0].sort_key))
