"""Read and write links of identity providers: the link, the provider's settings, and the organization's marks."""

from contextlib import suppress
from dataclasses import dataclass

from reconciler.kinds.identity_provider import representation
from reconciler.kinds.writing import Live, Writer, misplaced
from reconciler.model.change import Change, Step, Verb
from reconciler.model.errors import Conflict, NotFound, StalePlan
from reconciler.model.observed import ProviderObservation
from reconciler.model.value import Fields


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
                # Where it is linked to this organization by now, that is what was to be done.
                with suppress(Conflict):
                    await admin.link_identity_provider(organization_id, address.name)
            case Verb.UPDATE_IDENTITY_PROVIDER:
                await self._configure(organization_id, change, step)
            case Verb.UNLINK_IDENTITY_PROVIDER:
                await admin.unlink_identity_provider(organization_id, address.name)
            case Verb.MARK_IDENTITY_PROVIDER:
                await self.systems.mark(representation.MARKS, address, representation.entries_in(step))
            case Verb.UNMARK_IDENTITY_PROVIDER:
                await self.systems.mark(representation.MARKS, address, ())
            case _:
                raise misplaced(step)

    async def _configure(self, organization_id: str, change: Change, step: Step) -> None:
        """Write settings of the provider, unless it has them.

        Raises:
            StalePlan: The organization is suspended by now: the provider is shown disabled, and would stay so.
        """
        admin, name = self.systems.admin, change.address.name
        provider = await admin.identity_provider(name)
        if (wanted := representation.configured(provider, step.body)) == provider:
            return
        if provider.get("organizationId") and not (await admin.organization(organization_id)).get("enabled", True):
            raise StalePlan(
                f"{change.address.home} is suspended: settings of its identity providers cannot be written.",
                remedy="Resume it, then run plan again.",
            )
        await admin.update_identity_provider(name, wanted)

    async def _provider(self, alias: str) -> ProviderObservation | None:
        try:
            return representation.provider_of(await self.systems.admin.identity_provider(alias))
        except NotFound:
            return None
