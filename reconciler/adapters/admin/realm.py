"""The realm and its scaffolding."""

from typing import cast

from reconciler.adapters.admin.realm_admin import RealmAdmin, role_names, translated
from reconciler.adapters.tape import read
from reconciler.model.errors import NotFound
from reconciler.model.value import Representation


class RealmEndpoints(RealmAdmin):
    """The realm and its scaffolding."""

    @read
    async def realm(self) -> Representation | None:
        """Return the realm, or None where there is none."""
        try:
            found = cast("Representation", await self._get(""))
        except NotFound:
            return None
        self._realm_id = str(found.get("id", ""))
        return found

    async def create_realm(self, representation: Representation) -> None:
        """Create the realm."""
        async with translated():
            await self._admin.a_create_realm(dict(representation))

    async def update_realm(self, representation: Representation) -> None:
        """Replace the realm's own settings."""
        async with translated():
            await self._admin.a_update_realm(self._realm, dict(representation))

    @read
    async def features(self) -> frozenset[str] | None:
        """Return the names of the features that the server runs with."""
        found = (await self._server_info()).get("features")
        names = (str(each["name"]).lower().replace("_", "-") for each in found or () if each.get("enabled"))
        return frozenset(names) if found else None

    @read
    async def release(self) -> str | None:
        """Return the server's release."""
        found = (await self._server_info()).get("systemInfo")
        version = found.get("version") if isinstance(found, dict) else None
        return str(version) if version else None

    @read
    async def default_actions(self) -> tuple[str, ...]:
        """Return the actions that every new user is required to take."""
        found = await self._get("/authentication/required-actions")
        return tuple(sorted(action["alias"] for action in found if action["enabled"] and action["defaultAction"]))

    @read
    async def client_scope(self, name: str) -> Representation | None:
        """Return the client scope of that name, or None."""
        return next((scope for scope in await self.client_scopes() if scope["name"] == name), None)

    @read
    async def mappings_of_scope(self, scope_id: str) -> tuple[str, ...]:
        """Return the roles that a client scope puts into tokens."""
        return role_names(await self._get(f"/client-scopes/{scope_id}/scope-mappings"))

    async def remove_mapping_of_scope(self, scope_id: str, role: str) -> None:
        """Take a role from those that a client scope puts into tokens."""
        place, representation = await self._role(role)
        await self._delete(f"/client-scopes/{scope_id}/scope-mappings/{place}", [representation])

    async def create_client_scope(self, representation: Representation) -> None:
        """Create a client scope."""
        async with translated():
            await self._admin.a_create_client_scope(dict(representation))

    async def update_client_scope(self, scope_id: str, representation: Representation) -> None:
        """Replace a client scope."""
        async with translated():
            await self._admin.a_update_client_scope(scope_id, dict(representation))

    async def create_scope_mapper(self, scope_id: str, representation: Representation) -> None:
        """Add a mapper to a client scope."""
        async with translated():
            await self._admin.a_add_mapper_to_client_scope(scope_id, dict(representation))

    async def update_scope_mapper(self, scope_id: str, mapper_id: str, representation: Representation) -> None:
        """Replace a mapper of a client scope."""
        async with translated():
            await self._admin.a_update_mapper_in_client_scope(scope_id, mapper_id, dict(representation))

    async def delete_scope_mapper(self, scope_id: str, mapper_id: str) -> None:
        """Remove a mapper from a client scope."""
        async with translated():
            await self._admin.a_delete_mapper_from_client_scope(scope_id, mapper_id)

    @read
    async def client_profiles(self) -> tuple[Representation, ...]:
        """Return the realm's own client profiles."""
        return tuple((await self._get("/client-policies/profiles")).get("profiles") or ())

    @read
    async def global_profiles(self) -> tuple[Representation, ...]:
        """Return Keycloak's own client profiles."""
        found = await self._get("/client-policies/profiles", **{"include-global-profiles": True})
        return tuple(found.get("globalProfiles") or ())

    async def replace_client_profiles(self, profiles: tuple[Representation, ...]) -> None:
        """Replace the realm's own client profiles."""
        await self._put("/client-policies/profiles", {"profiles": list(profiles)})

    @read
    async def client_policies(self) -> tuple[Representation, ...]:
        """Return the realm's own client policies."""
        return tuple((await self._get("/client-policies/policies")).get("policies") or ())

    async def replace_client_policies(self, policies: tuple[Representation, ...]) -> None:
        """Replace the realm's own client policies."""
        await self._put("/client-policies/policies", {"policies": list(policies)})
