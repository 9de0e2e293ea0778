"""What no listing shows of a client and of an organization; it is read where the proof cannot rule it out."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciler.events.proof import Proof
from reconciler.kinds.organization import people
from reconciler.model.observed import OrganizationObservation, ReadFailure
from reconciler.model.touch import Thing
from reconciler.model.value import Representation
from reconciler.observe.attempt import attempt
from reconciler.observe.roles import Held
from reconciler.ports import AdminApi


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What no listing shows of one client."""

    own_roles: Held = ()
    scope_mappings: Held = ()


async def read_unlisted(admin: AdminApi, proof: Proof, clients: Iterable[Representation]) -> dict[str, Unlisted]:
    """Return, per client's id, what no listing shows of it."""
    wanted = {client["id"]: client["clientId"] for client in clients}
    closer = [uuid for uuid in wanted if not proof.proves_untouched(Thing.CLIENT, uuid)]
    found = await asyncio.gather(*(_of_client(admin, uuid, wanted[uuid]) for uuid in closer))
    return dict.fromkeys(wanted, Unlisted()) | dict(zip(closer, found, strict=True))


async def with_unlisted(
    admin: AdminApi, proof: Proof, organizations: Iterable[OrganizationObservation]
) -> list[OrganizationObservation]:
    """Return the organizations with what no listing shows of them."""
    return await asyncio.gather(*(_of_organization(admin, proof, each) for each in organizations))


async def _of_client(admin: AdminApi, uuid: str, client_id: str) -> Unlisted:
    asked = asyncio.gather(admin.client_roles(uuid), admin.scope_mappings(uuid))
    found = await attempt(f"roles and scope mappings of {client_id}", asked, ((), ()))
    return Unlisted(found, found) if isinstance(found, ReadFailure) else Unlisted(*found)


async def _of_organization(
    admin: AdminApi, proof: Proof, organization: OrganizationObservation
) -> OrganizationObservation:
    if proof.proves_untouched(Thing.ORGANIZATION, organization.id):
        return organization
    what = f"groups and invitations of organization/{organization.alias}"
    found = await attempt(what, people.with_unlisted(admin, organization), organization)
    return replace(organization, groups=found) if isinstance(found, ReadFailure) else found
