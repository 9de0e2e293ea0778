"""What a saved plan is bound to, and what of it is not in force: its own ``after`` is what is desired."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from reconciler.kinds.compare import differing, known, unknowns
from reconciler.kinds.marks import is_rule
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address, sorted_addresses
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.errors import StalePlan, WrongUsage
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import DesiredState, utc_text
from reconciler.model.observed import Snapshot
from reconciler.model.plan import Moved, Movement, Plan
from reconciler.model.text import counted
from reconciler.model.value import Fields, ObservedFields, fingerprint
from reconciler.plan.context import Context
from reconciler.plan.derive import action_of, derived
from reconciler.plan.dictated import undictated
from reconciler.plan.policy import evaluated
from reconciler.plan.settings_changes import setting_risk


def check_version(made_by: str, version: str) -> None:
    """Refuse a saved plan of another version of the program, whose rules may differ.

    Raises:
        StalePlan: Another version made it.
    """
    if made_by != version:
        raise StalePlan(
            f"The plan was made by reconciler {made_by}; this is {version}, whose rules may differ.",
            remedy="Run plan again, and review it; or apply it with the version that made it.",
        )


def what_does_not_follow(saved: Plan) -> str:
    """Return what of a saved plan does not follow from what it shows; empty where all of it does.

    What the reconciler's rules say, marks included, is recomputed from what the manifests say, which is shown. Steps,
    fields, risks and order are derived again from the two sides of each change, and what policies stop from them.
    What remains is for readers: who changed a value, and where a change comes from, which policies of the base go
    by.
    """
    for change in saved.changes:
        if change.action is not action_of(change):
            return f"{change.address} is said to be {change.action}, which its two sides are not"
        if any((field.origin is None) is not (change.origin is None) for field in change.field_changes):
            return f"it says of a part of {change.address} only where it comes from"
        if path := _doubled(change):
            return f"{path} of {change.address} holds something twice"
        if path := undictated(change, saved):
            return f"{path} of {change.address} is not what the reconciler's rules and the rest of the plan make it"
    again = {change.address: change for change in derived(saved.changes, saved.realm)}
    for change in saved.changes:
        if _bare(change) != _bare(again.get(change.address)):
            return f"what would be done to {change.address} does not follow from what is shown"
    if list(again) != [change.address for change in saved.changes]:
        return "its changes are not in the order in which they are made"
    as_declared = {*saved.unchanged} - {change.address for change in saved.changes}
    if list(saved.unchanged) != sorted(as_declared, key=lambda address: address.sort_key):
        return "what is as declared stands there twice, or in another order"
    own = {change.address for change in saved.changes if kind_of(change.address).has_id(change)}
    if not own <= saved.references.keys() <= own | set(_homes(saved)):
        return "the ids that it holds are not those of what it writes"
    for each in saved.base.settings if saved.base else ():
        if each.risk != setting_risk(each.path, is_new=each.before is None):
            return f"the risk of the setting {each.path} is not the one that it has"
    if evaluated(saved, (), "").policy_hits != saved.policy_hits:
        return "what its policies stop is not what it says"
    return ""


def _doubled(change: Change) -> str:
    """Return a set that holds something twice, as Keycloak's never do, and whose items no reader is shown."""
    for path, value in (*(change.before or {}).items(), *(change.after or {}).items()):
        if is_rule(path) and isinstance(value, tuple) and len({fingerprint(each) for each in value}) < len(value):
            return path
    return ""


def _bare(change: Change | None) -> Change | None:
    """Return the change without the words that only readers need."""
    if change is None:
        return None
    fields = tuple(replace(each, attribution=None, origin=None, at_base=None) for each in change.field_changes)
    return replace(change, field_changes=fields, attribution=None, origin=None)


def _homes(saved: Plan) -> Iterator[Address]:
    """Yield the organizations that steps refer to."""
    for change in saved.changes:
        yield from kind_of(change.address).refers_to(change)


def check_binding(saved: Plan, context: Context) -> None:
    """Refuse a saved plan that was made for something else than what is configured now.

    Raises:
        WrongUsage: Keycloak's URL, the platform's, the realm, the owner or what the platform decides differ. A plan
            that asked no platform fits any, and where none is configured, none is asked.
    """
    if saved.platform_fields != context.expected.platform_fields:
        planned_fields, now_fields = (
            ", ".join(fields) or "nothing" for fields in (saved.platform_fields, context.expected.platform_fields)
        )
        raise WrongUsage(
            f"The plan was made where the platform decides {planned_fields}, but now it decides {now_fields}: nothing "
            "was written.",
            remedy="Choose the environment that it was made for (--env); where authority was changed, run plan again.",
        )
    for what, variable, planned, now in (
        ("Keycloak at", "KEYCLOAK_URL", saved.keycloak_url, context.keycloak_url),
        ("the platform at", "NT24_API_URL", saved.api_url or context.api_url, context.api_url or saved.api_url),
        ("the realm", "NT24_REALM", saved.realm, context.realm),
        ("the owner", "RECONCILER_OWNER", saved.owner, context.owner),
    ):
        if planned != now:
            raise WrongUsage(
                f"The plan was made for {what} '{planned}', but '{now}' is configured: nothing was written.",
                remedy=f"Set {variable}={planned} if that is intended; otherwise run plan again.",
            )


