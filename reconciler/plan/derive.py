"""Derive steps, fields, risk and order from what a change says before and after.

Planning derives them, and so does whoever applies a saved plan: what is written is what was shown, whoever has had
the file in between. Nothing here looks at manifests or at live systems.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from reconciler.kinds.compare import differences, differing
from reconciler.kinds.marks import Marks, is_mark, marks_in, reason_for
from reconciler.kinds.registry import kind_of
from reconciler.model.change import Action, Change, FieldChange, Reason, first_ones_first
from reconciler.model.layout import OWNER_MARK
from reconciler.model.value import Fields, fingerprint
from reconciler.plan.order import in_order
from reconciler.plan.risk import assessed

_NOTHING: Final[Fields] = {}


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
        steps=first_ones_first(kind_of(change.address).steps(change, changed)),
        depends_on=kind_of(change.address).needs(change, realm_name),
        precondition="" if change.before is None else fingerprint(own_fields(change)),
    )


def own_fields(change: Change) -> Fields:
    """Return what the live object itself holds of the fields that the plan saw."""
    unseen = kind_of(change.address).fields.by_planner
    return {path: value for path, value in (change.before or _NOTHING).items() if path not in unseen}


def _field_changes(change: Change, changed: tuple[str, ...]) -> Iterable[FieldChange]:
    before, after = change.before or _NOTHING, change.after or _NOTHING
    marks = _marks(change, before)
    # The marks always move with the fields: they are worth a word only where nothing else is, or the owner changes.
    taken_over = {OWNER_MARK} if change.after is not None and marks.owner is not None else set()
    paths = [path for path in changed if not is_mark(path) or path in taken_over] or list(changed)
    if change.renamed_from:
        yield FieldChange(
            kind_of(change.address).name_field, change.renamed_from, change.address.name, Reason.MANIFEST_CHANGED
        )
        paths = [path for path in paths if not is_mark(path)]
    for path in paths:
        reason = Reason.NOT_DECLARED if change.after is None else _reason(change, path, before, after, marks)
        for parts in differences(path, before.get(path), after.get(path)):
            yield FieldChange(*parts, reason)


def _reason(change: Change, path: str, before: Fields, after: Fields, marks: Marks) -> Reason:
    reason = reason_for(path, before.get(path), after, marks)
    on_platform = kind_of(change.address).is_on_platform and reason is Reason.KEYCLOAK_CHANGED and not is_mark(path)
    return Reason.PLATFORM_CHANGED if on_platform else reason
