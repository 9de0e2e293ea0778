"""Attribute drift: which admin event made a field what it is. Nothing is guessed.

An event that shows the very change is *exact*. Where the record holds no details, or they do not name the field, the
last event of the fitting type is given as such. Where none fits, nobody is named.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reconciler.kinds import client, people, token_scopes, webhook_marks
from reconciler.kinds import realm as realm_kind
from reconciler.kinds.sent import NOT_SENT, is_mark_removal, roles_sent, value_sent
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import Attribution, Record, Subject
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.event import Actor, AdminEvent
from reconciler.model.plan import Plan
from reconciler.model.value import Unknown, Value, fingerprint

Fits = Callable[[AdminEvent], bool]


@dataclass(frozen=True, slots=True)
class _Found:
    event: AdminEvent
    exact: bool


def attributed(
    plan: Plan, subjects: Mapping[Address, Subject], record: Record, names: Mapping[tuple[str, str], str]
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
    plan: Plan, subjects: Mapping[Address, Subject], record: Record
) -> tuple[frozenset[Actor], frozenset[Address]]:
    """Return whose names a reader will want to know, and the resources with something that no event explains."""
    actors: set[Actor] = set()
    unexplained: set[Address] = set()
    for change in plan.changes:
        if not _can_be_explained(change):
            continue
        found = list(_all_found(change, subjects.get(change.address, Subject()), record))
        actors |= {each.event.actor for each in found if isinstance(each, _Found)}
        if any(each is None or not each.exact for each in found):
            unexplained.add(change.address)
    return frozenset(actors), frozenset(unexplained)


def _can_be_explained(change: Change) -> bool:
    """Tell whether an admin event may explain the change: of a webhook, Keycloak has the mark alone."""
    return change.address.kind is not Kind.WEBHOOK or change.action is Action.ADOPT


def _all_found(change: Change, subject: Subject, record: Record) -> Iterable[_Found | Attribution | None]:
    if change.action in {Action.CREATE, Action.ADOPT}:
        yield _of_whole(change, subject, record.events)
    else:
        yield from (_of_field(change.address, field, subject, record) for field in change.field_changes)


def _change(
    change: Change,
    subjects: Mapping[Address, Subject],
    record: Record,
    names: Mapping[tuple[str, str], str],
) -> Change:
    subject = subjects.get(change.address, Subject())
    if change.action in {Action.CREATE, Action.ADOPT}:
        return replace(change, attribution=_attribution(_of_whole(change, subject, record.events), names))
    fields = tuple(
        replace(field, attribution=_attribution(_of_field(change.address, field, subject, record), names))
        for field in change.field_changes
    )
    return replace(change, field_changes=fields)


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
    )


def _of_whole(change: Change, subject: Subject, events: Sequence[AdminEvent]) -> _Found | None:
    """Find who deleted what is missing, or who took our mark away."""
    if change.address.kind is Kind.WEBHOOK:
        return _of_webhook_mark(change.address.name, subject, events) if change.action is Action.ADOPT else None
    kind, name = change.address.kind, change.address.name
    resource, key = ("CLIENT", "clientId") if kind is Kind.CLIENT else ("ORGANIZATION", "alias")
    # Keycloak records the deletion of an organization by its id only; earlier events tell whose that was.
    ids = {subject.id} | {_id_of(e) for e in events if e.resource.startswith(resource) and _content(e).get(key) == name}
    for event in events:
        content = _content(event)
        if event.resource != resource or _id_of(event) not in ids - {""} or len(event.parts) > 2:
            continue
        if change.action is Action.ADOPT:
            if event.operation == "UPDATE" and is_mark_removal(event.content):
                return _Found(event, exact=True)
        elif event.operation == "DELETE":
            return _Found(event, exact=True)
        elif event.operation == "UPDATE" and content.get(key, name) != name:
            # It was renamed: under its old name it is gone.
            return _Found(event, exact=True)
    return None


def _of_field(address: Address, field: FieldChange, subject: Subject, record: Record) -> _Found | Attribution | None:
    """Find who did it; a value that had drifted before keeps its attribution, whoever sent it once more since."""
    key = _key(address, field)
    if record.fresh is None or key in record.drifted:
        return record.drifted.get(key) or _among(record.events, address, field, subject)
    found = _among(record.fresh, address, field, subject)
    # It was as it should be at the last run: the first event since that shows it is the one that made it so.
    return replace(found, exact=True) if found is not None and found.event.content is not None else found


def _among(events: Sequence[AdminEvent], address: Address, field: FieldChange, subject: Subject) -> _Found | None:
    match address.kind:
        case Kind.CLIENT:
            return _of_client_field(field, subject, events)
        case Kind.ORGANIZATION:
            return _of_organization_field(field, subject, events)
        case Kind.WEBHOOK:
            # Keycloak knows nothing of it, and the platform tells nobody who changed what.
            return None
        case Kind.REALM:
            return _of_realm_field(field, subject, events)


def _of_client_field(field: FieldChange, subject: Subject, events: Sequence[AdminEvent]) -> _Found | None:
    path, its = field.path, f"clients/{subject.id}"
    user = f"users/{subject.user_id}" if subject.user_id else "users/?"
    if path == client.ORGANIZATIONS:
        return _of_membership(field, events, its, subject)
    if path in {client.ROLES, client.DEFAULT_ROLE}:
        return _of_roles(
            field, events, lambda e: e.resource.endswith("_ROLE_MAPPING") and e.path.startswith(f"{user}/")
        ) or _newest(events, lambda e: _remakes_account(e, its, subject) or _is_authorization(e, its))
    if path == client.GROUPS:
        return _newest(events, lambda e: e.resource == "GROUP_MEMBERSHIP" and e.path.startswith(f"{user}/"))
    if path == client.LINKS:
        return _newest(events, lambda e: e.path.startswith(f"{user}/federated-identity"))
    if path == client.OWN_ROLES:
        return _newest(events, lambda e: e.path.startswith(f"{its}/roles") or _is_authorization(e, its))
    if path == client.NODES:
        return _newest(events, lambda e: e.resource == "CLUSTER_NODE" and e.path.startswith(f"{its}/"))
    if path == client.SCOPE_MAPPINGS:
        return _of_roles(field, events, lambda e: e.path.startswith(f"{its}/scope-mappings"))
    if path in client.SCOPES:
        word = "default" if client.SCOPES[path] else "optional"
        return _newest(events, lambda e: e.path.startswith(f"{its}/{word}-client-scopes/")) or _newest(
            events, lambda e: _remakes_account(e, its, subject)
        )
    if path in client.ONLY_ANEW:
        return _newest(events, lambda e: _imports_account(e, subject) or e.path == f"{user}/logout")
    if path.startswith(client.USER):
        return _setter(Kind.CLIENT, field, events, lambda e: e.resource == "USER" and e.path == user)
    if path.startswith(client.MAPPER):
        name = path.removeprefix(client.MAPPER).split(".")[0]
        if found := _of_mapper(field, name, events, f"{its}/protocol-mappers"):
            return found
    return _setter(Kind.CLIENT, field, events, lambda e: e.path == its)


def _of_organization_field(field: FieldChange, subject: Subject, events: Sequence[AdminEvent]) -> _Found | None:
    its = f"organizations/{subject.id}"
    if field.path in {people.MEMBERS, people.PEOPLE}:
        extra = {str(name) for name in field.before} if isinstance(field.before, tuple) else set()
        return _newest(
            events,
            lambda e: e.path.startswith(f"{its}/members") and e.details.get("username") in extra,
        ) or _newest(events, lambda e: e.path.startswith(f"{its}/members"), exact=False)
    if field.path in {people.GROUPS, people.ACCOUNTS_IN_GROUPS}:
        of_groups = {"ORGANIZATION_GROUP", "ORGANIZATION_GROUP_MEMBERSHIP"}
        return _newest(events, lambda e: e.resource in of_groups and e.path.startswith(f"{its}/groups"))
    if field.path == people.INVITATIONS:
        return _newest(events, lambda e: e.path.startswith(f"{its}/") and "invit" in e.path)
    if field.path == people.IDENTITY_PROVIDERS:
        return _newest(events, lambda e: e.path.startswith(f"{its}/identity-providers"))
    return _setter(Kind.ORGANIZATION, field, events, lambda e: e.path == its)


def _of_webhook_mark(name: str, subject: Subject, events: Sequence[AdminEvent]) -> _Found | None:
    """Find who took the webhook's mark from its organization: the first event without it, after one with it."""
    found: _Found | None = None
    for event in events:
        if event.path != f"organizations/{subject.id}" or not isinstance(_content(event).get("attributes"), Mapping):
            continue
        if name in webhook_marks.read(_content(event)):
            return None if found is None else replace(found, exact=True)
        found = _Found(event, exact=False)
    return found


