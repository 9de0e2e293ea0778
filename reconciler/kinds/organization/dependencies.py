"""What an organization waits for, and how its display name passes to another one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from reconciler.kinds.client.fields import ORGANIZATIONS
from reconciler.kinds.marks import is_mark
from reconciler.kinds.organization.representation import placeholder
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change, Step, Verb, first_ones_first
from reconciler.model.layout import SOFT_DELETED_MARK
from reconciler.model.value import Fields, Value

_NAME: Final = "name"
"""An organization's display name in Keycloak's representation."""


def what_leaves_with(address: Address, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
    """Return what goes before an organization that leaves: all of its own, and the clients that move elsewhere."""
    own = [each for each in leaving if each != address and address.contains(each)]
    return own + [each for each in changes.keys() - leaving if _moves_out(changes[each], address.name)]


def leaving_clients(alias: str, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
    """Return the clients of the organization that move out of it, or go altogether."""
    return [each for each in changes if _leaves(changes[each], alias, leaving)]


def _leaves(change: Change, alias: str, leaving: set[Address]) -> bool:
    is_its_own = change.address.kind is Kind.CLIENT and change.address.names[0] == alias
    return _moves_out(change, alias) or (is_its_own and change.address in leaving)


def _moves_out(change: Change, alias: str) -> bool:
    """Tell whether the change moves a client out of the organization, or may: where nothing says what it is in."""
    before, after = _organizations(change.before), _organizations(change.after)
    may_be_in = alias in before or (change.before is not None and ORGANIZATIONS in change.unread)
    return change.address.kind is Kind.CLIENT and may_be_in and alias not in (after or change.address.names[:1])


def _organizations(fields: Fields | None) -> tuple[object, ...]:
    found = (fields or {}).get(ORGANIZATIONS)
    return found if isinstance(found, tuple) else ()


def taking_late(change: Change) -> Change:
    """Return the change with the write of its display name after whatever waits for nothing."""
    steps: list[Step] = []
    for step in change.steps:
        if step.verb is Verb.UPDATE_ORGANIZATION and step.first and _NAME in step.body and step.undo is None:
            early, late = _split(step.body)
            steps += [replace(step, body=early), Step(step.verb, late)]
        else:
            steps.append(step)
    return replace(change, steps=first_ones_first(steps))


def _split(body: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return an update without the name, and one of the name with our marks, which say that all is done."""
    attributes = body.get("attributes")
    held = attributes if isinstance(attributes, Mapping) else {}
    early = {key: value for key, value in held.items() if not is_mark(key)}
    marks = {key: value for key, value in held.items() if is_mark(key)}
    rest = {key: value for key, value in body.items() if key not in {_NAME, "attributes"}}
    return rest | ({"attributes": early} if early else {}), {_NAME: body[_NAME], "attributes": marks}


def giving_first(change: Change) -> Change:
    """Return the change with a write in front that gives its display name up."""
    if not change.steps:
        return change
    before, after = change.before or {}, change.after or {}
    is_lasting = SOFT_DELETED_MARK in after
    name = after["displayName"] if is_lasting else placeholder(change.address.name)
    undo = Step(Verb.UPDATE_ORGANIZATION, {_NAME: before.get("displayName")})
    give = Step(Verb.UPDATE_ORGANIZATION, {_NAME: name}, first=True, undo=undo)
    return replace(change, steps=(give, *change.steps), placeholder="" if is_lasting else str(name))
