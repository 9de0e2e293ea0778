"""The fake server's roles, groups and scope mappings."""

import json

from reconciler.model.value import Representation
from tests.fakes.store import Store, copied, missing
from tests.fakes.traffic import Traffic, request


class Roles:
    """Answer like Keycloak's ``/roles``, ``/groups`` and ``/clients/{id}/scope-mappings``."""

    traffic: Traffic
    store: Store

    @request
    async def client_roles(self, uuid: str) -> tuple[str, ...]:
        self.store.the_client(uuid)
        return tuple(sorted(self.store.client_roles.get(uuid, ())))

    @request
    async def delete_client_role(self, uuid: str, name: str) -> None:
        client = self.store.the_client(uuid)
        if name not in self.store.client_roles[uuid]:
            raise missing("Could not find role")
        self.store.client_roles[uuid].remove(name)
        role = f"{client['clientId']}/{name}"
        for holders in (self.store.user_roles, self.store.composites, self.store.scope_mappings):
            for held in holders.values():
                held.discard(role)
        self.store.record("DELETE", "CLIENT_ROLE", f"clients/{uuid}/roles/{name}")

    @request
    async def scope_mappings(self, uuid: str) -> tuple[str, ...]:
        self.store.the_client(uuid)
        return tuple(sorted(self.store.scope_mappings.get(uuid, ())))

    @request
    async def add_scope_mapping(self, uuid: str, role: str) -> None:
        self.store.the_client(uuid)
        self._known(role)
        self.store.scope_mappings.setdefault(uuid, set()).add(role)
        self.store.record("CREATE", _mapping(role), f"clients/{uuid}/scope-mappings/{_place(role)}", _roles(role))

    @request
    async def remove_scope_mapping(self, uuid: str, role: str) -> None:
        self.store.the_client(uuid)
        self._known(role)
        self.store.scope_mappings.setdefault(uuid, set()).discard(role)
        self.store.record("DELETE", _mapping(role), f"clients/{uuid}/scope-mappings/{_place(role)}", _roles(role))

    @request
    async def roles_of(self, user_id: str) -> tuple[str, ...]:
        self.store.the_user(user_id)
        return tuple(sorted(self.store.user_roles[user_id]))

    @request
    async def realm_roles(self) -> tuple[str, ...]:
        self.store.the_realm()
        return tuple(sorted(self.store.composites))

    @request
    async def role_holders(self, role: str) -> tuple[str, ...]:
        self._known(role)
        return tuple(sorted(user for user, held in self.store.user_roles.items() if role in held))

    @request
    async def grant_role(self, user_id: str, role: str) -> None:
        self.store.the_user(user_id)
        self._known(role)
        self.store.user_roles[user_id].add(role)
        self._record_mapping("CREATE", user_id, role)

    @request
    async def revoke_role(self, user_id: str, role: str) -> None:
        self.store.the_user(user_id)
        self._known(role)
        self.store.user_roles[user_id].discard(role)
        self._record_mapping("DELETE", user_id, role)

    @request
    async def composites(self, role: str) -> tuple[str, ...]:
        self._known(role)
        return tuple(sorted(self.store.composites.get(role, ())))

    @request
    async def add_composite(self, role: str, contained: str) -> None:
        self._known(role)
        self._known(contained)
        self.store.composites.setdefault(role, set()).add(contained)
        self.store.record("CREATE", "REALM_ROLE", f"roles/{role}/composites", _roles(contained))

    @request
    async def remove_composite(self, role: str, contained: str) -> None:
        self._known(role)
        self._known(contained)
        self.store.composites.setdefault(role, set()).discard(contained)
        self.store.record("DELETE", "REALM_ROLE", f"roles/{role}/composites", _roles(contained))

    @request
    async def groups(self) -> tuple[Representation, ...]:
        self.store.the_realm()
        ordered = sorted(self.store.groups.values(), key=lambda group: str(group["name"]))
        return tuple({**copied(group), "subGroupCount": 0, "subGroups": []} for group in ordered)

    @request
    async def group_members(self, group_id: str) -> tuple[str, ...]:
        self._group(group_id)
        return tuple(user for group, user in self.store.in_group if group == group_id)

    @request
    async def groups_of(self, user_id: str) -> tuple[Representation, ...]:
        self.store.the_user(user_id)
        return tuple(copied(self.store.groups[g]) for g, user in self.store.in_group if user == user_id)

    @request
    async def leave_group(self, user_id: str, group_id: str) -> None:
        self.store.the_user(user_id)
        self._group(group_id)
        self.store.in_group = [each for each in self.store.in_group if each != (group_id, user_id)]
        sent = json.dumps(self.store.groups[group_id])
        self.store.record("DELETE", "GROUP_MEMBERSHIP", f"users/{user_id}/groups/{group_id}", sent)

    def _record_mapping(self, operation: str, user_id: str, role: str) -> None:
        kind = "CLIENT_ROLE_MAPPING" if "/" in role else "REALM_ROLE_MAPPING"
        self.store.record(operation, kind, f"users/{user_id}/role-mappings/{_place(role)}", _roles(role))

    def _known(self, role: str) -> None:
        self.store.the_realm()
        if not self.store.has_role(role):
            raise missing("Could not find role")

    def _group(self, group_id: str) -> None:
        self.store.the_realm()
        if group_id not in self.store.groups:
            raise missing("Could not find group by id")


def _mapping(role: str) -> str:
    return "CLIENT_SCOPE_MAPPING" if "/" in role else "REALM_SCOPE_MAPPING"


def _place(role: str) -> str:
    return "clients" if "/" in role else "realm"


def _roles(role: str) -> str:
    return json.dumps([{"name": role.rpartition("/")[2]}])
