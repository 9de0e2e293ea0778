"""The part of the Admin API for roles and groups: what no listing of clients or organizations shows."""

from typing import Protocol

from reconciler.model.value import Representation


class RolesApi(Protocol):
    """Who holds which role, and who is in which group. A role is named "ROLE" or "CLIENTID/ROLE"."""

    async def realm_roles(self) -> tuple[str, ...]:
        """Return the realm's own roles, sorted."""

    async def scope_mappings(self, uuid: str) -> tuple[str, ...]:
        """Return the roles that a client may put into tokens, sorted."""

    async def add_scope_mapping(self, uuid: str, role: str) -> None:
        """Let a client put a role into tokens."""

    async def remove_scope_mapping(self, uuid: str, role: str) -> None:
        """Take a role from those that a client may put into tokens."""

    async def roles_of(self, user_id: str) -> tuple[str, ...]:
        """Return the roles that a user holds directly, sorted."""

    async def role_holders(self, role: str) -> tuple[str, ...]:
        """Return the ids of the users that hold a role directly, read in pages."""

    async def grant_role(self, user_id: str, role: str) -> None:
        """Give a user a role; no error where it has it. Raises NotFound where there is no such role."""

    async def revoke_role(self, user_id: str, role: str) -> None:
        """Take a role from a user; no error where it does not have it."""

    async def composites(self, role: str) -> tuple[str, ...]:
        """Return the roles that a composite role contains directly, sorted."""

    async def add_composite(self, role: str, contained: str) -> None:
        """Put a role into a composite role."""

    async def remove_composite(self, role: str, contained: str) -> None:
        """Take a role out of a composite role."""

    async def groups(self) -> tuple[Representation, ...]:
        """Return the realm's top-level groups (``id``, ``path``, ``subGroupCount``), read in pages."""

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        """Return the ids of a group's members, read in pages."""

    async def groups_of(self, user_id: str) -> tuple[Representation, ...]:
        """Return the groups (``id``, ``path``) that a user is a member of."""

    async def leave_group(self, user_id: str, group_id: str) -> None:
        """End a user's membership of a group."""
