"""Match admin events to fields: which event shows the very change, and which may have made it.

What Keycloak's events hold was measured on 26.7.5.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.events.catalogue import touch_of
from reconciler.kinds.client import table as client
from reconciler.kinds.organization import table as people
from reconciler.kinds.realm import table as realm_kind
from reconciler.kinds.realm import token_scopes
from reconciler.kinds.sent import NOT_SENT, mapper_sent, roles_sent, value_sent
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Subject
from reconciler.model.change import FieldChange
from reconciler.model.event import AdminEvent
from reconciler.model.touch import Part, Thing
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


def clue(address: Address, field: FieldChange, subject: Subject) -> Clue | None:
    """Return how admin events tell of a field; None where they never do."""
    match address.kind:
        case Kind.CLIENT:
            return _of_client(field, subject)
        case Kind.ORGANIZATION:
            return _of_organization(field, subject)
        case Kind.WEBHOOK:
            # Keycloak knows nothing of it, and the platform tells nobody who changed what.
            return None
        case Kind.REALM:
            return _of_realm(field, subject)


def _of_client(field: FieldChange, subject: Subject) -> Clue:
    path, its, user = field.path, _parts_of(Thing.CLIENT, subject.id), _parts_of(Thing.USER, subject.user_id)
    remade = _remakes_account(subject)
    if path == client.ORGANIZATIONS:
        return _of_membership(field, subject)
    if path in {client.ROLES, client.DEFAULT_ROLE}:
        return _of_roles(field, user(Part.ROLES), _any(remade, its(Part.AUTHORIZATION)))
    if path == client.GROUPS:
        return _of_names(field, user(Part.GROUPS), _text("path"))
    if path == client.LINKS:
        return _of_names(field, user(Part.LINKS), _name)
    if path == client.OWN_ROLES:
        return _of_names(field, its(Part.OWN_ROLES, Part.AUTHORIZATION), _name)
    if path == client.NODES:
        return _of_names(field, its(Part.NODES), _name)
    if path == client.SCOPE_MAPPINGS:
        return _of_roles(field, its(Part.SCOPE_MAPPINGS))
    if path in client.SCOPES:
        names = {id_: name for name, id_ in subject.scopes.items()}
        return _of_names(field, _any(its(Part.SCOPES), remade), lambda event: names.get(_name(event), ""))
    if path in client.ONLY_ANEW:
        # Whatever else is sent, Keycloak keeps them.
        return _of_kind(user(Part.IMPORTED, Part.LOGOUT))
    if path == client.USERNAME or path.startswith(client.USER):
        return _setter(Kind.CLIENT, field, user(Part.ITSELF))
    whole = _setter(Kind.CLIENT, field, its(Part.ITSELF, Part.IMPORTED, Part.AUTHORIZATION))
    if path.startswith(client.MAPPER):
        return _either(_of_mapper(field, path.removeprefix(client.MAPPER), its(Part.MAPPERS)), whole)
    return whole


def _of_organization(field: FieldChange, subject: Subject) -> Clue:
    its = _parts_of(Thing.ORGANIZATION, subject.id)
    match field.path:
        case people.MEMBERS | people.PEOPLE:
            # Whoever invited somebody may have made a member.
            return _of_names(field, its(Part.MEMBERS, Part.INVITATIONS), lambda e: e.details.get("username", ""))
        case people.GROUPS:
            return _of_names(field, its(Part.GROUPS), _text("name"))
        case people.IDENTITY_PROVIDERS:
            return _of_names(field, its(Part.IDENTITY_PROVIDERS), _name)
        case people.ACCOUNTS_IN_GROUPS:
            return _of_kind(its(Part.GROUP_MEMBERS))
        case people.INVITATIONS:
            return _of_kind(its(Part.INVITATIONS))
        case _:
            return _setter(Kind.ORGANIZATION, field, its(Part.ITSELF, Part.IMPORTED))


def _of_realm(field: FieldChange, subject: Subject) -> Clue:
    if field.path == realm_kind.DEFAULT_ROLES:
        return _of_roles(field, _is_of_any(Thing.REALM_ROLE, Part.COMPOSITES))
    scope = token_scopes.scope_of(field.path)
    if not scope:
        written = _is_of_any(Thing.REALM, Part.ITSELF)
        return _setter(Kind.REALM, field, lambda event: written(event) and event.operation == "UPDATE")
    its = _parts_of(Thing.CLIENT_SCOPE, subject.scopes.get(scope, ""))
    if mapper := token_scopes.mapper_of(field.path):
        return _of_mapper(field, mapper, its(Part.MAPPERS))
    if field.path.endswith(".scopeMappings"):
        return _of_roles(field, its(Part.SCOPE_MAPPINGS))
    return Clue(lambda events, was_right: None, its(Part.ITSELF))  # noqa: ARG005


def fits(thing: Thing, own_id: str, *parts: Part) -> Fits:
    """Return what tells whether an event touches one of these parts of the object; nothing does where it has no id."""

    def told(event: AdminEvent) -> bool:
        touch = touch_of(event)
        return bool(own_id) and touch is not None and (touch.thing, touch.id) == (thing, own_id) and touch.part in parts

    return told


def _parts_of(thing: Thing, own_id: str) -> Callable[..., Fits]:
    return lambda *parts: fits(thing, own_id, *parts)


def _is_of_any(thing: Thing, part: Part) -> Fits:
    """Return what tells whether an event touches the part of any such thing."""
    return lambda event: (touch := touch_of(event)) is not None and (touch.thing, touch.part) == (thing, part)


def _any(*which: Fits) -> Fits:
    return lambda event: any(each(event) for each in which)


def _of_kind(which: Fits) -> Clue:
    """Return the clue of what a kind of event does by itself, whatever it sends."""
    return Clue(lambda events, was_right: next(filter(which, events), None), which)  # noqa: ARG005


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


def _of_roles(field: FieldChange, its: Fits, otherwise: Fits = lambda _: False) -> Clue:
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

    return Clue(shows, _any(its, otherwise))


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


def _setter(kind: Kind, field: FieldChange, its: Fits) -> Clue:
    """Return the clue of a value: the first of the last events in a row that sent it, after one that did not.

    An event that sends a value proves little by itself, for consoles send whole objects. What the creation of the
    object did not send was set later: a fresh object shows no difference.
    """

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:
        found: AdminEvent | None = None
        for event in filter(its, events):
            sent = value_sent(kind, field.path, event.content)
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


def _of_membership(field: FieldChange, subject: Subject) -> Clue:
    before, after = _names(field.before), _names(field.after)
    of_members, remade = _is_of_any(Thing.ORGANIZATION, Part.MEMBERS), _remakes_account(subject)
    of_organizations = _is_of_any(Thing.ORGANIZATION, Part.ITSELF)

    def is_about_it(event: AdminEvent) -> bool:
        named = event.details.get("username", "").lower() == subject.username
        return of_members(event) and (named or _name(event) == subject.user_id)

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:
        joined = _of_names(field, is_about_it, _text("alias")).shows(events, was_right)
        gone = {*subject.organizations} | {_id(e) for e in events if content_of(e).get("alias") in after - before}
        lost = (e for e in events if of_organizations(e) and e.operation == "DELETE" and _id(e) in gone)
        others = (next(lost, None) or next(filter(remade, events), None)) if after - before else None
        return joined or others

    def may_be(event: AdminEvent) -> bool:
        wanted = {"CREATE"} if before - after else set()
        wanted |= {"DELETE"} if after - before else set()
        return is_about_it(event) and event.operation in wanted

    return Clue(shows, may_be)


def content_of(event: AdminEvent) -> Mapping[str, Value]:
    """Return what was sent, where it is an object."""
    return event.content if isinstance(event.content, Mapping) else {}


def _text(key: str) -> Callable[[AdminEvent], str]:
    return lambda event: str(content_of(event).get(key) or "")


def _name(event: AdminEvent) -> str:
    """Return how the event's path calls the part that it touches."""
    touch = touch_of(event)
    return "" if touch is None else touch.name


def _id(event: AdminEvent) -> str:
    touch = touch_of(event)
    return "" if touch is None else touch.id


def _remakes_account(subject: Subject) -> Fits:
    """Return what tells whether an event destroyed the service account: with its roles, groups and memberships.

    A partial import makes another user, that holds only what it was given.
    """
    its, imported = (
        fits(Thing.CLIENT, subject.id, Part.ITSELF, Part.IMPORTED, Part.AUTHORIZATION),
        fits(Thing.USER, subject.user_id, Part.IMPORTED),
    )
    of_users = _is_of_any(Thing.USER, Part.ITSELF)

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
