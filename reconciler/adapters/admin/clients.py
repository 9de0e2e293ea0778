"""Clients and their service accounts."""

from typing import Any, cast

from keycloak import KeycloakAdmin

from reconciler.adapters.admin.one_request import created, got, sent, through
from reconciler.adapters.admin.realm_admin import RealmAdmin, having, id_of
from reconciler.adapters.tape import read
from reconciler.model.errors import RequestFailed
from reconciler.model.layout import SERVICE_ACCOUNT_PREFIX
from reconciler.model.url import segment
from reconciler.model.value import Representation


class ClientEndpoints(RealmAdmin):
    """Clients and their service accounts."""

    create_client = created("/clients", "find_client", "clientId")
    update_client = through(KeycloakAdmin.a_update_client)
    delete_client = through(KeycloakAdmin.a_delete_client)
    unregister_node = sent("DELETE", "/clients/{}/nodes/{}")

    update_user = through(KeycloakAdmin.a_update_user)
    delete_user = sent("DELETE", "/users/{}")
    links_of = got("/users/{}/federated-identity", lambda links: _sorted(links, "identityProvider"), list)
    unlink_user = sent("DELETE", "/users/{}/federated-identity/{}")
    credentials_of = got("/users/{}/credentials", lambda credentials: _sorted(credentials, "type"), list)

    @read
    async def clients(self) -> tuple[Representation, ...]:
        found = self._vault.strip_all([*await self.listed("/clients", having("id", "clientId"))])
        self._uuids = {rep["clientId"]: rep["id"] for rep in found}
        return found

    async def add_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        api = KeycloakAdmin
        verb = api.a_add_client_default_client_scope if default else api.a_add_client_optional_client_scope
        await self.through(verb, uuid, await self._scope_id(scope), {})

    async def remove_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        api = KeycloakAdmin
        verb = api.a_delete_client_default_client_scope if default else api.a_delete_client_optional_client_scope
        await self.through(verb, uuid, await self._scope_id(scope))

    @read
    async def service_account(self, uuid: str) -> Representation | None:
        # Keycloak makes it anew where it is missing but should be there.
        try:
            return cast("Representation", await self.get(f"/clients/{segment(uuid)}/service-account-user"))
        except RequestFailed as error:
            if error.status == 400:
                return None
            raise

    @read
    async def linked_service_accounts(self, alias: str) -> tuple[str, ...]:
        query: dict[str, Any] = {"idpAlias": alias, "username": SERVICE_ACCOUNT_PREFIX, "briefRepresentation": True}
        return await self.listed("/users", id_of, **query)

    @read
    async def impostors(self) -> tuple[str, ...]:
        # A search leaves the real ones out.
        query: dict[str, Any] = {"search": SERVICE_ACCOUNT_PREFIX, "briefRepresentation": True}
        names = await self.listed("/users", lambda user: str(user["username"]), **query)
        return tuple(sorted(name for name in names if name.startswith(SERVICE_ACCOUNT_PREFIX)))


def _sorted(found: list[dict[str, Any]], key: str) -> tuple[str, ...]:
    return tuple(sorted(str(each[key]) for each in found))
