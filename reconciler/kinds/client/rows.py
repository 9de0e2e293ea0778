"""The rows of clients: what is declared beside what is live."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.kinds import marks
from reconciler.kinds.client import representation as client
from reconciler.kinds.client.fields import DEFAULT_SCOPES, FIELDS
from reconciler.kinds.client.losses import additions
from reconciler.kinds.compare import known
from reconciler.kinds.loss import NO_ADDITIONS
from reconciler.kinds.organization.members import impostors, renamed
from reconciler.kinds.realm.prerequisites import missing_scopes
from reconciler.kinds.row import Row, ignored_of_items
from reconciler.kinds.said import unsaid
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.layout import CLIENT_PREFIX, SERVICE_ACCOUNT_PREFIX
from reconciler.model.manifest import Client, DesiredState, IntegrationOrganization
from reconciler.model.observed import ClientObservation, NewUserDefaults, ReadFailure, Snapshot
from reconciler.model.value import Fields, names


def client_rows(situation: Situation) -> Iterator[Row]:
    """Yield a row for every client that is declared, then for what else is live."""
    snapshot, owner = situation.snapshot, situation.owner
    if not snapshot.shows_organizations:
        return
    declared = {client.client_id: (manifest, client) for manifest, client, _ in situation.clients()}
    lives = _lives_of({client_id: wanted for client_id, (_, wanted) in declared.items()}, snapshot, owner)
    followed = {former for _, wanted in declared.values() for former in wanted.previous_client_ids}
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
                unsaid=unsaid(wanted, FIELDS),
                additions=added,
            )
        elif snapshot.sight.clients is None:
            yield Row(address, None, after, marks.Marks(None), new_user_defaults=new_user_defaults)
    used = {live.client_id for live in lives.values()}
    for client_id, live in sorted(snapshot.clients.items()):
        if client_id not in used:
            yield _live_client_row(Address.client(_home(live), client_id), live, None)


def _lives_of(declared: Mapping[str, Client], snapshot: Snapshot, owner: str) -> dict[str, ClientObservation]:
    """Return the live client of each declared one, by its declared id: of that id, or of ours with a previous one.

    A chain of renames (``b`` becomes ``c``, and ``a`` becomes ``b``) is read from its end: a live client of an id that
    was another's is that other one until our mark says otherwise, or the other one has its new id.
    """
    found: dict[str, ClientObservation] = {}
    heirs = {former: each.client_id for each in declared.values() for former in each.previous_client_ids}

    def resolve(client_id: str, path: tuple[str, ...]) -> ClientObservation | None:
        if client_id in path:
            return None
        wanted, live = declared[client_id], snapshot.clients.get(client_id)
        heir = heirs.get(client_id, client_id)
        is_the_heirs = (
            live is not None
            and heir != client_id
            and client.observed_marks(live).is_of(owner)
            and not client.is_settled(live, wanted)
            and resolve(heir, (*path, client_id)) is live
        )
        return _former(wanted, snapshot, owner, declared) if live is None or is_the_heirs else live

    for client_id in sorted(declared):
        if (live := resolve(client_id, ())) is not None:
            found[client_id] = live
    return found


def _former(wanted: Client, snapshot: Snapshot, owner: str, declared: Mapping[str, Client]) -> ClientObservation | None:
    """Return the live client of ours that has one of the ids that the wanted one had before."""
    for former in wanted.previous_client_ids:
        live = snapshot.clients.get(former)
        is_ours = live is not None and client.observed_marks(live).is_of(owner)
        if live is not None and is_ours and not (former in declared and client.is_settled(live, declared[former])):
            return live
    return None


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
        ignored=ignored_of_items(manifest.lifecycle.ignored_paths, "clients", FIELDS.said) if manifest else frozenset(),
        drop=manifest.lifecycle.adopt.drop if manifest else (),
    )


def _home(live: ClientObservation) -> str:
    """Return the organization that an undeclared client seems to belong to."""
    return "-" if isinstance(live.organizations, ReadFailure) or not live.organizations else live.organizations[0]


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


def with_scopes(row: Row, desired: DesiredState, snapshot: Snapshot) -> Row:
    """Return a client's row, blocked where the realm has not the client scopes that it needs."""
    if row.after is None:
        return row
    lacking = {*names(row.after.get(DEFAULT_SCOPES))} - {*names(known(row.before or {}).get(DEFAULT_SCOPES))}
    if not (missing := sorted(lacking & set(missing_scopes(desired, snapshot)))):
        return row
    why = f"the realm has no client scope {', '.join(missing)}, which its tokens need"
    return replace(row, obstacle=row.obstacle or why)
