"""Clients and their service accounts."""

from typing import Any, cast
from urllib.parse import quote

from reconciler.adapters.admin.realm_admin import RealmAdmin, created_id, id_of, translated
from reconciler.adapters.tape import read
from reconciler.model.errors import RequestFailed
from reconciler.model.layout import SERVICE_ACCOUNT_PREFIX
from reconciler.model.value import Representation


class ClientEndpoints(RealmAdmin):
    """Clients and their service accounts."""

    @read
    async def clients(self) -> tuple[Representation, ...]:
        """Return all clients, whole but for their secrets."""
        found = self._vault.strip_all([*await self._listed("/clients", dict)])
        self._uuids = {rep["clientId"]: rep["id"] for rep in found}
        return found

    async def create_client(self, representation: Representation) -> str:
        """Create a client and return its id."""
        async with translated():
            return created_id(await self._admin.a_create_client(dict(representation)))

    async def update_client(self, uuid: str, representation: Representation) -> None:
        """Replace a client."""
        async with translated():
            await self._admin.a_update_client(uuid, dict(representation))

    async def delete_client(self, uuid: str) -> None:
        """Delete a client."""
        async with translated():
            await self._admin.a_delete_client(uuid)

    async def add_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        """Give a client a client scope."""
        verb = (
            self._admin.a_add_client_default_client_scope if default else self._admin.a_add_client_optional_client_scope
        )
        scope_id = await self._scope_id(scope)
        async with translated():
            await verb(uuid, scope_id, {})

    async def remove_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        """Take a client scope from a client."""
        admin = self._admin
        verb = admin.a_delete_client_default_client_scope if default else admin.a_delete_client_optional_client_scope
        scope_id = await self._scope_id(scope)
        async with translated():
            await verb(uuid, scope_id)

    @read
    async def service_account(self, uuid: str) -> Representation | None:
        """Return a client's service account; Keycloak makes it anew where it is missing but should be there."""
        try:
            return cast("Representation", await self._get(f"/clients/{uuid}/service-account-user"))
        except RequestFailed as error:
            if error.status == 400:
                return None
            raise

    async def update_user(self, user_id: str, representation: Representation) -> None:
        """Replace a user."""
        async with translated():
            await self._admin.a_update_user(user_id, dict(representation))

    @read
    async def linked_service_accounts(self, alias: str) -> tuple[str, ...]:
        """Return the ids of the service accounts that are linked to an identity provider."""
        query: dict[str, Any] = {"idpAlias": alias, "username": SERVICE_ACCOUNT_PREFIX, "briefRepresentation": True}
        return await self._listed("/users", id_of, **query)

    @read
    async def links_of(self, user_id: str) -> tuple[str, ...]:
        """Return the aliases of the identity providers that a user is linked to."""
        return tuple(
            sorted(link["identityProvider"] for link in await self._get(f"/users/{user_id}/federated-identity"))
        )

    async def unlink_user(self, user_id: str, alias: str) -> None:
        """End a user's link to an identity provider."""
        await self._delete(f"/users/{user_id}/federated-identity/{quote(alias, safe='')}")

    @read
    async def credentials_of(self, user_id: str) -> tuple[str, ...]:
        """Return the types of a user's credentials; nothing else of them is looked at."""
        return tuple(sorted(str(credential["type"]) for credential in await self._get(f"/users/{user_id}/credentials")))

    async def delete_user(self, user_id: str) -> None:
        """Delete a user."""
        await self._delete(f"/users/{user_id}")

    @read
    async def impostors(self) -> tuple[str, ...]:
        """Return the names of users that are only named like a service account: a search leaves the real ones out."""
        query: dict[str, Any] = {"search": SERVICE_ACCOUNT_PREFIX, "briefRepresentation": True}
        names = await self._listed("/users", lambda user: str(user["username"]), **query)
        return tuple(sorted(name for name in names if name.startswith(SERVICE_ACCOUNT_PREFIX)))

    async def unregister_node(self, uuid: str, node: str) -> None:
        """Take a cluster node from a client."""
        await self._delete(f"/clients/{uuid}/nodes/{quote(node, safe='')}")
