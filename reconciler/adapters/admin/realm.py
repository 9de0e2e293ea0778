"""The realm and its scaffolding."""

from typing import cast

from keycloak import KeycloakAdmin

from reconciler.adapters.admin.old_releases import limits_of
from reconciler.adapters.admin.one_request import got, mapped, sent, through
from reconciler.adapters.admin.realm_admin import RealmAdmin, role_names
from reconciler.adapters.tape import read
from reconciler.model.errors import NotFound
from reconciler.model.server import ServerLimits
from reconciler.model.value import Representation


class RealmEndpoints(RealmAdmin):
    """The realm and its scaffolding."""

    create_realm = through(KeycloakAdmin.a_create_realm)
    default_actions = got(
        "/authentication/required-actions",
        lambda found: tuple(sorted(each["alias"] for each in found if each["enabled"] and each["defaultAction"])),
        list,
    )

    # python-keycloak fails where a proxy takes the Location away.
    create_client_scope = sent("POST", "/client-scopes")
    update_client_scope = through(KeycloakAdmin.a_update_client_scope)
    create_scope_mapper = through(KeycloakAdmin.a_add_mapper_to_client_scope)
    update_scope_mapper = through(KeycloakAdmin.a_update_mapper_in_client_scope)
    delete_scope_mapper = through(KeycloakAdmin.a_delete_mapper_from_client_scope)
    mappings_of_scope = got("/client-scopes/{}/scope-mappings", role_names)
    remove_mapping_of_scope = mapped("DELETE", "/client-scopes/{}/scope-mappings")

    client_profiles = got("/client-policies/profiles", lambda found: tuple(found.get("profiles") or ()))
    global_profiles = got(
        "/client-policies/profiles",
        lambda found: tuple(found.get("globalProfiles") or ()),
        dict,
        **{"include-global-profiles": True},
    )
    client_policies = got("/client-policies/policies", lambda found: tuple(found.get("policies") or ()))

    @read
    async def realm(self) -> Representation | None:
        try:
            found = cast("Representation", await self.get(""))
        except NotFound:
            return None
        self._realm_id = str(found.get("id", ""))
        return found

    async def update_realm(self, representation: Representation) -> None:
        await self.through(KeycloakAdmin.a_update_realm, self._realm, representation)

    @read
    async def features(self) -> frozenset[str] | None:
        found = (await self._server_info()).get("features")
        names = (str(each["name"]).lower().replace("_", "-") for each in found or () if each.get("enabled"))
        return frozenset(names) if found else None

    @read
    async def limits(self) -> ServerLimits:
        return limits_of(await self._server_info())

    @read
    async def release(self) -> str | None:
        found = (await self._server_info()).get("systemInfo")
        version = found.get("version") if isinstance(found, dict) else None
        return str(version) if version else None

    @read
    async def client_scope(self, name: str) -> Representation | None:
        return next((scope for scope in await self.client_scopes() if scope["name"] == name), None)

    async def replace_client_profiles(self, profiles: tuple[Representation, ...]) -> None:
        await self.send("PUT", "/client-policies/profiles", {"profiles": list(profiles)})

    async def replace_client_policies(self, policies: tuple[Representation, ...]) -> None:
        await self.send("PUT", "/client-policies/policies", {"policies": list(policies)})
