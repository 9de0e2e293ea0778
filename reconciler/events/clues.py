"""Match admin events to fields: which event shows the very change, and which may have made it.

Keycloak's types and paths, and what their representations hold, were measured on 26.7.5.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.kinds.client import fields as client
from reconciler.kinds.organization import people
from reconciler.kinds.realm import fields as realm_kind
from reconciler.kinds.realm import token_scopes
from reconciler.kinds.sent import NOT_SENT, mapper_sent, roles_sent, value_sent
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Subject
from reconciler.model.change import FieldChange
from reconciler.model.event import AdminEvent
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
    path, its = field.path, f"clients/{subject.id}"
    user = f"users/{subject.user_id}" if subject.user_id else "users/?"
    if path == client.ORGANIZATIONS:
        return _of_membership(field, its, subject)
    if path in {client.ROLES, client.DEFAULT_ROLE}:
        return _of_roles(field, lambda e: e.resource.endswith("_ROLE_MAPPING") and e.path.startswith(f"{user}/"),
                         lambda e: _remakes_account(e, its, subject) or _is_authorization(e, its))  # fmt: skip
    if path == client.GROUPS:
        return _of_names(
            field, lambda e: e.resource == "GROUP_MEMBERSHIP" and e.path.startswith(f"{user}/"), _text("path")
        )
    if path == client.LINKS:
        return _of_names(field, lambda e: e.path.startswith(f"{user}/federated-identity"), _last_part)
    if path == client.OWN_ROLES:
        return _of_names(field, lambda e: e.path.startswith(f"{its}/roles") or _is_authorization(e, its), _last_part)
    if path == client.NODES:
        return _of_names(field, lambda e: e.resource == "CLUSTER_NODE" and e.path.startswith(f"{its}/"), _last_part)
    if path == client.SCOPE_MAPPINGS:
        return _of_roles(field, lambda e: e.path.startswith(f"{its}/scope-mappings"))
    if path in client.SCOPES:
        return _of_names(
            field,
            lambda e: (
                f"{e.path}/".startswith((f"{its}/default-client-scopes/", f"{its}/optional-client-scopes/"))
                or _remakes_account(e, its, subject)
            ),
            lambda e: {id_: name for name, id_ in subject.scopes.items()}.get(_last_part(e), ""),
        )
    if path == client.USERNAME:
        return _setter(Kind.CLIENT, field, lambda e: e.resource == "USER" and e.path == user)
    if path in client.ONLY_ANEW:
        # Whatever else is sent, Keycloak keeps them.
        return _of_kind(lambda e: _imports_account(e, subject) or e.path == f"{user}/logout")
    if path.startswith(client.USER):
        return _setter(Kind.CLIENT, field, lambda e: e.resource == "USER" and e.path == user)
    whole = _setter(Kind.CLIENT, field, lambda e: e.path == its)
    if path.startswith(client.MAPPER):
        mapper = _of_mapper(field, path.removeprefix(client.MAPPER), f"{its}/protocol-mappers")
        return _either(mapper, whole)
    return whole


def _of_organization(field: FieldChange, subject: Subject) -> Clue:
    its = f"organizations/{subject.id}"
    if field.path in {people.MEMBERS, people.PEOPLE}:
        return _of_names(field, lambda e: e.path.startswith(f"{its}/members"), lambda e: e.details.get("username", ""))
    if field.path == people.GROUPS:
        return _of_names(
            field, lambda e: e.resource == "ORGANIZATION_GROUP" and e.path.startswith(f"{its}/groups"), _text("name")
        )
    if field.path == people.IDENTITY_PROVIDERS:
        return _of_names(field, lambda e: e.path.startswith(f"{its}/identity-providers"), _last_part)
    if field.path == people.ACCOUNTS_IN_GROUPS:
        return _of_kind(lambda e: e.resource == "ORGANIZATION_GROUP_MEMBERSHIP" and e.path.startswith(f"{its}/groups"))
    if field.path == people.INVITATIONS:
        return _of_kind(lambda e: e.path.startswith(f"{its}/") and "invit" in e.path)
    return _setter(Kind.ORGANIZATION, field, lambda e: e.path == its)


def _of_realm(field: FieldChange, subject: Subject) -> Clue:
    if field.path == realm_kind.DEFAULT_ROLES:
        return _of_roles(field, lambda e: e.resource == "REALM_ROLE" and e.parts[-1] == "composites")
    scope = token_scopes.scope_of(field.path)
    if not scope:
        return _setter(Kind.REALM, field, lambda e: e.resource == "REALM" and e.operation == "UPDATE")
    its = f"client-scopes/{subject.scopes.get(scope, '?')}"
    if mapper := token_scopes.mapper_of(field.path):
        return _of_mapper(field, mapper, f"{its}/protocol-mappers")
    if field.path.endswith(".scopeMappings"):
        return _of_roles(field, lambda e: e.path.startswith(f"{its}/scope-mappings"))
    return Clue(lambda events, was_right: None, lambda e: e.resource == "CLIENT_SCOPE" and e.path == its)  # noqa: ARG005


def _of_kind(fits: Fits) -> Clue:
    """Return the clue of what a kind of event does by itself, whatever it sends."""
    return Clue(lambda events, was_right: next(filter(fits, events), None), fits)  # noqa: ARG005


def _either(first: Clue, second: Clue) -> Clue:
    return Clue(
        lambda events, was_right: first.shows(events, was_right) or second.shows(events, was_right),
        lambda event: first.may_be(event) or second.may_be(event),
    )


def _of_names(field: FieldChange, fits: Fits, name_of: Callable[[AdminEvent], str]) -> Clue:
    """Return the clue of a set of names: the last event about one of those that differ added, or removed it."""
    before, after = _names(field.before), _names(field.after)

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:  # noqa: ARG001
        last: dict[str, AdminEvent] = {}
        for event in filter(fits, events):
            last.setdefault(name_of(event), event)
        added = [last[name] for name in sorted(before - after) if name in last and last[name].operation == "CREATE"]
        removed = [last[name] for name in sorted(after - before) if name in last and last[name].operation == "DELETE"]
        return max([*added, *removed], key=lambda event: event.time, default=None)

    return Clue(shows, fits)


def _of_roles(field: FieldChange, fits: Fits, otherwise: Fits = lambda _: False) -> Clue:
    """Return the clue of roles: the last event that gave or took one of those that differ."""
    before, after = _names(field.before), _names(field.after)
    extra, missing = ({name.rpartition("/")[2] for name in names} for names in (before - after, after - before))

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:  # noqa: ARG001
        for event in filter(fits, events):
            named = roles_sent(event.content)
            if event.operation == "CREATE" and (named & extra):
                return event
            is_default = field.after is True and any(name.startswith("default-roles-") for name in named)
            if event.operation == "DELETE" and (named & missing or is_default):
                return event
        return None

    return Clue(shows, lambda event: fits(event) or otherwise(event))


def _of_mapper(field: FieldChange, path: str, its: str) -> Clue:
    """Return the clue of a protocol mapper: the last event that sent one of its name sent what is live."""
    name = path.split(".", maxsplit=1)[0]

    def fits(event: AdminEvent) -> bool:
        # Keycloak records the removal of a mapper without its name.
        return event.path.startswith(its) and (event.operation == "DELETE" or name in roles_sent(event.content))

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:  # noqa: ARG001
        named = (event for event in events if event.path.startswith(its) and name in roles_sent(event.content))
        newest = next(named, None)
        if newest is None or field.before is None:
            return None
        return newest if _same(mapper_sent(newest.content, path), field.before) else None

    return Clue(shows, fits)


def _setter(kind: Kind, field: FieldChange, fits: Fits) -> Clue:
    """Return the clue of a value: the first of the last events in a row that sent it, after one that did not.

    An event that sends a value proves little by itself, for consoles send whole objects. What the creation of the
    object did not send was set later: a fresh object shows no difference.
    """

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:
        found: AdminEvent | None = None
        for event in filter(fits, events):
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
    return Clue(shows, lambda event: fits(event) and event.content is None)


def _same(sent: Value | Unknown, live: Value) -> bool:
    return sent == live or (sent in ("", False, (), 0) and live is None)


def _of_membership(field: FieldChange, its: str, subject: Subject) -> Clue:
    before, after = _names(field.before), _names(field.after)

    def is_about_it(event: AdminEvent) -> bool:
        named = event.details.get("username", "").lower() == subject.username
        return event.resource == "ORGANIZATION_MEMBERSHIP" and (named or event.parts[-1] == subject.user_id)

    def shows(events: Sequence[AdminEvent], was_right: bool) -> AdminEvent | None:
        joined = _of_names(field, is_about_it, _text("alias")).shows(events, was_right)
        gone = {*subject.organizations} | {id_of(e) for e in events if content_of(e).get("alias") in after - before}
        lost = (e for e in events if e.resource == "ORGANIZATION" and e.operation == "DELETE" and id_of(e) in gone)
        remade = (e for e in events if _remakes_account(e, its, subject))
        others = (next(lost, None) or next(remade, None)) if after - before else None
        return joined or others

    def may_be(event: AdminEvent) -> bool:
        wanted = {"CREATE"} if before - after else set()
        wanted |= {"DELETE"} if after - before else set()
        return is_about_it(event) and event.operation in wanted

    return Clue(shows, may_be)


def content_of(event: AdminEvent) -> Mapping[str, Value]:
    """Return what was sent, where it is an object."""
    return event.content if isinstance(event.content, Mapping) else {}


def id_of(event: AdminEvent) -> str:
    """Return the id of the object that the event is about, or about a part of."""
    return event.parts[1] if len(event.parts) > 1 else ""


def _text(key: str) -> Callable[[AdminEvent], str]:
    return lambda event: str(content_of(event).get(key) or "")


def _last_part(event: AdminEvent) -> str:
    return event.parts[-1]


def _remakes_account(event: AdminEvent, its: str, subject: Subject) -> bool:
    """Tell whether the service account was destroyed: with its roles, groups and memberships."""
    content = content_of(event)
    if event.resource == "USER":
        return event.operation == "DELETE" and content.get("username") == subject.username
    return _imports_account(event, subject) or (event.path == its and content.get("serviceAccountsEnabled") is False)


def _imports_account(event: AdminEvent, subject: Subject) -> bool:
    """Tell whether a partial import made the user: as another one, that holds only what it was given."""
    return event.resource == "REALM" and bool(subject.user_id) and event.path == f"users/{subject.user_id}"


def _is_authorization(event: AdminEvent, its: str) -> bool:
    return event.resource == "AUTHORIZATION_RESOURCE_SERVER" and event.path == its


def _names(value: Value) -> set[str]:
    """Return the names of a set, or the keys of an object."""
    return {str(item) for item in value} if isinstance(value, tuple | Mapping) else set()


def only_one(fits: Fits, events: Iterable[AdminEvent]) -> AdminEvent | None:
    """Return the last event that fits, where all of those that do are of one person."""
    found = list(filter(fits, events))
    return found[0] if len({event.actor.user_id for event in found}) == 1 else None