def _of_realm_field(field: FieldChange, subject: Subject, events: Sequence[AdminEvent]) -> _Found | None:
    if field.path == realm_kind.DEFAULT_ROLES:
        return _of_roles(field, events, lambda e: e.resource == "REALM_ROLE" and e.parts[-1] == "composites")
    scope = token_scopes.scope_of(field.path)
    if not scope:
        return _setter(Kind.REALM, field, events, lambda e: e.resource == "REALM" and e.operation == "UPDATE")
    its = f"client-scopes/{subject.scopes.get(scope, '?')}"
    if mapper := token_scopes.mapper_of(field.path):
        return _of_mapper(field, mapper.split(".")[0], events, f"{its}/protocol-mappers")
    if field.path.endswith(".scopeMappings"):
        return _of_roles(field, events, lambda e: e.path.startswith(f"{its}/scope-mappings"))
    return _newest(events, lambda e: e.resource == "CLIENT_SCOPE" and e.path == its, exact=False)


def _newest(events: Iterable[AdminEvent], fits: Fits, *, exact: bool = True) -> _Found | None:
    return next((_Found(event, exact) for event in events if fits(event)), None)


def _of_roles(field: FieldChange, events: Sequence[AdminEvent], fits: Fits) -> _Found | None:
    """Find the last event that gave or took one of the roles that differ."""
    before, after = _names(field.before), _names(field.after)
    differing = {name.rpartition("/")[2] for name in before ^ after}
    fitting = [event for event in events if fits(event)]
    for event in fitting:
        if not differing or roles_sent(event.content) & differing:
            return _Found(event, exact=event.content is not None)
    return _Found(fitting[0], exact=False) if fitting and fitting[0].content is None else None


