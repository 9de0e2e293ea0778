"""The realm, as a kind of resource."""

from collections.abc import Collection, Iterator
from typing import Final

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.declared import Declared, lifecycle_fields
from reconciler.kinds.live_document import LiveDocument, foreign
from reconciler.kinds.loss import MEDIUM, Loss, harmless
from reconciler.kinds.marks import Marks
from reconciler.kinds.realm import representation
from reconciler.kinds.realm.consequences import consequences
from reconciler.kinds.realm.fields import FIELDS, OVERLAP, REMAINING
from reconciler.kinds.realm.live_document import realm_document
from reconciler.kinds.realm.prerequisites import prerequisite_findings, with_features
from reconciler.kinds.realm.scaffolding import claim_override_findings, scaffolding_findings
from reconciler.kinds.realm.token_scopes import SCOPES, scope_ids
from reconciler.kinds.realm.writer import RealmWriter
from reconciler.kinds.row import Row, ignored_fields
from reconciler.kinds.sent import NOT_SENT, plain_at
from reconciler.kinds.situation import Situation
from reconciler.kinds.unique import Unique
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import EventSubject
from reconciler.model.change import Change, Step
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Finding
from reconciler.model.layout import DEFAULT_REALM
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.touch import Thing
from reconciler.model.value import Fields, ObservedFields, Representation, Unknown, Value

_SCOPE_CHANGED: Final = harmless(MEDIUM, "scope-changed", "The tokens of clients with the client scope change.")


class RealmKind(ResourceKind):
    """The scaffolding that organizations need in a realm."""

    kind = Kind.REALM
    document = "Realm"
    fields = FIELDS
    default_name = DEFAULT_REALM
    uniques = (Unique((), "A realm is declared already, at {place}.", "Keep one Realm document."),)
    thing = Thing.REALM
    is_left_alone = True
    writer = RealmWriter

    judged = staticmethod(with_features)
    creation = staticmethod(representation.creation)
    update = staticmethod(representation.update)
    consequences = staticmethod(consequences)

    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        if (manifest := desired.realm) is not None:
            said = {**representation.desired_fields(manifest, owner), **dict(lifecycle_fields(manifest.lifecycle))}
            yield Declared(Address.realm(realm), said, {})

    def ruled_fields(self, address: Address, said: Fields) -> Fields:
        return representation.ruled_fields(said)

    def as_ruled(self, said: Fields, after: Fields) -> Fields:
        overlap = after.get(REMAINING)
        others = {path: value for path, value in said.items() if path != OVERLAP}
        return others if overlap is None else {**others, OVERLAP: overlap}

    def live_documents(
        self, snapshot: Snapshot, owner: str, expected: Expectations, *, allow_takeover: bool
    ) -> Iterator[LiveDocument]:
        if (live := snapshot.realm) is not None:
            found = representation.observed_marks(live).owner
            why = tuple(foreign("It", found, owner, allow_takeover=allow_takeover))
            address = Address.realm(str(live.representation["realm"]))
            yield LiveDocument(address, why, None if why else realm_document(live))

    def rows(self, situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
        if (manifest := situation.desired.realm) is None:
            return
        after, address = representation.desired_fields(manifest, situation.owner), Address.realm(manifest.name)
        live, unseen = situation.snapshot.realm, situation.snapshot.sight.clients
        if live is None:
            yield Row(address, None, after, Marks(None))
            return
        own = representation.observed_fields(live, after)
        before: dict[str, Value | Unknown] = dict(own)
        carried = representation.observed_marks(live)
        if unseen is not None:
            # Its marks are hidden, too: while that blocks every change, it counts as ours.
            carried = carried if live.scope else Marks(situation.owner)
            # Whoever sees only some clients sees only some client scopes, and roles of clients, too.
            hidden = {path for path in {*own, *after} if representation.is_of_clients(path)}
            before |= {path: Unknown(unseen.reason) for path in hidden}
        ignored = ignored_fields(manifest.lifecycle.ignored_paths, "spec.")
        drop = manifest.lifecycle.adopt.drop
        yield Row(address, before, after, carried, own=own, ignored=ignored, drop=drop)

    def findings(self, situation: Situation, changes: Collection[Change]) -> Iterator[Finding]:
        yield from scaffolding_findings(situation)
        yield from claim_override_findings(situation)
        yield from prerequisite_findings(situation)

    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        return None

    def needs(self, change: Change, realm: str) -> tuple[Address, ...]:
        return ()

    def deletion(self, change: Change) -> tuple[Step, ...]:
        return ()

    def loss(self, path: str, gone: Value, after: Fields) -> Loss:
        is_kept = path.startswith(SCOPES) and any(f"{path}.".startswith(f"{kept}.") for kept in after)
        return _SCOPE_CHANGED if is_kept else FIELDS.loss(path)

    def has_id(self, change: Change) -> bool:
        return False

    def observed(self, change: Change, snapshot: Snapshot) -> ObservedFields | None:
        return None if snapshot.realm is None else representation.observed_fields(snapshot.realm, change.after or {})

    def subject(self, address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> EventSubject:
        return EventSubject(scopes=scope_ids(snapshot.realm))

    def sent(self, path: str, content: Representation) -> Value | Unknown:
        keys = FIELDS.places.get(path)
        return NOT_SENT if keys is None else plain_at(content, keys)
