"""What no listing shows of a client and of an organization; it is read where the record cannot rule it out."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model.errors import AccessRefused, NotFound, RequestFailed
from reconciler.model.observed import Hole, OrganizationObservation
from reconciler.model.value import Representation
from reconciler.observe.record import Record
from reconciler.observe.roles import Held
from reconciler.ports import AdminApi


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What no listing shows of one client."""

    own_roles: Held = ()
    scope_mappings: Held = ()


async def read_unlisted(admin: AdminApi, record: Record, clients: Iterable[Representation]) -> dict[str, Unlisted]:
    """Return, per client's id, what no listing shows of it."""
    wanted = {client["id"]: client["clientId"] for client in clients}
    closer = [uuid for uuid in wanted if not record.proves_untouched("clients", uuid)]
    found = await asyncio.gather(*(_of_client(admin, uuid, wanted[uuid]) for uuid in closer))
    return dict.fromkeys(wanted, Unlisted()) | dict(zip(closer, found, strict=True))


async def read_groups_of_organizations(
    admin: AdminApi, record: Record, organizations: Iterable[OrganizationObservation]
) -> dict[str, Held]:
    """Return the names of each organization's own groups, sorted, by its alias; one that has none may be absent."""
    closer = [each for each in organizations if not record.proves_untouched("organizations", each.id)]
    found = await asyncio.gather(*(_of_organization(admin, each) for each in closer))
    return {each.alias: groups for each, groups in zip(closer, found, strict=True)}


async def _of_client(admin: AdminApi, uuid: str, client_id: str) -> Unlisted:
    try:
        own_roles, mappings = await asyncio.gather(admin.client_roles(uuid), admin.scope_mappings(uuid))
    except NotFound:
        return Unlisted()
    except (RequestFailed, AccessRefused) as error:
        hole = Hole(f"roles and scope mappings of {client_id}", error.message, error.remedy)
        return Unlisted(hole, hole)
    return Unlisted(own_roles, mappings)


async def _of_organization(admin: AdminApi, organization: OrganizationObservation) -> Held:
    try:
        return tuple(sorted(group["name"] for group in await admin.organization_groups(organization.id)))
    except (RequestFailed, AccessRefused) as error:
        return Hole(f"groups of organization/{organization.alias}", error.message, error.remedy)
