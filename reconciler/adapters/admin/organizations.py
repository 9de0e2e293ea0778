"""Organizations, their members and identity providers."""

from typing import cast
from urllib.parse import quote

from reconciler.adapters.admin.realm_admin import RealmAdmin, created_id, translated, whole
from reconciler.adapters.tape import read
from reconciler.model.errors import NotFound
from reconciler.model.value import Representation


class OrganizationEndpoints(RealmAdmin):
    """Organizations, their members and identity providers."""

    @read
    async def organizations(self) -> tuple[Representation, ...]:
        """Return all organizations, whole."""
        return await self._listed("/organizations", whole, briefRepresentation=False)

    @read
    async def organization(self, organization_id: str) -> Representation:
        """Return one organization, whole."""
        return cast("Representation", await self._get(f"/organizations/{organization_id}"))

    @read
    async def find_organization(self, alias: str) -> Representation | None:
        """Return the organization of that alias; Keycloak searches by name and domain only, so all are read."""
        return next((rep for rep in await self.organizations() if rep["alias"] == alias), None)

    async def create_organization(self, representation: Representation) -> str:
        """Create an organization and return its id."""
        async with translated():
            return created_id(await self._admin.a_create_organization(dict(representation)))

    async def update_organization(self, organization_id: str, representation: Representation) -> None:
        """Replace an organization."""
        async with translated():
            await self._admin.a_update_organization(organization_id, dict(representation))

    async def delete_organization(self, organization_id: str) -> None:
        """Delete an organization."""
        async with translated():
            await self._admin.a_delete_organization(organization_id)

    @read
    async def members(self, organization_id: str) -> tuple[Representation, ...]:
        """Return the members of an organization, whole."""
        return await self._listed(f"/organizations/{organization_id}/members", whole, briefRepresentation=False)

    @read
    async def organizations_of(self, user_id: str) -> tuple[str, ...]:
        """Return the aliases of a user's organizations."""
        found = await self._get(f"/organizations/members/{user_id}/organizations")
        return tuple(sorted(organization["alias"] for organization in found))

    async def add_member(self, organization_id: str, user_id: str) -> None:
        """Make a user a member."""
        async with translated():
            await self._admin.a_organization_user_add(user_id, organization_id)

    async def remove_member(self, organization_id: str, user_id: str) -> None:
        """End a membership."""
        async with translated():
            await self._admin.a_organization_user_remove(user_id, organization_id)

    @read
    async def organization_groups(self, organization_id: str) -> tuple[Representation, ...]:
        """Return an organization's own top-level groups; a Keycloak that does not know them has none."""
        try:
            return await self._listed(f"/organizations/{organization_id}/groups", whole)
        except NotFound:
            return ()

    async def delete_organization_group(self, organization_id: str, group_id: str) -> None:
        """Delete one of an organization's own groups."""
        await self._delete(f"/organizations/{organization_id}/groups/{group_id}")

    @read
    async def organization_subgroups(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        """Return the groups right below one of an organization's own."""
        return await self._listed(f"/organizations/{organization_id}/groups/{group_id}/children", whole)

    @read
    async def organization_group_members(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        """Return the members of one of an organization's own groups."""
        return await self._listed(f"/organizations/{organization_id}/groups/{group_id}/members", whole)

    async def leave_organization_group(self, organization_id: str, group_id: str, user_id: str) -> None:
        """Take a user out of one of an organization's own groups."""
        await self._delete(f"/organizations/{organization_id}/groups/{group_id}/members/{user_id}")

    @read
    async def invitations(self, organization_id: str) -> tuple[Representation, ...]:
        """Return whom an organization has invited; a Keycloak that does not keep invitations has none."""
        try:
            return await self._listed(f"/organizations/{organization_id}/invitations", whole)
        except NotFound:
            return ()

    async def delete_invitation(self, organization_id: str, invitation_id: str) -> None:
        """Take an invitation back."""
        await self._delete(f"/organizations/{organization_id}/invitations/{invitation_id}")

    @read
    async def identity_providers(self) -> tuple[Representation, ...]:
        """Return the realm's identity providers."""
        return await self._listed("/identity-provider/instances", whole)

    @read
    async def identity_provider(self, alias: str) -> Representation:
        """Return one identity provider."""
        return cast("Representation", await self._get(f"/identity-provider/instances/{quote(alias, safe='')}"))

    async def update_identity_provider(self, alias: str, representation: Representation) -> None:
        """Replace an identity provider; Keycloak keeps a secret that is sent as it shows it: as asterisks."""
        await self._put(f"/identity-provider/instances/{quote(alias, safe='')}", dict(representation))

    async def link_identity_provider(self, organization_id: str, alias: str) -> None:
        """Link an identity provider to an organization."""
        await self._post(f"/organizations/{organization_id}/identity-providers", alias)

    async def unlink_identity_provider(self, organization_id: str, alias: str) -> None:
        """Take an identity provider from an organization."""
        await self._delete(f"/organizations/{organization_id}/identity-providers/{quote(alias, safe='')}")
