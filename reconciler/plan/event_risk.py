"""Assess what happened, not what will be undone: the way from what was last applied to what is live.

Policies and guards go on asking for the risk of what is written; this one is for people, in reports of drift.
"""

from dataclasses import replace
from typing import Final

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.registry import kind_of
from reconciler.kinds.risk_rules import BY_HAND, high, medium
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.risk import Risk, highest
from reconciler.model.value import switch_of

_GONE: Final = high("resource-deleted", "It was deleted, with everything that it had.")
_UNMARKED: Final = medium("mark-removed", "Without the ownership mark, the resource is no longer managed.")


def with_event_risks(change: Change) -> Change:
    """Return a change that drifted, with what it means that somebody made it, and each of its fields, what is live."""
    kind = kind_of(change.address)
    if change.action is Action.CREATE:
        return replace(change, event_risk=kind.action_risks.get(Action.DELETE, _GONE))
    if change.action is Action.ADOPT:
        return replace(change, event_risk=_UNMARKED)
    fields = tuple(replace(each, event_risk=event_risk(kind, each)) for each in change.field_changes)
    return replace(change, field_changes=fields, event_risk=highest(each.event_risk or BY_HAND for each in fields))


def event_risk(kind: ResourceKind, field: FieldChange) -> Risk:
    """Return what the event of one field means: that what the manifest says became what is live. It is never none."""
    rule = kind.fields.event(field.path) or kind.fields.risk(field.path)
    found = BY_HAND if rule is None else rule(switch_of(field.after), switch_of(field.before))
    return found if found.code else BY_HAND
