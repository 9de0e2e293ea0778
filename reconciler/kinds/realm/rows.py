"""The row of the realm: what its manifest declares beside what is live."""

from reconciler.kinds import marks
from reconciler.kinds.realm import representation as realm
from reconciler.kinds.row import Row, ignored_fields
from reconciler.model.address import Address
from reconciler.model.manifest import Realm
from reconciler.model.observed import Snapshot
from reconciler.model.value import Unknown, Value


def realm_row(manifest: Realm, snapshot: Snapshot, owner: str) -> Row:
    """Return the row of a declared realm."""
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
        ignored=ignored_fields(manifest.lifecycle.ignored_paths, "spec."),
        drop=manifest.lifecycle.adopt.drop,
    )
