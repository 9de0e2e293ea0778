"""The table that planning works on: per resource, what is desired beside what is live."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.kinds import marks
from reconciler.kinds.client import fields as client
from reconciler.kinds.client.losses import additions
from reconciler.kinds.client.losses import unsaid as unsaid_of_client
from reconciler.kinds.loss import NO_ADDITIONS, Additions
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.organization import people
from reconciler.kinds.organization.losses import unsaid as unsaid_of_organization
from reconciler.kinds.realm import fields as realm
from reconciler.model.address import Address
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations, People
from reconciler.model.layout import CLIENT_PREFIX, SERVICE_ACCOUNT_PREFIX, service_account_of
from reconciler.model.manifest import DesiredState, IntegrationOrganization, Realm
from reconciler.model.observed import ClientObservation, NewUserDefaults, OrganizationObservation, ReadFailure, Snapshot
from reconciler.model.value import Fields, ObservedFields, Unknown, Value
from reconciler.plan.renames import followed_ids, lives_of

_CLIENTS = "spec.clients[*]"
_OF_CLIENTS = ("description", "enabled", "accessTokenLifespan", client.ROLES)
"""The fields of a client that a manifest names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One resource: ``after`` is desired, ``before`` is live; None means not declared, and not there.

    ``own`` is what the live object itself holds. ``ignored`` are paths left alone after creation,
    each with all that is below it. ``renamed_from`` is the name that the live object still has.
    """

    address: Address
    before: ObservedFields | None
    after: Fields | None
    marks: marks.Marks
    live_id: str = ""
    own: ObservedFields | None = None
    ignored: frozenset[str] = frozenset()
    renamed_from: str = ""
    is_leaving: bool = False
    """Whether no manifest declares it: ``after`` is then what it is when deleted softly."""
    sender: str = ""
    """Of a webhook: the client whose token manages it."""
    new_user_defaults: NewUserDefaults = field(default_factory=NewUserDefaults)
    """What a service account that is made for the client gets unasked."""
    obstacle: str = ""
    """Why it cannot be written now, whatever else is true of it."""
    unsaid: frozenset[str] = frozenset()
    """Fields that its manifest could say, but leaves to their defaults."""
    drop: tuple[str, ...] = ()
    """What its manifest lets go when it is adopted."""
    additions: Additions = NO_ADDITIONS
    """Of a client: what others have added to what Keycloak gives every client of the realm."""

    def ignores(self, path: str) -> bool:
        """Tell whether the field is left alone."""
        return any(path == ignored or path.startswith(f"{ignored}.") for ignored in self.ignored)


def rows(
    desired: DesiredState, snapshot: Snapshot, owner: str, expected: Expectations = NOTHING_EXPECTED
) -> Iterator[Row]:
    """Yield a row for every resource that is declared or live, in the order of creation.

    What the platform decides is no part of what is desired, and is left as it is live.
    """
    if desired.realm is not None:
        yield _realm_row(desired.realm, snapshot, owner)
    if not snapshot.shows_organizations:
        return
    yield from _organization_rows(desired, snapshot, owner, expected)
    yield from _client_rows(desired, snapshot, owner)


def _realm_row(manifest: Realm, snapshot: Snapshot, owner: str) -> Row:
    after = realm.desired_fields(manifest, owner)
    address = Address.realm(manifest.name)
    if snapshot.realm is None:
        return Row(address, None, after, marks.Marks(None))
    own = realm.observed_fields(snapshot.realm, after)
    before: dict[str, Value | Unknown] = dict(own)
    carried = realm.observed_marks(snapshot.realm)
    if (unseen := snapshot.sight.clients) is not None:
        # Its marks are hidden, too: while that blocks every change, it counts as ours.
        carried = carried if snapshot.realm.scope else marks.Marks(owner)
        # Whoever sees only some clients sees only some client scopes, and roles of clients, too.
        before |= {path: Unknown(unseen.reason) for path in {*own, *after} if realm.is_of_clients(path)}
    return Row(
        address=address,
        before=before,
        after=after,
        marks=carried,
        own=own,
        ignored=ignored_fields(manifest.lifecycle.ignore_changes, "spec."),
        drop=manifest.lifecycle.adopt.drop,
    )


def _organization_rows(desired: DesiredState, snapshot: Snapshot, owner: str, expected: Expectations) -> Iterator[Row]:
    declared = {manifest.name: manifest for manifest in desired.organizations}
    accounts = {service_account_of(client_id).lower() for client_id in snapshot.clients} - impostors(snapshot)
    accounts |= {name for name, client_id in renamed(snapshot).items() if client_id in snapshot.clients}
    for alias in sorted(declared.keys() | snapshot.organizations.keys()):
        manifest = declared.get(alias)
        live = snapshot.organizations.get(alias)
        after = organization.desired_fields(manifest, owner, expected) if manifest else None
        shared = is_shared(manifest, expected)
        ignored = _ignored_of_organization(manifest, expected)
        address = Address.organization(alias)
        if live is None and snapshot.sight.organizations is not None:
            # It may be there: nothing can be said of it.
            continue
        if live is None:
            yield Row(address, None, after, marks.Marks(None), ignored=ignored)
            continue
        own = organization.observed_fields(live)
        left = {} if manifest else _accounts_left(alias, desired, snapshot, owner)
        yield Row(
            address=address,
            before={
                **own,
                **_unread(live, is_shared=shared),
                **_members(alias, snapshot, accounts, with_people=not shared),
                **left,
            },
            after=after,
            marks=organization.observed_marks(live),
            live_id=live.id,
            own=own,
            ignored=ignored,
            unsaid=unsaid_of_organization(manifest) if manifest else frozenset(),
            drop=manifest.lifecycle.adopt.drop if manifest else (),
        )


def _unread(live: OrganizationObservation, *, is_shared: bool) -> dict[str, Unknown]:
    # Invitations that are left alone anyway are missed by nobody.
    parts = {people.GROUPS: live.groups} | ({} if is_shared else {people.INVITATIONS: live.invitations})
    return {path: Unknown(found.reason) for path, found in parts.items() if isinstance(found, ReadFailure)}


def impostors(snapshot: Snapshot) -> frozenset[str]:
    """Return the names of users that are only named like a service account, as far as could be read."""
    return frozenset() if isinstance(snapshot.impostors, ReadFailure) else snapshot.impostors


def renamed(snapshot: Snapshot) -> Mapping[str, str]:
    """Return the clientIds of service accounts that are named otherwise, by their names, as far as could be read."""
    return {} if isinstance(snapshot.renamed, ReadFailure) else snapshot.renamed


def is_shared(manifest: IntegrationOrganization | None, expected: Expectations) -> bool:
    """Tell whether people share a declared organization, and are left alone in it."""
    return manifest is not None and (manifest.spec.people or expected.people) is People.SHARED


def _ignored_of_organization(manifest: IntegrationOrganization | None, expected: Expectations) -> frozenset[str]:
    if manifest is None:
        return frozenset()
    ignored = ignored_fields(manifest.lifecycle.ignore_changes, "spec.") | frozenset(expected.platform_fields)
    return ignored | {people.MANAGED} | (people.THEIRS if is_shared(manifest, expected) else frozenset())


def _members(
    alias: str, snapshot: Snapshot, accounts: Collection[str], *, with_people: bool
) -> dict[str, Value | Unknown]:
    """Return the members that are no service account of an integration's client, and whose accounts end with it."""
    found = snapshot.members.get(alias, ())
    if isinstance(found, ReadFailure):
        return {people.MEMBERS: Unknown(found.reason)}
    # A client that is not shown may be there, and declare its account.
    hidden = snapshot.sight.clients is not None
    foreign = tuple(name for name in found if is_account(name, snapshot) and name not in accounts and not hidden)
    fields: dict[str, Value | Unknown] = {people.MEMBERS: foreign, people.MANAGED: snapshot.managed.get(alias, ())}
    if with_people:
        fields[people.PEOPLE] = people_in(alias, snapshot)
    return {path: names for path, names in fields.items() if names}