def check_ends(plan: Plan, now: datetime) -> None:
    """Refuse to write what was granted until a moment that has come since the plan was made.

    Raises:
        StalePlan: It names the first such grant.
    """
    ended = plan.ended_since(now)
    if ended:
        first, more = ended[0], f", and {counted(len(ended) - 1, 'more grant')}" if len(ended) > 1 else ""
        what = f"{first.path}[{first.item}]" if first.item else first.path
        raise StalePlan(
            f"The plan is stale: it grants {what} to {first.address}, which ended {utc_text(first.until)}{more}.",
            remedy="Run plan again, and review what it says now.",
        )


def clients_of(saved: Plan) -> Mapping[str, str]:
    """Return the clients that exist once the plan is applied, as far as it names them: clientId to alias."""
    staying = [change.address for change in saved.changes if change.action is not Action.DELETE]
    clients = [address for address in (*staying, *saved.unchanged) if kind_of(address).logs_in]
    return {address.name: address.names[0] for address in sorted_addresses(clients)}


def shows_effect(saved: Plan) -> bool:
    """Tell whether a client can be asked for the effect of something that the plan writes."""
    written = [change.address for change in saved.changes]
    clients = [Address.client(alias, client_id) for client_id, alias in clients_of(saved).items()]
    return any(address.contains(client) for address in written for client in clients)


def stale_message(plan: Plan, moved: tuple[Moved, ...]) -> str:
    """Return the verdict in one sentence."""
    if is_applied(plan, moved):
        return "The plan seems to have been applied already: everything matches it. Nothing was written."
    return f"The saved plan is stale: {counted(len(moved), 'resource')} changed since it was made. Nothing was written."


def is_applied(plan: Plan, moved: tuple[Moved, ...]) -> bool:
    """Tell whether everything that the plan would write is as it would make it."""
    applied = {each.address for each in moved if each.how is Movement.APPLIED}
    return len(applied) == len(moved) and applied == {change.address for change in plan.changes if not change.blocked}


def remaining(saved: Plan, snapshot: Snapshot, targets: tuple[Address, ...]) -> Plan:
    """Return what of a saved plan Keycloak or the platform does not say; with targets, only what they contain."""
    expected = Expectations(saved.platform_fields)
    situation = Situation(DesiredState(), snapshot, saved.realm, saved.owner, expected, names=saved.names)
    tables = (kind.rows(situation, ()) for kind in KINDS.values())
    live = {_key(row.address): row.before for table in tables for row in table}
    changes: list[Change] = []
    findings: list[Finding] = []
    meant = [change for change in saved.changes if _is_meant(change.address, targets)]
    for change in meant:
        kind = kind_of(change.address)
        if change.blocked:
            continue
        before = live.get(_key(change.address)) or kind.observed(change, snapshot)
        findings += _unreadable(change.address, before or {})
        if left := _left(change, before, kind.set_again(change.address, before or {}, snapshot)):
            changes.append(left)
    for kind in KINDS.values():
        written = [change.address for change in meant if change.address.kind is kind.kind]
        findings += kind.findings_of_saved(saved, written, situation, changes)
    return Plan(
        realm=saved.realm,
        owner=saved.owner,
        created_at=snapshot.taken_at,
        changes=tuple(changes),
        unchanged=(),
        findings=tuple(sorted(set(findings), key=lambda finding: finding.sort_key)),
        unmanaged=(),
        read_failures=snapshot.read_failures,
        references={},
        names=saved.names,
        asked_effective=bool(snapshot.effective),
        keycloak_url=saved.keycloak_url,
        api_url=saved.api_url,
        targets=targets,
        platform_fields=saved.platform_fields,
    )


def _key(address: Address) -> tuple[str, tuple[str, ...]]:
    # Where a client's membership is gone, nothing live says which organization it belongs to.
    return address.kind, address.identity


def _is_meant(address: Address, targets: tuple[Address, ...]) -> bool:
    return not targets or any(target.contains(address) for target in targets)


def _left(change: Change, live: ObservedFields | None, fixed: Collection[str]) -> Change | None:
    """Return what is still to do for one resource; ``fixed`` is what a client policy sets again with each write."""
    if change.after is None:
        return None if live is None else _change(change.address, Action.DELETE, known(live), None, ())
    if live is None:
        return _change(change.address, Action.CREATE, None, change.after, sorted(change.after))
    kind = kind_of(change.address)
    hidden = unknowns(live).keys() | kind.fields.secret_ends | kind.left_alone(change.before or {}, change.after)
    paths = [path for path in differing(known(live), change.after) if path not in {*hidden, *fixed}]
    return _change(change.address, Action.UPDATE, known(live), change.after, paths) if paths else None


def _change(
    address: Address, action: Action, before: Fields | None, after: Fields | None, paths: Iterable[str]
) -> Change:
    old, new = before or {}, after or {}
    fields = tuple(FieldChange(path, old.get(path), new.get(path), Reason.KEYCLOAK_CHANGED) for path in paths)
    return Change(address, action, before, after, fields, ())


def _unreadable(address: Address, live: ObservedFields) -> Iterator[Finding]:
    for path, reason in sorted(unknowns(live).items()):
        yield Finding(
            address,
            Code.UNVERIFIED,
            Severity.ERROR,
            FieldStatus.UNKNOWN,
            f"{path} could not be read again: {reason}",
            "Give the reconciler's client the role to read it, then run plan.",
        )
