"""Attribute drift: which admin event made a field what it is. Nothing is guessed.

An event that shows the very change is *exact*. Where the record holds no details, and the field was as it should be
at the last run, whoever alone has done anything of the kind since is given as such. Otherwise nobody is named. What a
reconciler did itself, by an exact event, is said to be its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reconciler.events.catalogue import touch_of
from reconciler.events.clues import clue, fits, only_one
from reconciler.events.mark_history import mark_history
from reconciler.kinds.evidence import content_of
from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address
from reconciler.model.attribution import Actor, AdminEvent, Attribution, EventRecord, EventSubject
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, SERVICE_ACCOUNT_PREFIX
from reconciler.model.plan import Plan
from reconciler.model.touch import Aspect
from reconciler.model.value import fingerprint


@dataclass(frozen=True, slots=True)
class _Found:
    event: AdminEvent
    exact: bool
    own: bool = False


# docs/decisions.md, 132: when somebody is named.
def attributed(
    plan: Plan, subjects: Mapping[Address, EventSubject], record: EventRecord, names: Mapping[tuple[str, str], str]
) -> Plan:
    """Return a plan that holds nothing but drift with who caused it.

    ``names`` are those of users and clients, by the realm's id and their own.
    """
    return replace(plan, changes=tuple(_change(change, subjects, record, names) for change in plan.changes))


def drifted_fields(plan: Plan) -> dict[str, Attribution | None]:
    """Return what an attributed report of drift holds, as ``ADDRESS PATH FINGERPRINT``, each with who did it."""
    return {_key(change.address, field): field.attribution for change in plan.changes for field in change.field_changes}


def _key(address: Address, field: FieldChange) -> str:
    return f"{address} {field.path} {fingerprint(field.before)}"


def actors_of(
    plan: Plan, subjects: Mapping[Address, EventSubject], record: EventRecord
) -> tuple[frozenset[Actor], frozenset[Address]]:
    """Return whose names a reader will want to know, and the resources with something that no event explains."""
    actors: set[Actor] = set()
    unexplained: set[Address] = set()
    for change in plan.changes:
        if not _can_be_explained(change):
            continue
        found = list(_all_found(change, subjects, record))
        actors |= {each.event.actor for each in found if isinstance(each, _Found)}
        if any(each is None or not each.exact for each in found):
            unexplained.add(change.address)
    return frozenset(actors), frozenset(unexplained)


def _can_be_explained(change: Change) -> bool:
    """Tell whether an admin event may explain the change: of an item, none shows a field."""
    return kind_of(change.address).item_marks is None or change.action in {Action.CREATE, Action.ADOPT}


def _all_found(
    change: Change, subjects: Mapping[Address, EventSubject], record: EventRecord
) -> Iterable[_Found | Attribution | None]:
    """Yield what is found of the whole resource, or of each of its fields."""
    subject = subjects.get(change.address, EventSubject())
    if change.action in {Action.CREATE, Action.ADOPT}:
        yield _of_whole(change, subject, record)
    else:
        yield from (_of_field(change.address, field, subject, record) for field in change.field_changes)


def _change(
    change: Change,
    subjects: Mapping[Address, EventSubject],
    record: EventRecord,
    names: Mapping[tuple[str, str], str],
) -> Change:
    found = [_attribution(each, names) for each in _all_found(change, subjects, record)]
    if change.action in {Action.CREATE, Action.ADOPT}:
        (who,) = found
        # Of an item, its mark is all that Keycloak's events show: only we take it because the item was deleted.
        is_shown = change.action is Action.ADOPT or not kind_of(change.address).item_marks or (who and who.own)
        return replace(change, attribution=who if is_shown else None)
    pairs = zip(change.field_changes, found, strict=True)
    return replace(change, field_changes=tuple(replace(field, attribution=who) for field, who in pairs))


def _attribution(found: _Found | Attribution | None, names: Mapping[tuple[str, str], str]) -> Attribution | None:
    if found is None or isinstance(found, Attribution):
        return found
    event, actor = found.event, found.event.actor
    return Attribution(
        at=datetime.fromtimestamp(event.time / 1000, UTC),
        user=names.get((actor.realm_id, actor.user_id), actor.user_id),
        client=names.get((actor.realm_id, actor.client_id), actor.client_id),
        ip=actor.ip,
        request=f"{event.operation} {event.path or event.resource.lower()}",
        exact=found.exact,
        own=found.own,
    )


def _of_whole(change: Change, subject: EventSubject, record: EventRecord) -> _Found | None:
    """Find who deleted what is missing, or who took our mark away."""
    kind = kind_of(change.address)
    if kind.item_marks or (change.action is Action.ADOPT and kind.name_sent):
        return _found(mark_history(change, subject, record).removal, record)
    return _found(_end_of(change, subject, record.events), record) if kind.name_sent else None


def _end_of(change: Change, subject: EventSubject, events: Sequence[AdminEvent]) -> AdminEvent | None:
    kind, name = kind_of(change.address), change.address.name
    thing, key = kind.thing, kind.name_sent
    # Keycloak records the deletion of an organization by its id only; earlier events tell whose that was.
    named = (each for each in events if content_of(each).get(key) == name)
    ids = {subject.id} | {touch.id for each in named if (touch := touch_of(each)) is not None and touch.thing is thing}
    for event in events:
        if not any(fits(thing, id_, Aspect.ITSELF)(event) for id_ in ids):
            continue
        if event.operation == "DELETE":
            return event
        if event.operation == "UPDATE" and content_of(event).get(key, name) != name:
            # It was renamed: under its old name it is gone.
            return event
    return None


def _of_field(
    address: Address, field: FieldChange, subject: EventSubject, record: EventRecord
) -> _Found | Attribution | None:
    """Find who did it; a value that had drifted before keeps its attribution, whoever sent it once more since."""
    key, told = _key(address, field), clue(address, field, subject)
    if told is None:
        return None
    if record.fresh is None or key in record.drifted:
        if (known := record.drifted.get(key)) is not None:
            return known
        return _found(told.shows(record.events, False), record)
    # It was as it should be at the last run: one of the events since made it so.
    if (shown := told.shows(record.fresh, True)) is not None:
        return _found(shown, record)
    alone = only_one(told.may_be, record.fresh)
    return None if alone is None else _found(alone, record, exact=alone.content is not None)


def _found(event: AdminEvent | None, record: EventRecord, *, exact: bool = True) -> _Found | None:
    """Return what was found; of what a reconciler did itself, only what the event shows."""
    own = event is not None and event.actor.user_id in record.own
    return None if event is None or (own and not exact) else _Found(event, exact, own)


def runners(events: Iterable[AdminEvent], names: Mapping[tuple[str, str], str]) -> frozenset[str]:
    """Return the ids of the service accounts that reconcilers log in as: they make objects that carry our marks.

    A person who runs the reconciler under an own login stays that person, whatever program it was.
    """
    makers = {each.actor for each in events if each.operation == "CREATE" and _is_marked(each)}
    named = {actor.user_id: names.get((actor.realm_id, actor.user_id), "") for actor in makers}
    return frozenset(user for user, name in named.items() if name.startswith(SERVICE_ACCOUNT_PREFIX))


def _is_marked(event: AdminEvent) -> bool:
    attributes, touch = content_of(event).get("attributes"), touch_of(event)
    marked = isinstance(attributes, Mapping) and {OWNER_MARK, APPLIED_MARK} <= attributes.keys()
    return marked and touch is not None and touch.part is Aspect.ITSELF