def _accounts_left(alias: str, desired: DesiredState, snapshot: Snapshot, owner: str) -> dict[str, Value]:
    """Return the service accounts in the organization that no plan moves, or ends with their clients."""
    declared = {each.client_id for manifest in desired.organizations for each in manifest.spec.clients}
    ours = {client_id for client_id, live in snapshot.clients.items() if client.observed_marks(live).may_delete(owner)}
    moved = {service_account_of(client_id).lower() for client_id in declared | ours}
    moved |= {name for name, client_id in renamed(snapshot).items() if client_id in declared | ours}
    found = snapshot.members.get(alias, ())
    members = () if isinstance(found, ReadFailure) else found
    left = tuple(name for name in members if is_account(name, snapshot) and name not in moved)
    return {people.ACCOUNTS: left} if left else {}


def is_account(name: str, snapshot: Snapshot) -> bool:
    """Tell whether the member is a service account, whatever it is named."""
    # Whoever passes for a service account is no person that an organization is shared with.
    return name.startswith(SERVICE_ACCOUNT_PREFIX) or name in renamed(snapshot)


def people_in(alias: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the user names of an organization's members that are no service account."""
    found = snapshot.members.get(alias, ())
    return () if isinstance(found, ReadFailure) else tuple(name for name in found if not is_account(name, snapshot))


def _client_rows(desired: DesiredState, snapshot: Snapshot, owner: str) -> Iterator[Row]:
    declared = {c.client_id: (manifest, c) for manifest in desired.organizations for c in manifest.spec.clients}
    lives = lives_of({client_id: wanted for client_id, (_, wanted) in declared.items()}, snapshot, owner)
    followed = followed_ids(wanted for _, wanted in declared.values())
    new_user_defaults = snapshot.realm.new_user_defaults if snapshot.realm else NewUserDefaults()
    added = additions(snapshot.realm) if snapshot.realm else NO_ADDITIONS
    for client_id, (manifest, wanted) in sorted(declared.items(), key=lambda item: item[0]):
        address = Address.client(manifest.name, client_id)
        protected, follows = manifest.lifecycle.prevent_destroy, client_id in followed
        after = client.desired_fields(manifest.name, wanted, owner, protected=protected, follows=follows)
        live = lives.get(client_id)
        if live is not None:
            renamed_from = live.client_id if live.client_id != client_id else ""
            row = _live_client_row(address, live, after, manifest)
            yield replace(
                row,
                renamed_from=renamed_from,
                new_user_defaults=new_user_defaults,
                unsaid=unsaid_of_client(wanted),
                additions=added,
            )
        elif snapshot.sight.clients is None:
            yield Row(address, None, after, marks.Marks(None), new_user_defaults=new_user_defaults)
    used = {live.client_id for live in lives.values()}
    for client_id, live in sorted(snapshot.clients.items()):
        if client_id not in used:
            yield _live_client_row(Address.client(_home(live), client_id), live, None)


def _live_client_row(
    address: Address,
    live: ClientObservation,
    after: Fields | None,
    manifest: IntegrationOrganization | None = None,
) -> Row:
    before = client.observed_fields(live)
    return Row(
        address=address,
        before=before,
        after=after,
        marks=client.observed_marks(live),
        live_id=live.id,
        own=before,
        ignored=_ignored_of_clients(manifest.lifecycle.ignore_changes) if manifest else frozenset(),
        drop=manifest.lifecycle.adopt.drop if manifest else (),
    )


def _home(live: ClientObservation) -> str:
    """Return the organization that an undeclared client seems to belong to."""
    return "-" if isinstance(live.organizations, ReadFailure) or not live.organizations else live.organizations[0]


def ignored_fields(patterns: tuple[str, ...], prefix: str) -> frozenset[str]:
    """Return the fields that the patterns name; a list is one field, and so is a pattern for all of its items."""
    return frozenset(p.removeprefix(prefix).removesuffix("[*]") for p in patterns if p.startswith(prefix))


def _ignored_of_clients(patterns: tuple[str, ...]) -> frozenset[str]:
    if {_CLIENTS, _CLIENTS.removesuffix("[*]")} & set(patterns):
        return frozenset(_OF_CLIENTS)
    return ignored_fields(patterns, f"{_CLIENTS}.")


@dataclass(frozen=True, slots=True)
class UndeclaredMember:
    """A client that no manifest declares, but whose service account is a member of a declared organization.

    ``owner`` is the name of the reconciler that manages the client, if one does.
    """

    alias: str
    client_id: str
    owner: str | None


def undeclared_members(desired: DesiredState, snapshot: Snapshot) -> Iterator[UndeclaredMember]:
    """Yield the undeclared clients that are members of declared organizations."""
    declared = {c.client_id for manifest in desired.organizations for c in manifest.spec.clients}
    for manifest in desired.organizations:
        found = snapshot.members.get(manifest.name, ())
        for name in () if isinstance(found, ReadFailure) else found:
            client_id = renamed(snapshot).get(name) or name.removeprefix(SERVICE_ACCOUNT_PREFIX)
            if name in impostors(snapshot):
                continue
            if client_id != name and client_id.startswith(CLIENT_PREFIX) and client_id not in declared:
                live = snapshot.clients.get(client_id)
                owner = None if live is None else client.observed_marks(live).owner
                yield UndeclaredMember(manifest.name, client_id, owner)


def live_ids(snapshot: Snapshot) -> Mapping[Address, str]:
    """Return the Keycloak id of every live organization, by address."""
    return {Address.organization(alias): live.id for alias, live in snapshot.organizations.items()}
