"""Assess a change: the risk of each of its fields, of the whole, and what the live system does beyond it.

The rules are those of the change's kind. A restoration of what the reconciler's own rules say is a low risk, and so is
what no rule tells more of: whatever changes has a risk.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from reconciler.kinds.adoption_losses import loss_of
from reconciler.kinds.marks import is_rule
from reconciler.kinds.registry import kind_of
from reconciler.kinds.risk_rules import Rule, always, flag, high, items, low, medium, members, replaced
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK
from reconciler.model.risk import NO_RISK, Risk, highest
from reconciler.model.value import Value


def assessed(change: Change) -> Change:
    """Return the change with its consequences, the risk of each field, and its own: the highest of them all."""
    kind, deletes = kind_of(change.address), change.action is Action.DELETE
    fields = tuple(replace(f, risk=NO_RISK if deletes else _of_field(change, f)) for f in change.field_changes)
    found = tuple(kind.consequences(change))
    action = kind.action_risks.get(change.action) or ACTIONS.get(change.action, NO_RISK)
    risk = highest((action, *(field.risk for field in fields), *(each.risk for each in found)))
    return replace(change, field_changes=fields, consequences=found, risk=risk)


def _of_field(change: Change, field: FieldChange) -> Risk:
    kind = kind_of(change.address)
    rule = kind.fields.risk(field.path) or FIELDS.get(field.path) or FIELDS.get(field.path.partition(".")[0])
    found = rule(field.before, field.after) if rule is not None else NO_RISK
    if found.code:
        return found
    if rule is None and change.adopts:
        loss = loss_of(kind, field.path, field.before, field.after, change.after or {})
        return loss.risk if loss else _RULED if is_rule(field.path) else _CHANGED
    if change.action is Action.CREATE:
        # What an object is created with restores nothing.
        return _WITH_NEW
    return _RESTORED if is_rule(field.path) else _CHANGED


def _ignored(before: Value, after: Value) -> Risk:
    new = items(after) - items(before)
    return _LEFT if any(str(each).startswith("keycloak.") for each in new) else _IGNORED


_IGNORED: Final = low("fields-ignored", "Only what a manifest says is left alone, or written again.")
_LEFT: Final = high("fields-ignored", "What it names stays as it is in Keycloak, whoever changed it.")
_RESTORED: Final = low("hardening-restored", "It is reverted to the built-in default.")
_CHANGED: Final = low("field-changed", "Nothing is known to depend on it.")
_WITH_NEW: Final = low("resource-created", "It is part of the new resource.")
_RULED: Final = low("rule-applied", "It is set to the built-in default.")
_PROTECTED: Final = low("protection-set", "It cannot be deleted until that is removed.")
_TAKEN_OVER: Final = medium("owner-changed", "This reconciler manages it from now on.")
ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.CREATE: low("resource-created", "It is new."),
    Action.ADOPT: medium("resource-adopted", "It exists, and is managed from now on."),
}
"""What happens to a whole resource, unless its kind knows better."""
FIELDS: Final[Mapping[str, Rule]] = {
    OWNER_MARK: replaced(_TAKEN_OVER, _TAKEN_OVER, given=low("owner-set", "It is managed from now on.")),
    APPLIED_MARK: always(low("marks-updated", "Only ownership marks change.")),
    "labels": always(low("label-changed", "Policies that depend on the label may decide differently.")),
    "lifecycle.preventDestroy": flag(on=_PROTECTED, off=medium("protection-removed", "It can be deleted from now on.")),
    "lifecycle.ignoreChanges": _ignored,
    "lifecycle.adopt.drop": members(
        removed=lambda _: low("adoption-keeps", "Adopting no longer removes it."),
        added=lambda _: medium("adoption-drops", "Adopting removes it from the existing resource."),
    ),
}
"""What happens to a field that every kind has."""
