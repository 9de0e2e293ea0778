"""Match admin events to fields: which event shows the very change, and which may have made it.

What Keycloak's events hold was measured on 26.7.5.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from reconciler.events.catalogue import touch_of
from reconciler.kinds.base import ResourceKind
from reconciler.kinds.evidence import By, Evidence, by_sent, content_of
from reconciler.kinds.registry import kind_of
from reconciler.kinds.sent import NOT_SENT, mapper_sent, roles_sent
from reconciler.model.address import Address
from reconciler.model.attribution import AdminEvent, EventSubject
from reconciler.model.change import FieldChange
from reconciler.model.touch import Aspect, Thing
from reconciler.model.value import Unknown, Value

Fits = Callable[[AdminEvent], bool]
Shows = Callable[[Sequence[AdminEvent], bool], AdminEvent | None]
"""Finds the event that shows the change; told whether the field was as it should be before all of the events."""


@dataclass(frozen=True, slots=True)
class Clue:
    """How events tell of one field.

    ``shows`` finds the event that shows this very change. ``may_be`` tells whether an event is of the kind that could
    have made it: where only one person has done anything of the kind since the field was right, it was that person.
    """

    shows: Shows
    may_be: Fits


def clue(address: Address, field: FieldChange, subject: EventSubject) -> Clue | None:
    """Return how admin events tell of a field; None where they never do."""
    kind = kind_of(address)
    found = [_clue(kind, told, field, subject) for told in kind.fields.told(field.path)]
    return reduce(_either, found) if found else None


def _clue(kind: ResourceKind, told: Evidence, field: FieldChange, subject: EventSubject) -> Clue:
    its = _its(told, subject)
    match told.by:
        case By.VALUE:
            return _of_value(kind, field, its)
        case By.NAMES:
            names = {id_: name for name, id_ in subject.scopes.items()}
            item = told.item or _name
            return _of_names(field, its, lambda event: names.get(item(event), item(event)))
        case By.ROLES:
            return _of_roles(field, its)
        case By.MAPPER:
            return _of_mapper(field, field.path.removeprefix(told.below), its)
        case By.MEMBERSHIP:
            return _of_membership(field, subject)
        case By.TOUCH:
            return Clue(lambda events, was_right: next(filter(its, events), None), its)  # noqa: ARG005
        case By.SUSPICION:
            return Clue(_shows_nothing, its)
        case By.NEW_ACCOUNT:
            return Clue(_shows_nothing, _remakes_account(subject))


def _its(told: Evidence, subject: EventSubject) -> Fits:
    """Return what tells whether an event touches what the evidence is about."""
    match told.thing:
        case Thing.REALM | Thing.REALM_ROLE:
            touches = _is_of_any(told.thing, *told.parts)
        case Thing.CLIENT_SCOPE:
            touches = fits(told.thing, subject.scopes.get(told.scope, ""), *told.parts)
        case Thing.USER:
            touches = fits(told.thing, subject.user_id, *told.parts)
        case _:
            touches = fits(told.thing, subject.id, *told.parts)
    return lambda event: touches(event) and told.operation in {"", event.operation}


def _shows_nothing(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:  # noqa: ARG001
    return None


def fits(thing: Thing | None, own_id: str, *parts: Aspect) -> Fits:
    """Return what tells whether an event touches one of these parts of the object; nothing does where it has no id."""

    def told(event: AdminEvent) -> bool:
        touch = touch_of(event)
        return bool(own_id) and touch is not None and (touch.thing, touch.id) == (thing, own_id) and touch.part in parts

    return told


def _is_of_any(thing: Thing, *parts: Aspect) -> Fits:
    """Return what tells whether an event touches one of these parts of any such thing."""
    return lambda event: (touch := touch_of(event)) is not None and touch.thing is thing and touch.part in parts


def _either(first: Clue, second: Clue) -> Clue:
    return Clue(
        lambda events, was_right: first.shows(events, was_right) or second.shows(events, was_right),
        lambda event: first.may_be(event) or second.may_be(event),
    )


def _of_names(field: FieldChange, may_be: Fits, name_of: Callable[[AdminEvent], str]) -> Clue:
    """Return the clue of a set of names: the last event about one of those that differ added, or removed it."""
    before, after = _names(field.before), _names(field.after)

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:  # noqa: ARG001
        last: dict[str, AdminEvent] = {}
        for event in filter(may_be, events):
            last.setdefault(name_of(event), event)
        added = [last[name] for name in sorted(before - after) if name in last and last[name].operation == "CREATE"]
        removed = [last[name] for name in sorted(after - before) if name in last and last[name].operation == "DELETE"]
        return max([*added, *removed], key=lambda event: event.time, default=None)

    return Clue(shows, may_be)


def _of_roles(field: FieldChange, its: Fits) -> Clue:
    """Return the clue of roles: the last event that gave or took one of those that differ."""
    before, after = _names(field.before), _names(field.after)
    extra, missing = ({name.rpartition("/")[2] for name in names} for names in (before - after, after - before))

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:  # noqa: ARG001
        for event in filter(its, events):
            named = roles_sent(event.content)
            if event.operation == "CREATE" and (named & extra):
                return event
            is_default = field.after is True and any(name.startswith("default-roles-") for name in named)
            if event.operation == "DELETE" and (named & missing or is_default):
                return event
        return None

    return Clue(shows, its)


def _of_mapper(field: FieldChange, path: str, its: Fits) -> Clue:
    """Return the clue of a protocol mapper: the last event that sent one of its name sent what is live."""
    name = path.split(".", maxsplit=1)[0]

    def may_be(event: AdminEvent) -> bool:
        # Keycloak records the removal of a mapper without its name.
        return its(event) and (event.operation == "DELETE" or name in roles_sent(event.content))

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:  # noqa: ARG001
        newest = next((event for event in filter(its, events) if name in roles_sent(event.content)), None)
        if newest is None or field.before is None:
            return None
        return newest if _same(mapper_sent(newest.content, path), field.before) else None

    return Clue(shows, may_be)


def _of_value(kind: ResourceKind, field: FieldChange, its: Fits) -> Clue:
    """Return the clue of a value: the first of the last events in a row that sent it, after one that did not.

    An event that sends a value proves little by itself, for consoles send whole objects. What the creation of the
    object did not send was set later: a fresh object shows no difference.
    """

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:
        found: AdminEvent | None = None
        for event in filter(its, events):
            sent = kind.value_sent(field.path, event.content)
            if sent is NOT_SENT:
                if found is not None and event.operation == "CREATE" and event.content is not None:
                    return found
                continue
            if not _same(sent, field.before):
                return found
            found = event
        is_first = found is not None and (was_right or found.operation == "CREATE")
        return found if is_first else None

    # One that holds details, and does not send the value, did not set it.
    return Clue(shows, lambda event: its(event) and event.content is None)


def _same(sent: Value | Unknown, live: Value) -> bool:
    return sent == live or (sent in ("", False, (), 0) and live is None)


def _of_membership(field: FieldChange, subject: EventSubject) -> Clue:
    before, after = _names(field.before), _names(field.after)
    of_members, remade = _is_of_any(Thing.ORGANIZATION, Aspect.MEMBERS), _remakes_account(subject)
    of_organizations = _is_of_any(Thing.ORGANIZATION, Aspect.ITSELF)

    def is_about_it(event: AdminEvent) -> bool:
        named = event.details.get("username", "").lower() == subject.username
        return of_members(event) and (named or _name(event) == subject.user_id)

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:
        joined = _of_names(field, is_about_it, by_sent("alias")).shows(events, was_right)
        gone = {*subject.organizations} | {_id(e) for e in events if content_of(e).get("alias") in after - before}
        lost = (e for e in events if of_organizations(e) and e.operation == "DELETE" and _id(e) in gone)
        others = (next(lost, None) or next(filter(remade, events), None)) if after - before else None
        return joined or others

    def may_be(event: AdminEvent) -> bool:
        wanted = {"CREATE"} if before - after else set()
        wanted |= {"DELETE"} if after - before else set()
        return is_about_it(event) and event.operation in wanted

    return Clue(shows, may_be)


def _name(event: AdminEvent) -> str:
    """Return how the event's path calls the part that it touches."""
    touch = touch_of(event)
    return "" if touch is None else touch.name


