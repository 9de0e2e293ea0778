"""What the kinds of an organization's items have in common, whose marks the organization carries."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.item_marks import ItemMarks
from reconciler.kinds.organization.representation import subject_of
from reconciler.model.address import Address
from reconciler.model.attribution import EventSubject
from reconciler.model.change import Change
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.observed import Snapshot
from reconciler.model.touch import Thing
from reconciler.model.value import Value


class ItemKind(ResourceKind):
    """A kind of items."""

    document = "IntegrationOrganization"
    thing = Thing.ORGANIZATION
    item_marks: ClassVar[ItemMarks]

    def needs(self, change: Change, realm: str) -> tuple[Address, ...]:
        return Address.realm(realm), change.address.home

    def leaves_after(self, change: Change, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
        # Its mark is on the organization: what else is written there comes first.
        return [each for each in change.depends_on if each in changes.keys() - leaving]

    def unmarked_by(self, address: Address) -> str:
        where = f"the attribute {self.item_marks.attribute} of {address.alias} in Keycloak"
        return f"Remove the values '{address.name}.…' from {where}."

    def refers_to(self, change: Change) -> Iterator[Address]:
        yield change.address.home

    def subject(self, address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> EventSubject:
        return subject_of(address, snapshot, checkpoint)

    def carries_mark(
        self, address: Address, owner: str, attributes: Mapping[str, Value], *, is_update: bool
    ) -> bool | None:
        return address.name in self.item_marks.read({"attributes": attributes})
