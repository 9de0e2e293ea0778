"""Read and write links of identity providers: the link, the provider's settings, and the organization's marks."""

from contextlib import suppress
from dataclasses import dataclass

from reconciler.kinds.identity_provider import representation
from reconciler.kinds.item_marks import entries_in
from reconciler.kinds.writing import Live, Writer, misplaced
from reconciler.model.change import Action, Change, FieldChange, Reason, Step, Verb
from reconciler.model.errors import Conflict, NotFound, StalePlan
from reconciler.model.observed import ProviderObservation
from reconciler.model.value import Fields


def _moves(change: Change) -> bool:
    """Tell whether the plan ends a link of the same provider before."""
    others = {*change.depends_on, *change.takes_name_of}
    return any(each.kind is change.address.kind and each.name == change.address.name for each in others)


@dataclass(slots=True)
class LinkWriter(Writer):
    """Write links of identity providers."""

    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the link as it is now; None where it is not there, and no mark of it that is to go."""
        organization_id = await self.systems.organization_id(change.address.alias)
        organization = await self.systems.admin.organization(organization_id)
        mark = representation.marks_on(organization).get(change.address.name)
        found = representation.observation(await self._provider(change.address.name), organization, mark)
        is_there = found.provider is not None or (change.after is None and mark is not None)
        return (found, representation.observed_fields(found)) if is_there else (None, {})

    async def perform(self, change: Change, step: Step, live: Live) -> None:
        """Make one write."""
        admin, address = self.systems.admin, change.address
        organization_id = await self.systems.organization_id(address.alias)
        match step.verb:
            case Verb.LINK_IDENTITY_PROVIDER:
                await self._check_enabled(organization_id, change)
                # Where it is linked to this organization by now, that is what was to be done.
                with suppress(Conflict):
                    await admin.link_identity_provider(organization_id, address.name)
            case Verb.UPDATE_IDENTITY_PROVIDER:
                await self._configure(organization_id, change, step)
            case Verb.UNLINK_IDENTITY_PROVIDER:
                await admin.unlink_identity_provider(organization_id, address.name)
            case Verb.MARK_IDENTITY_PROVIDER:
                await self.systems.mark(representation.MARKS, address, entries_in(step))
            case Verb.UNMARK_IDENTITY_PROVIDER:
                await self.systems.mark(representation.MARKS, address, ())
            case _:
                raise misplaced(step)

    async def unplanned(self, change: Change, live: Live) -> FieldChange | None:
        """Return what the provider is linked to by now, although the plan would link it, and ends no such link."""
        provider = await self._provider(change.address.name) if change.action is Action.CREATE else None
        if provider is None or not provider.organization_id or _moves(change):
            return None
        return FieldChange("organization", None, provider.organization_id, Reason.KEYCLOAK_CHANGED)

    async def _configure(self, organization_id: str, change: Change, step: Step) -> None:
        """Write settings of the provider, unless it has them.

        Raises:
            StalePlan: It is linked to another organization by now, whose settings these would be; or the organization
                is suspended.
        """
        admin, name = self.systems.admin, change.address.name
        provider = await admin.identity_provider(name)
        if (linked_to := provider.get("organizationId") or organization_id) != organization_id:
            raise StalePlan(
                f"The identity provider '{name}' has been linked to another organization ({linked_to}).",
                remedy="Run plan again.",
            )
        if (wanted := representation.configured(provider, step.body)) == provider:
            return
        if provider.get("organizationId"):
            await self._check_enabled(organization_id, change)
        await admin.update_identity_provider(name, wanted)

    async def _check_enabled(self, organization_id: str, change: Change) -> None:
        """Raise StalePlan where the organization is suspended: Keycloak would write its provider back as disabled."""
        if not (await self.systems.admin.organization(organization_id)).get("enabled", True):
            raise StalePlan(
                f"{change.address.home} is suspended: its identity providers can be neither linked nor set.",
                remedy="Resume it, then run plan again.",
            )

    async def _provider(self, alias: str) -> ProviderObservation | None:
        try:
            return representation.provider_of(await self.systems.admin.identity_provider(alias))
        except NotFound:
            return None
