"""The part of the Admin API for clients and their service accounts."""

from typing import Protocol

from reconciler.model.value import Representation


class ClientsApi(Protocol):
    """Clients, their scopes and own roles, and the users of their service accounts."""

    async def clients(self) -> tuple[Representation, ...]:
        """Return all clients, whole, read in pages."""

    async def find_client(self, client_id: str) -> Representation | None:
        """Return the client of that clientId, whole, or None."""

    async def create_client(self, representation: Representation) -> str:
        """Create a client and return its id. Raises Conflict where the clientId is taken."""

    async def update_client(self, uuid: str, representation: Representation) -> None:
        """Replace a client; default and optional scopes are not touched, its secret is kept."""

    async def delete_client(self, uuid: str) -> None:
        """Delete a client with its service account."""

    async def add_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        """Give a client the client scope of that name, as a default or an optional one."""

    async def remove_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        """Take a default or optional client scope from a client."""

    async def client_roles(self, uuid: str) -> tuple[str, ...]:
        """Return the names of a client's own roles, sorted."""

    async def delete_client_role(self, uuid: str, name: str) -> None:
        """Delete one of a client's own roles. Raises NotFound."""

    async def service_account(self, uuid: str) -> Representation | None:
        """Return the user of a client's service account, or None where the client has none."""

    async def update_user(self, user_id: str, representation: Representation) -> None:
        """Replace a user."""

    async def linked_service_accounts(self, alias: str) -> tuple[str, ...]:
        """Return the ids of the service accounts that are linked to an identity provider, read in pages."""

    async def links_of(self, user_id: str) -> tuple[str, ...]:
        """Return the aliases of the identity providers that a user is linked to, sorted."""

    async def unlink_user(self, user_id: str, alias: str) -> None:
        """End a user's link to an identity provider. Raises NotFound where there is none."""

    async def credentials_of(self, user_id: str) -> tuple[str, ...]:
        """Return the types of the credentials that are stored for a user, sorted: ``otp``, ``password``, ..."""

    async def delete_user(self, user_id: str) -> None:
        """Delete a user; that of a service account is made anew as soon as it is asked for. Raises NotFound."""

    async def impostors(self) -> tuple[str, ...]:
        """Return the names of the users that are named like a service account, but are none, sorted."""

    async def unregister_node(self, uuid: str, node: str) -> None:
        """Take a cluster node from a client. Raises NotFound."""
