"""Roles, scope mappings and groups."""

from reconciler.adapters.admin.realm_admin import RealmAdmin, id_of, name_of, role_names, whole
from reconciler.adapters.tape import read
from reconciler.model.value import Representation


class RoleEndpoints(RealmAdmin):
    """Roles, scope mappings and groups."""

    @read
    async def client_roles(self, uuid: str) -> tuple[str, ...]:
        """Return the names of a client's own roles."""
        return tuple(sorted(await self._listed(f"/clients/{uuid}/roles", name_of)))

    async def delete_client_role(self, uuid: str, name: str) -> None:
        """Delete one of a client's own roles."""
        await self._delete(await self._named_role(f"/clients/{uuid}", name))

    @read
    async def scope_mappings(self, uuid: str) -> tuple[str, ...]:
        """Return the roles that a client may put into tokens."""
        return role_names(await self._get(f"/clients/{uuid}/scope-mappings"))

    async def add_scope_mapping(self, uuid: str, role: str) -> None:
        """Let a client put a role into tokens."""
        place, representation = await self._role(role)
        await self._post(f"/clients/{uuid}/scope-mappings/{place}", [representation])

    async def remove_scope_mapping(self, uuid: str, role: str) -> None:
        """Take a role from those that a client may put into tokens."""
        place, representation = await self._role(role)
        await self._delete(f"/clients/{uuid}/scope-mappings/{place}", [representation])

    @read
    async def roles_of(self, user_id: str) -> tuple[str, ...]:
        """Return the roles that a user holds directly."""
        return role_names(await self._get(f"/users/{user_id}/role-mappings"))

    @read
    async def realm_roles(self) -> tuple[str, ...]:
        """Return the realm's own roles."""
        return tuple(sorted(await self._listed("/roles", name_of)))

    @read
    async def role_holders(self, role: str) -> tuple[str, ...]:
        """Return the ids of the users that hold a role directly."""
        path = await self._role_path(role)
        return await self._listed(f"{path}/users", id_of, briefRepresentation=True)

    async def grant_role(self, user_id: str, role: str) -> None:
        """Give a user a role."""
        place, representation = await self._role(role)
        await self._post(f"/users/{user_id}/role-mappings/{place}", [representation])

    async def revoke_role(self, user_id: str, role: str) -> None:
        """Take a role from a user."""
        place, representation = await self._role(role)
        await self._delete(f"/users/{user_id}/role-mappings/{place}", [representation])

    @read
    async def composites(self, role: str) -> tuple[str, ...]:
        """Return the roles that a composite role contains directly."""
        contained = await self._get(f"{await self._role_path(role)}/composites")
        of_realm = [item["name"] for item in contained if not item["clientRole"]]
        of_clients = {item["containerId"] for item in contained if item["clientRole"]}
        client_ids = {uuid: (await self._get(f"/clients/{uuid}"))["clientId"] for uuid in sorted(of_clients)}
        named = [f"{client_ids[item['containerId']]}/{item['name']}" for item in contained if item["clientRole"]]
        return tuple(sorted(of_realm + named))

    async def add_composite(self, role: str, contained: str) -> None:
        """Put a role into a composite role."""
        _, representation = await self._role(contained)
        await self._post(f"{await self._role_path(role)}/composites", [representation])

    async def remove_composite(self, role: str, contained: str) -> None:
        """Take a role out of a composite role."""
        _, representation = await self._role(contained)
        await self._delete(f"{await self._role_path(role)}/composites", [representation])

    @read
    async def groups(self) -> tuple[Representation, ...]:
        """Return the realm's top-level groups."""
        return await self._listed("/groups", whole)

    @read
    async def group_members(self, group_id: str) -> tuple[str, ...]:
        """Return the ids of a group's members."""
        return await self._listed(f"/groups/{group_id}/members", id_of)

    @read
    async def groups_of(self, user_id: str) -> tuple[Representation, ...]:
        """Return the groups that a user is a member of."""
        return tuple(await self._get(f"/users/{user_id}/groups"))

    async def leave_group(self, user_id: str, group_id: str) -> None:
        """End a user's membership of a group."""
        await self._delete(f"/users/{user_id}/groups/{group_id}")
