"""Read and write organizations in one apply."""

from dataclasses import dataclass, replace

from reconciler.kinds.organization import people, representation
from reconciler.kinds.organization.fields import DECLARED_DOMAINS, IDENTITY_PROVIDERS, MANAGED
from reconciler.kinds.patch import merged
from reconciler.kinds.writing import Live, Writer, misplaced
from reconciler.model.address import Address
from reconciler.model.change import Change, FieldChange, Reason, Step, Verb
from reconciler.model.errors import StalePlan
from reconciler.model.observed import OrganizationObservation
from reconciler.model.value import Fields, names


@dataclass(slots=True)
class OrganizationWriter(Writer):
    """Write organizations, and what people have in them."""

    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the organization as it is now; what is left to people, as it was planned."""
        admin, address = self.systems.admin, change.address
        organization_id = self.systems.ids.get(address)
        if organization_id is None and (found := await admin.find_organization(address.name)) is not None:
            organization_id = str(found["id"])
        if organization_id is None:
            return None, {}
        live = await representation.read(admin, organization_id)
        before, after = change.before or {}, change.after or {}
        says_domains = DECLARED_DOMAINS in {*before, *after}
        fields = representation.as_said(representation.observed_fields(live), with_domains=says_domains)
        return live, people.as_planned(fields, before, after)

    async def referred(self, address: Address) -> Live:
        """Return the organization."""
        return await representation.read(self.systems.admin, self.systems.ids[address])

    def is_another(self, address: Address, live: Live) -> bool:
        """Tell whether the id is that of an organization of another alias."""
        return isinstance(live, OrganizationObservation) and live.alias != address.name

    async def perform(self, change: Change, step: Step, live: Live) -> None:
        """Make one write."""
        admin, ids, address = self.systems.admin, self.systems.ids, change.address
        match step.verb:
            case Verb.CREATE_ORGANIZATION:
                ids[address] = await admin.create_organization(merged({}, step.body))
            case Verb.UPDATE_ORGANIZATION if isinstance(live, OrganizationObservation):
                async with self.systems.whole[address.name]:
                    if address.name in self.systems.marked:
                        # The marks of its items were written meanwhile, perhaps.
                        live = replace(live, representation=await admin.organization(live.id))
                    await admin.update_organization(live.id, representation.updated(live.representation, step.body))
            case Verb.DELETE_ORGANIZATION:
                if linked := _linked_since(change, live):
                    raise StalePlan(
                        f"People have linked {', '.join(linked)} to {address} since its deletion was planned.",
                        remedy="Run plan again.",
                    )
                await people.delete_organization(admin, ids[address], names(step.body.get("managed")))
            case _:
                await self._perform_people(ids[address], step)

    async def _perform_people(self, organization_id: str, step: Step) -> None:
        admin = self.systems.admin
        said = {key: str(value) for key, value in step.body.items()}
        match step.verb:
            case Verb.REMOVE_MEMBER:
                managed = bool(step.body.get("managed"))
                await people.remove_member(admin, organization_id, said["username"], managed=managed)
            case Verb.DELETE_INVITATION:
                await people.delete_invitation(admin, organization_id, said["email"])
            case Verb.UNLINK_IDENTITY_PROVIDER:
                await people.unlink_identity_provider(admin, organization_id, said["alias"])
            case Verb.LEAVE_ORGANIZATION_GROUP:
                await people.leave_group(admin, organization_id, said["path"], said["username"])
            case Verb.DELETE_ORGANIZATION_GROUP:
                await people.delete_group(admin, organization_id, said["name"])
            case _:
                raise misplaced(step)

    async def was_created(self, change: Change, step: Step) -> bool:
        """Tell whether an organization is there that carries the marks that the step gives it."""
        return self.is_made(change, step, await self.systems.admin.find_organization(change.address.name))

    async def is_hidden(self, change: Change, step: Step) -> bool:
        """Tell whether Keycloak shows no organization of that alias, or that display name."""
        taken = {change.address.name, str(step.body.get("name"))}
        found = await self.systems.admin.organizations()
        return not any({each["alias"], each["name"]} & taken for each in found)

    def is_needed(self, undo: Step, live: Live) -> bool:
        """Tell whether the display name is not what it was."""
        return isinstance(live, OrganizationObservation) and live.representation.get("name") != undo.body.get("name")

    async def unplanned(self, change: Change, live: Live) -> FieldChange | None:
        """Return the accounts that would be deleted, or the links of people that would end, as no plan says."""
        if linked := _linked_since(change, live):
            links = names((change.before or {}).get(IDENTITY_PROVIDERS))
            return FieldChange(IDENTITY_PROVIDERS, links or None, (*links, *linked), Reason.KEYCLOAK_CHANGED)
        ended = people.ended_memberships(change.steps)
        if ended is None or not isinstance(live, OrganizationObservation):
            return None
        members = await self.systems.admin.members(live.id)
        managed = {each["username"] for each in members if people.is_managed(each)}
        planned = names((change.before or {}).get(MANAGED))
        further = sorted(managed - {*planned}) if ended == () else sorted(managed & {*ended} - {*planned})
        if not further:
            return None
        return FieldChange(MANAGED, planned or None, (*planned, *further), Reason.KEYCLOAK_CHANGED)


def _linked_since(change: Change, live: Live) -> tuple[str, ...]:
    """Return the identity providers that people have linked since it was planned to delete the organization."""
    if change.after is not None or not isinstance(live, OrganizationObservation):
        return ()
    planned = names((change.before or {}).get(IDENTITY_PROVIDERS))
    return tuple(alias for alias in people.links_left(None, live) if alias not in planned)
