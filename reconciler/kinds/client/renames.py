"""Which live client is which declared one, where ids are passed on."""

from collections.abc import Iterable, Mapping

from reconciler.kinds.client import representation as client
from reconciler.model.manifest import Client
from reconciler.model.observed import ClientObservation, Snapshot


def followed_ids(clients: Iterable[Client]) -> set[str]:
    """Return the previous ids of all clients; one that is declared now is followed by another client."""
    return {former for each in clients for former in each.previous_client_ids}


def lives_of(declared: Mapping[str, Client], snapshot: Snapshot, owner: str) -> dict[str, ClientObservation]:
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
