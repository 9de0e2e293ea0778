"""Keycloak's Admin API for one realm, as far as it is needed, but for secrets."""

from typing import Protocol

from reconciler.model.attribution import AdminEvent
from reconciler.model.login import Login
from reconciler.model.server import ServerLimits
from reconciler.model.value import Representation


class AdminApi(Protocol):
    """All that is asked of Keycloak, but for secrets.

    A role is named "ROLE" or "CLIENTID/ROLE". Lists are read in pages.
    """

    async def login(self) -> Login:
        """Return who the login is, as the token of an earlier request says; nothing is asked."""

    @property
    def sent(self) -> int:
        """Return how many requests were made so far, tokens apart."""

    # The realm, its client scopes, and its client profiles and policies.

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

    async def limits(self) -> ServerLimits:
        """Return what the server cannot do; none that it does not show to this login."""

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

    # Organizations, their members, groups and identity providers.

    async def organizations(self) -> tuple[Representation, ...]:
        """Return all organizations, whole."""

    async def organization(self, organization_id: str) -> Representation:
        """Return one organization, whole. Raises NotFound."""

    async def find_organization(self, alias: str) -> Representation | None:
        """Return the organization of that alias, whole, or None."""

    async def create_organization(self, representation: Representation) -> str:
        """Create an organization and return its id. Raises Conflict where alias or name is taken."""

    async def update_organization(self, organization_id: str, representation: Representation) -> None:
        """Replace an organization; its ``attributes`` are replaced whole."""

    async def delete_organization(self, organization_id: str) -> None:
        """Delete an organization, with the accounts of its managed members; service accounts that were members stay."""

    async def members(self, organization_id: str) -> tuple[Representation, ...]:
        """Return the members of an organization, whole with their ``membershipType``."""

    async def organizations_of(self, user_id: str) -> tuple[str, ...]:
        """Return the aliases of the organizations that a user is a member of, sorted."""

    async def add_member(self, organization_id: str, user_id: str) -> None:
        """Make a user a member. Raises Conflict where it is one."""

    async def remove_member(self, organization_id: str, user_id: str) -> None:
        """End a user's membership; a managed member's account is deleted. Raises NotFound where there is none."""

    async def organization_groups(self, organization_id: str) -> tuple[Representation, ...]:
        """Return an organization's own top-level groups (``id``, ``name``); () where it is gone."""

    async def delete_organization_group(self, organization_id: str, group_id: str) -> None:
        """Delete one of an organization's own groups, with all that is below it. Raises NotFound."""

    async def organization_subgroups(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        """Return the groups right below one of an organization's own (``id``, ``path``)."""

    async def organization_group_members(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        """Return the members of one of an organization's own groups."""

    async def leave_organization_group(self, organization_id: str, group_id: str, user_id: str) -> None:
        """Take a user out of one of an organization's own groups. Raises NotFound."""

    async def invitations(self, organization_id: str) -> tuple[Representation, ...]:
        """Return whom an organization has invited (``id``, ``email``); () where it is gone."""

    async def delete_invitation(self, organization_id: str, invitation_id: str) -> None:
        """Take an invitation back. Raises NotFound."""

    async def identity_providers(self) -> tuple[Representation, ...]:
        """Return the realm's identity providers (``alias``, ``organizationId`` where one is linked)."""

    async def identity_provider(self, alias: str) -> Representation:
        """Return one identity provider, whole but for its secrets. Raises NotFound."""

    async def create_identity_provider(self, representation: Representation) -> None:
        """Create an identity provider. Raises Conflict where there is one of its alias."""

    async def update_identity_provider(self, alias: str, representation: Representation) -> None:
        """Replace an identity provider; secrets that are not shown stay."""

    async def link_identity_provider(self, organization_id: str, alias: str) -> None:
        """Link an identity provider to an organization. Raises Conflict where it is linked to that one."""

    async def unlink_identity_provider(self, organization_id: str, alias: str) -> None:
        """Take an identity provider from an organization. Raises NotFound."""

    # Clients, their scopes and own roles, and the users of their service accounts.

    async def clients(self) -> tuple[Representation, ...]:
        """Return all clients, whole."""

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
        """Return the ids of the service accounts that are linked to an identity provider."""

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

    # Who holds which role, and who is in which group: what no listing of clients or organizations shows.

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
        """Return the ids of the users that hold a role directly."""

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
        """Return the realm's top-level groups (``id``, ``path``, ``subGroupCount``)."""

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        """Return the ids of a group's members."""

    async def groups_of(self, user_id: str) -> tuple[Representation, ...]:
        """Return the groups (``id``, ``path``) that a user is a member of."""

    async def leave_group(self, user_id: str, group_id: str) -> None:
        """End a user's membership of a group."""

    # Who changed what.

    async def event_types(self) -> frozenset[str] | None:
        """Return the resource types of admin events that the server knows; None where it does not tell this login."""

    async def events(
        self,
        since: int = 0,
        *,
        limit: int,
        path: str = "",
        resources: tuple[str, ...] = (),
        operations: tuple[str, ...] = (),
        keys: tuple[str, ...] | None = None,
    ) -> tuple[AdminEvent, ...]:
        """Return the newest admin events, at most ``limit`` (0 for all), newest first, without secrets.

        ``since`` is in milliseconds of Keycloak's clock. ``path`` is what the paths must be, ``*`` standing for
        anything; ``resources`` are the resource types, ``operations`` the operations, none for all. Keycloak fails
        where it does not know a type. Of an object that was sent, only the ``keys`` are kept, None for all of them.
        """

    async def name_of_user(self, user_id: str, realm_id: str) -> str | None:
        """Return a user's name, or None where it is gone or must not be read; ``realm_id`` is where it logs in."""

    async def name_of_client(self, uuid: str, realm_id: str) -> str | None:
        """Return a clientId, or None where it is gone or must not be read; ``realm_id`` is where it lives."""
