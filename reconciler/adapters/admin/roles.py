"""Roles, scope mappings and groups."""

from typing import Any

from reconciler.adapters.admin.one_request import got, listed, mapped, sent
from reconciler.adapters.admin.realm_admin import RealmAdmin, id_of, name_of, role_names
from reconciler.adapters.tape import read
from reconciler.model.url import segment


class RoleEndpoints(RealmAdmin):
    """Roles, scope mappings and groups."""

    scope_mappings = got("/clients/{}/scope-mappings", role_names)
    add_scope_mapping = mapped("POST", "/clients/{}/scope-mappings")
    remove_scope_mapping = mapped("DELETE", "/clients/{}/scope-mappings")
    roles_of = got("/users/{}/role-mappings", role_names)
    grant_role = mapped("POST", "/users/{}/role-mappings")
    revoke_role = mapped("DELETE", "/users/{}/role-mappings")

    groups = listed("/groups")
    group_members = listed("/groups/{}/members", id_of)
    groups_of = got("/users/{}/groups", tuple, list)
    leave_group = sent("DELETE", "/users/{}/groups/{}")

    @read
    async def client_roles(self, uuid: str) -> tuple[str, ...]:
        return tuple(sorted(await self.listed(f"/clients/{segment(uuid)}/roles", name_of)))

    async def delete_client_role(self, uuid: str, name: str) -> None:
        await self.send("DELETE", await self._named_role(f"/clients/{segment(uuid)}", name))

    @read
    async def realm_roles(self) -> tuple[str, ...]:
        return tuple(sorted(await self.listed("/roles", name_of)))

    @read
    async def role_holders(self, role: str) -> tuple[str, ...]:
        return await self.listed(f"{await self._role_path(role)}/users", id_of, briefRepresentation=True)

    @read
    async def composites(self, role: str) -> tuple[str, ...]:
        contained = await self.get(f"{await self._role_path(role)}/composites", list, _role_items)
        of_realm = [item["name"] for item in contained if not item["clientRole"]]
        of_clients = {item["containerId"] for item in contained if item["clientRole"]}
        client_ids = {
            uuid: await self.get(f"/clients/{segment(uuid)}", dict, _client_id) for uuid in sorted(of_clients)
        }
        named = [f"{client_ids[item['containerId']]}/{item['name']}" for item in contained if item["clientRole"]]
        return tuple(sorted(of_realm + named))

    async def add_composite(self, role: str, contained: str) -> None:
        await self._compose("POST", role, contained)

    async def remove_composite(self, role: str, contained: str) -> None:
        await self._compose("DELETE", role, contained)

    async def _compose(self, method: str, role: str, contained: str) -> None:
        _, representation = await self.role(contained)
        await self.send(method, f"{await self._role_path(role)}/composites", [representation])


def _role_items(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": each["name"], "clientRole": True, "containerId": each["containerId"]}
        if each["clientRole"]
        else {"name": each["name"], "clientRole": False}
        for each in found
    ]


def _client_id(found: dict[str, Any]) -> str:
    return str(found["clientId"])
