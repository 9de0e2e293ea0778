"""Who is a member of an organization: service accounts, by their names, and people."""

from collections.abc import Collection, Mapping

from reconciler.kinds.client import representation as client
from reconciler.kinds.organization import fields as paths
from reconciler.model.layout import SERVICE_ACCOUNT_PREFIX, service_account_of
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.value import Unknown, Value


def impostors(snapshot: Snapshot) -> frozenset[str]:
    """Return the names of users that are only named like a service account, as far as could be read."""
    return frozenset() if isinstance(snapshot.impostors, ReadFailure) else snapshot.impostors


def renamed(snapshot: Snapshot) -> Mapping[str, str]:
    """Return the clientIds of service accounts that are named otherwise, by their names, as far as could be read."""
    return {} if isinstance(snapshot.renamed, ReadFailure) else snapshot.renamed


def member_fields(
    alias: str, snapshot: Snapshot, accounts: Collection[str], *, with_people: bool
) -> dict[str, Value | Unknown]:
    """Return the members that are no service account of an integration's client, and whose accounts end with it."""
    found = snapshot.members.get(alias, ())
    if isinstance(found, ReadFailure):
        return {paths.MEMBERS: Unknown(found.reason)}
    # A client that is not shown may be there, and declare its account.
    hidden = snapshot.sight.clients is not None
    foreign = tuple(name for name in found if is_account(name, snapshot) and name not in accounts and not hidden)
    fields: dict[str, Value | Unknown] = {paths.MEMBERS: foreign, paths.MANAGED: snapshot.managed.get(alias, ())}
    if with_people:
        fields[paths.PEOPLE] = people_in(alias, snapshot)
    return {path: names for path, names in fields.items() if names}


def accounts_moved(desired: DesiredState, snapshot: Snapshot, owner: str) -> set[str]:
    """Return the service accounts that a plan moves, or ends with their clients."""
    declared = {each.client_id for manifest in desired.organizations for each in manifest.spec.clients}
    ours = {client_id for client_id, live in snapshot.clients.items() if client.observed_marks(live).may_delete(owner)}
    moved = {service_account_of(client_id).lower() for client_id in declared | ours}
    return moved | {name for name, client_id in renamed(snapshot).items() if client_id in declared | ours}


def accounts_left(alias: str, snapshot: Snapshot, moved: Collection[str]) -> dict[str, Value]:
    """Return the service accounts in the organization that stay as they are."""
    found = snapshot.members.get(alias, ())
    members = () if isinstance(found, ReadFailure) else found
    left = tuple(name for name in members if is_account(name, snapshot) and name not in moved)
    return {paths.ACCOUNTS: left} if left else {}


def is_account(name: str, snapshot: Snapshot) -> bool:
    """Tell whether the member is a service account, whatever it is named."""
    # Whoever passes for a service account is no person that an organization is shared with.
    return name.startswith(SERVICE_ACCOUNT_PREFIX) or name in renamed(snapshot)


def people_in(alias: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the user names of an organization's members that are no service account."""
    found = snapshot.members.get(alias, ())
    return () if isinstance(found, ReadFailure) else tuple(name for name in found if not is_account(name, snapshot))
