"""Derive steps, fields, risk and order from what a change says before and after.

Planning derives them, and so does whoever applies a saved plan: what is written is what was shown, whoever has had
the file in between. Nothing here looks at manifests or at live systems.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, assert_never

from reconciler.kinds.client import fields as client
from reconciler.kinds.client import steps as client_steps
from reconciler.kinds.client.secret_times import EXPIRES, OLD_EXPIRES
from reconciler.kinds.marks import Marks, is_mark, marks_in, reason_for
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.organization import people
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.webhook import fields as webhook
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, FieldChange, Reason, Step
from reconciler.model.layout import OWNER_MARK
from reconciler.model.value import Fields, fingerprint
from reconciler.plan.compare import differences, differing
from reconciler.plan.order import first_ones_first, in_order
from reconciler.plan.risk import assessed

_NOTHING: Final[Fields] = {}
SECRET_ENDS: Final = frozenset({client.ATTRIBUTE + EXPIRES, client.ATTRIBUTE + OLD_EXPIRES})
"""Ends of secrets that are put back."""
_PLANNED_ONLY: Final = people.KNOWN_BY_PLANNER | SECRET_ENDS
"""Fields that the planner adds to what the live object itself holds."""


# docs/decisions.md, 96: why everything that follows from the two sides is derived again.
def derived(changes: Iterable[Change], realm_name: str) -> tuple[Change, ...]:
    """Return the changes in the order in which they are made, each with all that follows from it.

    Where all that is known is as it shall be, and the rest could not be read, there is no change.
    """
    completed = (_completed(change, realm_name) for change in changes)
    visible = (change for change in completed if change.field_changes or change.action is not Action.UPDATE)
    return tuple(map(assessed, in_order(visible)))


def action_of(change: Change) -> Action:
    """Return what happens to the resource, as its two sides say."""
    if change.before is None:
        return Action.CREATE
    if change.after is None:
        return Action.DELETE
    is_ours = OWNER_MARK in change.unread or _marks(change, change.before).proves_owner
    return Action.UPDATE if is_ours else Action.ADOPT


def _marks(change: Change, before: Fields) -> Marks:
    """Return the marks of the live object, which may have another name still."""
    address = change.address
    return marks_in(
        before, replace(address, names=(address.names[0], change.renamed_from)) if change.renamed_from else address
    )


def _completed(change: Change, realm_name: str) -> Change:
    before, after = change.before or _NOTHING, change.after or _NOTHING
    changed = tuple(path for path in differing(before, after) if path not in change.unread)
    return replace(
        change,
        field_changes=tuple(_field_changes(change, changed)),
        steps=first_ones_first(_steps(change, changed)),
        depends_on=_needs(change, realm_name),
        precondition="" if change.before is None else fingerprint(own_fields(change.before)),
    )


def own_fields(before: Fields) -> Fields:
    """Return what the live object itself holds of the fields that the plan saw."""
    return {path: value for path, value in before.items() if path not in _PLANNED_ONLY}


def _needs(change: Change, realm_name: str) -> tuple[Address, ...]:
    """Return what must be there before the resource can be what it shall be."""
    if change.address.kind is Kind.REALM or (change.after is None and change.address.kind is not Kind.WEBHOOK):
        return ()
    home = change.address.home
    needs = (Address.realm(realm_name), *([home] if home != change.address else []))
    return (*needs, Address.client(home.name, change.sender)) if change.sender else needs


def _field_changes(change: Change, changed: tuple[str, ...]) -> Iterable[FieldChange]:
    before, after = change.before or _NOTHING, change.after or _NOTHING
    marks = _marks(change, before)
    # The marks always move with the fields: they are worth a word only where nothing else is, or the owner changes.
    taken_over = {OWNER_MARK} if change.after is not None and marks.owner is not None else set()
    paths = [path for path in changed if not is_mark(path) or path in taken_over] or list(changed)
    if change.renamed_from:
        key = "clientId" if change.address.kind is Kind.CLIENT else "name"
        yield FieldChange(key, change.renamed_from, change.address.name, Reason.MANIFEST_CHANGED)
        paths = [path for path in paths if not is_mark(path)]
    for path in paths:
        reason = Reason.NOT_DECLARED if change.after is None else _reason(change, path, before, after, marks)
        for parts in differences(path, before.get(path), after.get(path)):
            yield FieldChange(*parts, reason)


def _reason(change: Change, path: str, before: Fields, after: Fields, marks: Marks) -> Reason:
    reason = reason_for(path, before.get(path), after, marks)
    on_platform = change.address.kind is Kind.WEBHOOK and reason is Reason.KEYCLOAK_CHANGED and not is_mark(path)
    return Reason.PLATFORM_CHANGED if on_platform else reason


def _steps(change: Change, changed: tuple[str, ...]) -> tuple[Step, ...]:
    address, action, before, after = change.address, change.action, change.before, change.after
    match address.kind:
        case Kind.REALM:
            return realm.steps(address.name, action, before or _NOTHING, after or _NOTHING, changed)
        case Kind.ORGANIZATION:
            return organization.steps(address.name, action, before, after, changed)
        case Kind.CLIENT:
            renamed, new_user_defaults = bool(change.renamed_from), change.new_user_defaults
            return client_steps.steps(
                address.name, action, before, after, changed, renamed=renamed, new_user_defaults=new_user_defaults
            )
        case Kind.WEBHOOK:
            sender, former = change.sender, change.renamed_from
            # Where the endpoint is gone, only our mark is left.
            return webhook.steps(action, after, changed, sender=sender, exists="url" in (before or {}), former=former)
        case _:
            assert_never(address.kind)
