"""The part of the Admin API for a realm and its scaffolding."""

from typing import Protocol

from reconciler.model.value import Representation


class RealmApi(Protocol):
    """The realm, its client scopes, and its client profiles and policies."""

    async def realm(self) -> Representation | None:
        """Return the realm, or None where there is none."""

    async def create_realm(self, representation: Representation) -> None:
        """Create the realm. Raises Conflict where it exists."""

    async def update_realm(self, representation: Representation) -> None:
        """Replace the realm's own settings; what is left out stays."""

    async def features(self) -> frozenset[str] | None:
        """Return the names of the features that the server runs with, as ``kc.sh`` spells them.

        None where it does not tell this login; nearly any role of ``realm-management`` will do (measured on 26.7.5).
        """

    async def release(self) -> str | None:
        """Return the server's release, such as ``26.7.5``; None where it does not tell this login.

        26.0 and 26.2 tell every login that may use the Admin API, 26.4 those of the realm master, 26.5 those with the
        role ``manage-realm`` as well, and 26.7 only those with it. Nothing may depend on it.
        """

    async def default_actions(self) -> tuple[str, ...]:
        """Return the aliases of the actions that every new user is required to take, sorted."""

    async def client_scope(self, name: str) -> Representation | None:
        """Return the client scope with its ``protocolMappers``, or None."""

    async def client_scopes(self) -> tuple[Representation, ...]:
        """Return all client scopes with their ``protocolMappers``."""

    async def mappings_of_scope(self, scope_id: str) -> tuple[str, ...]:
        """Return the roles that a client scope puts into tokens, sorted."""

    async def remove_mapping_of_scope(self, scope_id: str, role: str) -> None:
        """Take a role from those that a client scope puts into tokens."""

    async def create_client_scope(self, representation: Representation) -> None:
        """Create a client scope, mappers included. Raises Conflict where it exists."""

    async def update_client_scope(self, scope_id: str, representation: Representation) -> None:
        """Replace a client scope; its mappers stay."""

    async def create_scope_mapper(self, scope_id: str, representation: Representation) -> None:
        """Add a protocol mapper to a client scope."""

    async def update_scope_mapper(self, scope_id: str, mapper_id: str, representation: Representation) -> None:
        """Replace a protocol mapper of a client scope."""

    async def delete_scope_mapper(self, scope_id: str, mapper_id: str) -> None:
        """Remove a protocol mapper from a client scope."""

    async def client_profiles(self) -> tuple[Representation, ...]:
        """Return the realm's own client profiles."""

    async def global_profiles(self) -> tuple[Representation, ...]:
        """Return Keycloak's own client profiles, which policies of the realm may name."""

    async def replace_client_profiles(self, profiles: tuple[Representation, ...]) -> None:
        """Replace all of the realm's own client profiles."""

    async def client_policies(self) -> tuple[Representation, ...]:
        """Return the realm's own client policies."""

    async def replace_client_policies(self, policies: tuple[Representation, ...]) -> None:
        """Replace all of the realm's own client policies."""
