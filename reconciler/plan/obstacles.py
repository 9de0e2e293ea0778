"""Block what cannot be: a name that something live keeps, which the plan does not change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.kinds.client import fields as client
from reconciler.kinds.organization import fields as organization
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change
from reconciler.model.layout import service_account_of
from reconciler.model.observed import ClientObservation, Snapshot
from reconciler.plan.names import Name, name_after, name_before
from reconciler.plan.rows import impostors


def without_collisions(changes: Iterable[Change], snapshot: Snapshot) -> list[Change]:
    """Return the changes; one that takes a name that is not given up is blocked, and says what stands in the way."""
    found = {change.address: change for change in changes}
    holders = dict(_holders(snapshot))
    # What is blocked gives nothing up, so that one block can be the cause of another.
    while blocked := {a: replace(c, blocked=why) for a, c in found.items() if (why := _collision(c, found, holders))}:
        found |= blocked
    users = impostors(snapshot)
    return [_without_impostor(change, users) for change in found.values()]


def _holders(snapshot: Snapshot) -> Iterator[tuple[Name, tuple[str, str]]]:
    """Yield the unique names of everything live: how a reader knows what has it, and whose it is."""
    for alias, each in snapshot.organizations.items():
        name = Kind.ORGANIZATION, str(each.representation.get("name"))
        yield name, (alias, _whose(organization.observed_marks(each).owner))
    for client_id in sorted(snapshot.namesakes):
        yield _account(client_id), (client_id, _whose(None))
    for client_id, live in snapshot.clients.items():
        if _has_account(live):
            yield _account(client_id), (client_id, _whose(client.observed_marks(live).owner))


def _has_account(live: ClientObservation) -> bool:
    return bool(live.representation.get("serviceAccountsEnabled"))


def _account(client_id: str) -> Name:
    return Kind.CLIENT, service_account_of(client_id).lower()


def _whose(owner: str | None) -> str:
    return "is unmanaged" if owner is None else f"belongs to the reconciler '{owner}'"


def _collision(change: Change, changes: Mapping[Address, Change], holders: Mapping[Name, tuple[str, str]]) -> str:
    """Return what stands in the way of a change that takes a name; empty where nothing does, or it is blocked."""
    name = name_after(change)
    if change.blocked or name is None or name == name_before(change) or name not in holders:
        return ""
    holder, whose = holders[name]
    if holder == _live_name(change):
        return ""
    giver = next((c for c in changes.values() if name_before(c) == name and _live_name(c) == holder), None)
    if giver is not None and name_after(giver) != name:
        if not giver.blocked:
            return ""
        whose = f"cannot be changed now: {giver.blocked}"
    if change.address.kind is Kind.ORGANIZATION:
        return f"the display name '{name[1]}' is taken by the organization '{holder}', which {whose}"
    other = "" if holder == change.address.name else "; names of service accounts ignore case"
    return f"the id '{change.address.name}' is taken by the client '{holder}', which {whose}{other}"


def _live_name(change: Change) -> str:
    return change.renamed_from or change.address.name


def _without_impostor(change: Change, users: frozenset[str]) -> Change:
    """Return the change; blocked where a user has the name of the service account that Keycloak would have to make."""
    name = name_after(change)
    is_in_the_way = name is not None and name[0] is Kind.CLIENT and name[1] in users and name != name_before(change)
    if change.blocked or not is_in_the_way or name is None:
        return change
    return replace(change, blocked=f"the user '{name[1]}' has the name that its service account needs")
