"""The realm, as a kind of resource."""

from collections.abc import Collection, Iterable, Iterator

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.declared import Declared, lifecycle_fields
from reconciler.kinds.live_document import LiveDocument, foreign
from reconciler.kinds.loss import Loss
from reconciler.kinds.realm import representation
from reconciler.kinds.realm.consequences import consequences
from reconciler.kinds.realm.fields import FIELDS, OVERLAP, REMAINING
from reconciler.kinds.realm.live_document import realm_document
from reconciler.kinds.realm.losses import of_realm
from reconciler.kinds.realm.prerequisites import prerequisite_findings, with_features
from reconciler.kinds.realm.rows import realm_row
from reconciler.kinds.realm.scaffolding import claim_override_findings, scaffolding_findings
from reconciler.kinds.realm.token_scopes import scope_ids
from reconciler.kinds.realm.writer import RealmWriter
from reconciler.kinds.row import Row
from reconciler.kinds.sent import NOT_SENT, plain_at
from reconciler.kinds.situation import Situation
from reconciler.kinds.writing import WriteContext, Writer
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import EventSubject
from reconciler.model.change import Change, Step
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Finding
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.risk import Consequence
from reconciler.model.touch import Thing
from reconciler.model.value import Fields, ObservedFields, Representation, Unknown, Value


class RealmKind(ResourceKind):
    """The scaffolding that organizations need in a realm."""

    kind = Kind.REALM
    document = "Realm"
    fields = FIELDS
    thing = Thing.REALM
    is_left_alone = True

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
        if (manifest := situation.desired.realm) is not None:
            yield realm_row(manifest, situation.snapshot, situation.owner)

    def judged(self, row: Row, situation: Situation) -> Row:
        return with_features(row, situation.snapshot)

    def findings(self, situation: Situation, changes: Collection[Change]) -> Iterator[Finding]:
        yield from scaffolding_findings(situation)
        yield from claim_override_findings(situation)
        yield from prerequisite_findings(situation)

    def steps(self, change: Change, changed: tuple[str, ...]) -> tuple[Step, ...]:
        return representation.steps(
            change.address.name, change.action, change.before or {}, change.after or {}, changed
        )

    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        return None

    def needs(self, change: Change, realm: str) -> tuple[Address, ...]:
        return ()

    def consequences(self, change: Change) -> Iterable[Consequence]:
        return consequences(change)

    def loss(self, path: str, gone: Value, after: Fields) -> Loss:
        return of_realm(path, after)

    def has_id(self, change: Change) -> bool:
        return False

    def observed(self, change: Change, snapshot: Snapshot) -> ObservedFields | None:
        return None if snapshot.realm is None else representation.observed_fields(snapshot.realm, change.after or {})

    def subject(self, address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> EventSubject:
        return EventSubject(scopes=scope_ids(snapshot.realm))

    def sent(self, path: str, content: Representation) -> Value | Unknown:
        keys = FIELDS.places.get(path)
        return NOT_SENT if keys is None else plain_at(content, keys)

    def writer(self, systems: WriteContext) -> Writer:
        return RealmWriter(systems)