def _of_mapper(field: FieldChange, name: str, events: Sequence[AdminEvent], its: str) -> _Found | None:
    fitting = [event for event in events if event.path.startswith(its)]
    for event in fitting:
        if name in roles_sent(event.content):
            return _Found(event, exact=True)
    # Keycloak records the removal of a mapper without its name.
    removed = [e for e in fitting if e.operation == "DELETE"] if field.before is None else fitting
    return _Found(removed[0], exact=False) if removed and removed[0].content is None else None


def _setter(kind: Kind, field: FieldChange, events: Sequence[AdminEvent], fits: Fits) -> _Found | None:
    """Find the event that gave the field its live value: the first of the last ones in a row that did."""
    found: _Found | None = None
    fitting = [event for event in events if fits(event)]
    for event in fitting:
        sent = value_sent(kind, field.path, event.content)
        if sent is NOT_SENT:
            if found is not None and event.operation == "CREATE" and event.content is not None:
                # A fresh object shows no difference: what its creation did not send was made so later.
                return replace(found, exact=True)
            continue
        if not _same(sent, field.before):
            return None if found is None else replace(found, exact=True)
        found = _Found(event, exact=event.operation == "CREATE")
    if found is not None:
        return found
    blind = bool(fitting) and fitting[0].content is None
    return _Found(fitting[0], exact=False) if blind else None


def _same(sent: Value | Unknown, live: Value) -> bool:
    return sent == live or (sent in ("", False, (), 0) and live is None)


def _of_membership(field: FieldChange, events: Sequence[AdminEvent], its: str, subject: Subject) -> _Found | None:
    before, after = _names(field.before), _names(field.after)

    def fits(event: AdminEvent) -> bool:
        if event.resource == "ORGANIZATION" and event.operation == "DELETE":
            return bool(after - before) and _id_of(event) in gone
        if event.resource != "ORGANIZATION_MEMBERSHIP":
            return bool(after - before) and _remakes_account(event, its, subject)
        wanted = {"CREATE"} if before - after else set()
        wanted |= {"DELETE"} if after - before else set()
        named = event.details.get("username", "").lower() == subject.username
        return event.operation in wanted and (named or event.parts[-1] == subject.user_id)

    gone = {*subject.organizations} | {_id_of(e) for e in events if _content(e).get("alias") in after - before}
    return _newest(events, fits)


def _content(event: AdminEvent) -> Mapping[str, Value]:
    return event.content if isinstance(event.content, Mapping) else {}


def _id_of(event: AdminEvent) -> str:
    return event.parts[1] if len(event.parts) > 1 else ""


def _remakes_account(event: AdminEvent, its: str, subject: Subject) -> bool:
    """Tell whether the service account was destroyed: with its roles, groups and memberships."""
    content = _content(event)
    if event.resource == "USER":
        return event.operation == "DELETE" and content.get("username") == subject.username
    return _imports_account(event, subject) or (event.path == its and content.get("serviceAccountsEnabled") is False)


def _imports_account(event: AdminEvent, subject: Subject) -> bool:
    """Tell whether a partial import made the user: as another one, that holds only what it was given."""
    return event.resource == "REALM" and bool(subject.user_id) and event.path == f"users/{subject.user_id}"


def _is_authorization(event: AdminEvent, its: str) -> bool:
    return event.resource == "AUTHORIZATION_RESOURCE_SERVER" and event.path == its


def _names(value: Value) -> set[str]:
    return {str(item) for item in value} if isinstance(value, tuple) else set()
