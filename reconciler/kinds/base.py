"""What a kind of resource is: everything that planning, applying and reviewing ask of it.

Nothing above asks of which kind a resource is; it asks the kind, which ``registry`` knows. All of one kind is in the
folder of its name. A kind has no state.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from reconciler.kinds import marks
from reconciler.kinds.declared import Declared
from reconciler.kinds.field import FieldTable
from reconciler.kinds.item_marks import ItemMarks
from reconciler.kinds.live_document import LiveDocument
from reconciler.kinds.loss import Additions, Loss
from reconciler.kinds.row import Row
from reconciler.kinds.sent import NOT_SENT, texts
from reconciler.kinds.situation import Situation
from reconciler.kinds.unique import Unique
from reconciler.kinds.writing import Writer
from reconciler.model.address import Address, Kind
from reconciler.model.attribution import EventSubject
from reconciler.model.change import Action, Change, Step
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.errors import Problem
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Finding
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.plan import Plan
from reconciler.model.risk import Consequence, Risk
from reconciler.model.sensitive import masked
from reconciler.model.touch import Thing
from reconciler.model.value import Fields, ObservedFields, Representation, Unknown, Value


# docs/decisions.md, 148: why a kind is an object, and why a class with defaults.
class ResourceKind(ABC):
    """One kind of resource; what most kinds have in common is the default."""

    kind: ClassVar[Kind]
    document: ClassVar[str]
    """The ``kind:`` of the manifest that declares it."""
    items: ClassVar[str] = ""
    """The list of the manifest's ``spec`` that declares it, if it is not the manifest's own resource."""
    name_field: ClassVar[str] = "name"
    """What a changed name is shown as."""
    fields: ClassVar[FieldTable]
    """What each of its fields is."""

    default_name: ClassVar[str] = ""
    """The name of what a manifest declares that names nothing; empty where each names something."""
    uniques: ClassVar[tuple[Unique, ...]] = ()
    """What no two declarations can have in common."""

    thing: ClassVar[Thing | None] = None
    """As what admin events know it, or what carries its marks; None where there are none of it."""
    name_sent: ClassVar[str] = ""
    """The key of what is sent to Keycloak that holds its name; empty where events tell of no whole one."""

    item_marks: ClassVar[ItemMarks | None] = None
    """Its marks, where the organization that it is an item of carries them."""
    is_on_platform: ClassVar[bool] = False
    """Whether it lives on the platform, and not in Keycloak."""
    logs_in: ClassVar[bool] = False
    """Whether a program logs in as it: it has a secret, and can ask the platform for its effect."""
    moves: ClassVar[bool] = False
    """Whether it stays the same one in another organization."""
    is_left_alone: ClassVar[bool] = False
    """Whether what no manifest declares any more stays as it is."""
    lends_name: ClassVar[bool] = False
    """Whether it can have another unique name meanwhile, so that a circle of names can be passed on."""

    writer: ClassVar[type[Writer]]
    """What reads and writes resources of this kind in one apply."""
    action_risks: ClassVar[Mapping[Action, Risk]] = {}
    """What happens to a whole resource, where it is more than with any kind."""

    # Declaring

    @abstractmethod
    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        """Yield what manifests declare of this kind, marks included, as it is compared without a server."""

    def ruled_fields(self, address: Address, said: Fields) -> Fields:
        """Return what the reconciler's own rules say beside what the manifest says."""
        return {}

    def as_ruled(self, said: Fields, after: Fields) -> Fields:
        """Return what the manifest must say for the fields of the rules to be what they are."""
        return said

    def likeness(self, declared: Declared) -> Hashable | None:
        """Return what is equal where two sets of manifests declare one resource by two names; None where nothing is."""
        return None

    def live_documents(
        self, snapshot: Snapshot, owner: str, expected: Expectations, *, allow_takeover: bool
    ) -> Iterator[LiveDocument]:
        """Yield what an import makes of each live object that has a manifest of its own, or could be in none.

        What the platform decides is as it answers; what another reconciler manages is left out, unless it may be taken.
        """
        yield from ()

    def items_of(self, alias: str, snapshot: Snapshot) -> tuple[list[dict[str, Any]], list[tuple[Address, str]]]:
        """Return what an import writes into the list of a live organization, and what of it no manifest can say.

        The latter comes with the reason.
        """
        return [], []

    def words_of_live(self, address: Address, problem: Problem, steps: Sequence[str], snapshot: Snapshot) -> str:
        """Return what of a live object breaks a rule of manifests at ``steps``, with where the live system keeps it."""
        return f"Its {problem.path}: {problem.message} {problem.remedy}".rstrip()

    # Planning

    @abstractmethod
    def rows(self, situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
        """Yield a row for every resource that is declared or live; ``pending`` are changes of kinds created before."""

    def check_server(self, desired: DesiredState, snapshot: Snapshot, means: Callable[[Address], bool]) -> None:
        """Refuse to plan what the server cannot do. Raises WrongServer or WrongUsage."""
        return

    def judged(self, row: Row, situation: Situation) -> Row:
        """Return the row, with what the live system itself makes of it, and blocked where it lacks something."""
        return row

    def findings(self, situation: Situation, changes: Collection[Change]) -> Iterator[Finding]:
        """Yield what no write can mend, given the plan's ``changes``."""
        yield from ()

    def unread(self, row: Row, snapshot: Snapshot) -> Iterator[ReadFailure]:
        """Yield what of the resource could not be read, and matters for this very row alone."""
        yield from ()

    def hazards(self, change: Change) -> Iterator[Finding]:
        """Yield what the change cannot put back, although its fields will be as they were."""
        yield from ()

    def steps(self, change: Change, changed: tuple[str, ...]) -> tuple[Step, ...]:
        """Return the writes that make the change; ``changed`` are the fields that differ."""
        if change.after is None:
            return tuple(self.deletion(change))
        if change.before is None:
            return tuple(self.creation(change, change.after))
        return tuple(self.update(change, change.before, change.after, frozenset(changed)))

    @abstractmethod
    def creation(self, change: Change, after: Fields) -> Iterable[Step]:
        """Return the writes that create the resource."""

    @abstractmethod
    def update(self, change: Change, before: Fields, after: Fields, changed: frozenset[str]) -> Iterable[Step]:
        """Return the writes that update the resource, or adopt it."""

    @abstractmethod
    def deletion(self, change: Change) -> Iterable[Step]:
        """Return the writes that delete the resource."""

    @abstractmethod
    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        """Return what it is once no manifest declares it, where it is not deleted; None where nothing would be left.

        ``at`` is the moment; names that others take are ``taken``.
        """

    def given_up(self, address: Address, before: Fields, after: Fields) -> frozenset[str]:
        """Return the names that a soft deletion has given up to others."""
        return frozenset()

    def needs(self, change: Change, realm: str) -> tuple[Address, ...]:
        """Return what must be there before the resource can be what it shall be."""
        if change.after is None:
            return ()
        home = change.address.home
        return (Address.realm(realm), *([home] if home != change.address else []))

    def consequences(self, change: Change) -> Iterable[Consequence]:
        """Yield what the live system does beyond what the steps of the change say."""
        return ()

    def without_deleted_accounts(self, before: Fields, after: Fields) -> Fields:
        """Return what is desired, but for what would delete a person's account: no unattended run does that."""
        return after

    def loss(self, path: str, gone: Value, after: Fields) -> Loss:
        """Return what it means that a resource that is adopted loses ``gone`` of a field."""
        return self.fields.loss(path)

    def loss_beside(self, path: str, loss: Loss, before: Fields, after: Fields, added: Additions) -> Loss:
        """Return the loss as it is beside the other fields, and what others have ``added`` in the realm."""
        return loss

    def entry_to_drop(self, address: Address, path: str) -> str:
        """Return the entry of ``lifecycle.adopt.drop`` that means the field of this resource, and of no other one."""
        return path

    def is_meant(self, address: Address, client_id: str | None) -> bool:
        """Tell whether an entry of ``lifecycle.adopt.drop`` means it: one for a client, or for all of a manifest."""
        return client_id is None

    # Names, and order

    def unique_name(self, fields: Fields, name: str) -> str | None:
        """Return the name that no other resource of the kind can have, as Keycloak tells it; None where it has none."""
        return None

    def holder(self, change: Change) -> str:
        """Return how a reader knows what has the unique name of a change, as :meth:`holders` calls it."""
        return change.renamed_from or change.address.name

    def holders(self, snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
        """Yield the unique names of all that is live: the name, how a reader knows what has it, and whose that is."""
        yield from ()

    def taken(self, address: Address, name: str, holder: str, whose: str) -> str:
        """Return the words for a unique name that something else has; only kinds that have such names are asked."""
        raise NotImplementedError(f"{self.kind} has no unique names: {address}, {name}, {holder}, {whose}")

    def usurped(self, name: str, snapshot: Snapshot) -> str:
        """Return the words for a unique name that something has that is no such resource; empty where nothing has."""
        return ""

    def exchanged(self, circle: Collection[Address]) -> str:
        """Return why the resources cannot exchange their names; only kinds that have unique ones are asked."""
        raise NotImplementedError(f"{self.kind} has no unique names: {circle}")

    def taking_late(self, change: Change) -> Change:
        """Return the change with the write of its unique name after whatever waits for nothing."""
        return change

    def giving_first(self, change: Change) -> Change:
        """Return the change with a write in front that gives its unique name up."""
        return change

    def becomes_another(self, change: Change) -> bool:
        """Tell whether a live resource shall be another one of the platform."""
        return False

    def becoming_each_other(self, circle: Collection[Address]) -> str:
        """Return why resources that wait for each other cannot become others; only kinds that become such are asked."""
        raise NotImplementedError(f"{self.kind} becomes no other one: {circle}")

    def waits_for(self, change: Change, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
        """Return what a resource that stays waits for, beside what it needs."""
        return []

    def leaves_after(self, change: Change, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
        """Return what a resource that leaves waits for."""
        return []

    def unmarked_by(self, address: Address) -> str:
        """Return what to do in Keycloak so that a resource carries no mark of ours."""
        return (
            f"Remove its attributes {OWNER_MARK} and {APPLIED_MARK} in Keycloak; or declare it, if it shall be managed."
        )

    def organizations(self, change: Change) -> frozenset[str]:
        """Return the aliases of the organizations that the resource is in, before the change or after it."""
        return frozenset(filter(None, (change.address.alias,)))

    # Saved plans

    def has_id(self, change: Change) -> bool:
        """Tell whether the plan holds the id of the live object."""
        return change.before is not None

    def refers_to(self, change: Change) -> Iterator[Address]:
        """Yield the organizations that the steps of the change refer to."""
        yield from ()

    def left_alone(self, before: Fields, after: Fields) -> frozenset[str]:
        """Return the fields that a plan leaves to others: what they do there meanwhile is no matter of its proof."""
        return frozenset()

    def set_again(self, address: Address, live: ObservedFields, snapshot: Snapshot) -> frozenset[str]:
        """Return the fields that are live as the live system itself is sure to set them again with each write."""
        return frozenset()

    def findings_of_saved(
        self, saved: Plan, written: Collection[Address], situation: Situation, changes: Collection[Change]
    ) -> Iterator[Finding]:
        """Yield what the live systems do not do of a saved plan; ``changes`` are what is left of it.

        ``written`` are those of this kind that it writes, and is looked at for.
        """
        yield from ()

    def observed(self, change: Change, snapshot: Snapshot) -> ObservedFields | None:
        """Return the live fields of what is read only where a manifest declares it."""
        return None

    # Admin events

    def subject(self, address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> EventSubject:
        """Return by which ids admin events name the resource; the checkpoint knows those that are gone."""
        return EventSubject()

    def value_sent(self, path: str, content: Value) -> Value | Unknown:
        """Return what was sent of a field, in its own terms; ``NOT_SENT`` where nothing was.

        ``content`` may be a part of a representation. As what is live is masked, so is this, so that the two compare.
        """
        return self.sent(path, masked(content)) if isinstance(content, Mapping) else NOT_SENT

    def sent(self, path: str, content: Representation) -> Value | Unknown:
        """Return what a masked representation that was sent says of a field; ``NOT_SENT`` where it says nothing."""
        return NOT_SENT

    def carries_mark(
        self, address: Address, owner: str, attributes: Mapping[str, Value], *, is_update: bool
    ) -> bool | None:
        """Tell whether it carries the owner's mark after these attributes were sent; None where they do not tell."""
        owners = texts(attributes.get(OWNER_MARK))
        applied = texts(attributes.get(APPLIED_MARK))
        return marks.parse(next(iter(owners), None), applied, address).is_of(owner)
