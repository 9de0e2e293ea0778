"""The part of the Admin API for organizations, their members, and what is linked to them."""

from typing import Protocol

from reconciler.model.value import Representation


class OrganizationsApi(Protocol):
    """Organizations, their members, groups and identity providers."""

    async def organizations(self) -> tuple[Representation, ...]:
        """Return all organizations, whole, read in pages."""

    async def organization(self, organization_id: str) -> Representation:
        """Return one organization, whole. Raises NotFound."""

    async def find_organization(self, alias: str) -> Representation | None:
        """Return the organization of that alias, whole, or None."""

    async def create_organization(self, representation: Representation) -> str:
        """Create an organization and return its id. Raises Conflict where alias or name is taken."""

    async def update_organization(self, organization_id: str, representation: Representation) -> None:
        """Replace an organization; its ``attributes`` are replaced whole."""

    async def delete_organization(self, organization_id: str) -> None:
        """Delete an organization, with the accounts of its managed members; service accounts that were members stay."""

    async def members(self, organization_id: str) -> tuple[Representation, ...]:
        """Return the members of an organization, whole with their ``membershipType``, read in pages."""

    async def organizations_of(self, user_id: str) -> tuple[str, ...]:
        """Return the aliases of the organizations that a user is a member of, sorted."""

    async def add_member(self, organization_id: str, user_id: str) -> None:
        """Make a user a member. Raises Conflict where it is one."""

    async def remove_member(self, organization_id: str, user_id: str) -> None:
        """End a user's membership; a managed member's account is deleted. Raises NotFound where there is none."""

    async def organization_groups(self, organization_id: str) -> tuple[Representation, ...]:
        """Return an organization's own top-level groups (``id``, ``name``), read in pages; () where it is gone."""

    async def delete_organization_group(self, organization_id: str, group_id: str) -> None:
        """Delete one of an organization's own groups, with all that is below it. Raises NotFound."""

    async def organization_subgroups(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        """Return the groups right below one of an organization's own (``id``, ``path``), read in pages."""

    async def organization_group_members(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        """Return the members of one of an organization's own groups, read in pages."""

    async def leave_organization_group(self, organization_id: str, group_id: str, user_id: str) -> None:
        """Take a user out of one of an organization's own groups. Raises NotFound."""

    async def invitations(self, organization_id: str) -> tuple[Representation, ...]:
        """Return whom an organization has invited (``id``, ``email``), read in pages; () where it is gone."""

    async def delete_invitation(self, organization_id: str, invitation_id: str) -> None:
        """Take an invitation back. Raises NotFound."""

    async def identity_providers(self) -> tuple[Representation, ...]:
        """Return the realm's identity providers (``alias``, ``organizationId`` where one is linked)."""

    async def identity_provider(self, alias: str) -> Representation:
        """Return one identity provider, whole but for its secrets. Raises NotFound."""

    async def update_identity_provider(self, alias: str, representation: Representation) -> None:
        """Replace an identity provider; secrets that are not shown stay."""

    async def link_identity_provider(self, organization_id: str, alias: str) -> None:
        """Link an identity provider to an organization. Raises Conflict where it is linked to that one."""

    async def unlink_identity_provider(self, organization_id: str, alias: str) -> None:
        """Take an identity provider from an organization. Raises NotFound."""
