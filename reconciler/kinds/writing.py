"""Writing: what every kind gets to read and write its resources with, and what is asked of it."""

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from reconciler.kinds.item_marks import ItemMarks
from reconciler.kinds.realm.representation import default_role_of
from reconciler.model.address import Address
from reconciler.model.change import Change, FieldChange, Step
from reconciler.model.errors import NotFound, RequestFailed
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK
from reconciler.model.observed import (
    ClientObservation,
    LinkObservation,
    OrganizationObservation,
    RealmObservation,
    WebhookObservation,
)
from reconciler.model.value import Fields, Representation, plain
from reconciler.ports import AdminApi, PlatformApi, SecretSink

Live = RealmObservation | OrganizationObservation | ClientObservation | WebhookObservation | LinkObservation | None


@dataclass(slots=True)
class WriteContext:
    """The live systems as one apply sees them, with the ids of what was planned and created."""

    admin: AdminApi
    platform: PlatformApi | None
    ids: dict[Address, str] = field(default_factory=dict)
    sink: SecretSink | None = None
    """Where the secrets of new webhooks go."""
    _default_role: str = ""
    whole: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """By alias, who writes an organization: each write of it, and of the marks of its items, is one of the whole."""
    marked: set[str] = field(default_factory=set)
    """The aliases of organizations whose items this apply has marked."""

    async def default_role(self) -> str:
        """Return the realm role that every new user gets."""
        if not self._default_role and (representation := await self.admin.realm()) is not None:
            self._default_role = default_role_of(representation)
        return self._default_role

    async def organization_id(self, alias: str) -> str:
        """Return the id of an organization.

        Raises:
            NotFound: There is none of that alias.
        """
        home = Address.organization(alias)
        if home not in self.ids:
            found = await self.admin.find_organization(alias)
            if found is None:
                raise NotFound(f"There is no organization '{alias}'.", remedy="Run plan again.")
            self.ids[home] = str(found["id"])
        return self.ids[home]

    async def mark(self, marks: ItemMarks, address: Address, entries: Iterable[str], *, instead_of: str = "") -> None:
        """Replace what the organization says of one of its items, and of its former name; no entries remove it."""
        organization_id = await self.organization_id(address.alias)
        async with self.whole[address.alias]:
            self.marked.add(address.alias)
            await marks.write(self.admin, organization_id, address.name, entries, instead_of=instead_of)


@dataclass(slots=True)
class Writer(ABC):
    """Reads and writes the resources of one kind in one apply; what most kinds have in common is the default."""

    systems: WriteContext

    @abstractmethod
    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the object that a change is about with its own fields, as it is now; None where there is none."""

    @abstractmethod
    async def perform(self, change: Change, step: Step, live: Live) -> None:
        """Make one write; an update goes on top of ``live``, which was read just before."""

    async def was_created(self, change: Change, step: Step) -> bool:
        """Tell whether an attempt to create the object, whose answer was lost, succeeded; remember its id then.

        By default, a repeated attempt makes no second object.
        """
        return False

    async def is_hidden(self, change: Change, step: Step) -> bool:
        """Tell whether Keycloak shows nothing that stands in the way of what it refused to create twice."""
        return False

    def is_needed(self, undo: Step, live: Live) -> bool:
        """Tell whether a write is to be taken back, as far as the live object shows."""
        return False

    async def referred(self, address: Address) -> Live:
        """Return an object that steps of others refer to, by the id that the plan has; NotFound where it is gone."""
        raise NotFound(f"Nothing refers to {address}.")

    def is_another(self, address: Address, live: Live) -> bool:
        """Tell whether the id in the plan is that of another object than the one that it names."""
        return False

    async def unplanned(self, change: Change, live: Live) -> FieldChange | None:
        """Return what else the change would do by now, although the plan does not say so."""
        return None

    def is_made(self, change: Change, step: Step, found: Representation | None) -> bool:
        """Tell whether the object carries the marks that the step gives it; remember its id then."""
        if found is None:
            return False
        wanted, live = plain(step.body.get("attributes")) or {}, found.get("attributes") or {}
        if any(live.get(mark) != wanted.get(mark) for mark in (OWNER_MARK, APPLIED_MARK)):
            return False
        self.systems.ids[change.address] = str(found["id"])
        return True


def misplaced(step: Step) -> RequestFailed:
    """Return the error for a step that does not fit its resource."""
    return RequestFailed(
        f"The plan holds a step that does not fit its resource: {step.verb}.", remedy="Run plan again."
    )