def _id(event: AdminEvent) -> str:
    touch = touch_of(event)
    return "" if touch is None else touch.id


def _remakes_account(subject: EventSubject) -> Fits:
    """Return what tells whether an event destroyed the service account: with its roles, groups and memberships.

    A partial import makes another user, that holds only what it was given.
    """
    its, imported = (
        fits(Thing.CLIENT, subject.id, Aspect.ITSELF, Aspect.IMPORTED, Aspect.AUTHORIZATION),
        fits(Thing.USER, subject.user_id, Aspect.IMPORTED),
    )
    of_users = _is_of_any(Thing.USER, Aspect.ITSELF)

    def told(event: AdminEvent) -> bool:
        content = content_of(event)
        if of_users(event):
            return event.operation == "DELETE" and content.get("username") == subject.username
        return imported(event) or (its(event) and content.get("serviceAccountsEnabled") is False)

    return told


def _names(value: Value) -> set[str]:
    """Return the names of a set, or the keys of an object."""
    return {str(item) for item in value} if isinstance(value, tuple | Mapping) else set()


def only_one(which: Fits, events: Iterable[AdminEvent]) -> AdminEvent | None:
    """Return the last event that fits, where all of those that do are of one person."""
    found = list(filter(which, events))
    return found[0] if len({event.actor.user_id for event in found}) == 1 else None
