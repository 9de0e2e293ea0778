"""The rows of clients: what is declared beside what is live."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.kinds import marks
from reconciler.kinds.client import representation as client
from reconciler.kinds.client.fields import DEFAULT_SCOPES, FIELDS
from reconciler.kinds.client.losses import additions, unsaid
from reconciler.kinds.client.renames import followed_ids, lives_of
from reconciler.kinds.compare import known
from reconciler.kinds.loss import NO_ADDITIONS
from reconciler.kinds.organization.members import impostors, renamed
from reconciler.kinds.realm.prerequisites import missing_scopes
from reconciler.kinds.row import Row, ignored_fields
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.layout import CLIENT_PREFIX, SERVICE_ACCOUNT_PREFIX
from reconciler.model.manifest import DesiredState, IntegrationOrganization
from reconciler.model.observed import ClientObservation, NewUserDefaults, ReadFailure, Snapshot
from reconciler.model.value import Fields, names

_CLIENTS = "spec.clients[*]"


def client_rows(situation: Situation) -> Iterator[Row]:
    """Yield a row for every client that is declared, then for what else is live."""
    snapshot, owner = situation.snapshot, situation.owner
    if not snapshot.shows_organizations:
        return
    declared = {client.client_id: (manifest, client) for manifest, client, _ in situation.clients()}
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
                unsaid=unsaid(wanted),
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
        ignored=_ignored_of_clients(manifest.lifecycle.ignored_paths) if manifest else frozenset(),
        drop=manifest.lifecycle.adopt.drop if manifest else (),
    )


def _home(live: ClientObservation) -> str:
    """Return the organization that an undeclared client seems to belong to."""
    return "-" if isinstance(live.organizations, ReadFailure) or not live.organizations else live.organizations[0]


def _ignored_of_clients(patterns: tuple[str, ...]) -> frozenset[str]:
    if {_CLIENTS, _CLIENTS.removesuffix("[*]")} & set(patterns):
        return FIELDS.said
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


def with_scopes(row: Row, desired: DesiredState, snapshot: Snapshot) -> Row:
    """Return a client's row, blocked where the realm has not the client scopes that it needs."""
    if row.after is None:
        return row
    lacking = {*names(row.after.get(DEFAULT_SCOPES))} - {*names(known(row.before or {}).get(DEFAULT_SCOPES))}
    if not (missing := sorted(lacking & set(missing_scopes(desired, snapshot)))):
        return row
    why = f"the realm has no client scope {', '.join(missing)}, which its tokens need"
    return replace(row, obstacle=row.obstacle or why)
