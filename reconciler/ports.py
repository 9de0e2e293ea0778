"""What the stages need from the outside world; adapters and fakes implement it.

Every method may raise the errors of :mod:`reconciler.model.errors` that an adapter translates to: ``Unreachable``,
``AccessRefused`` and ``RequestFailed`` with its children. Representations never contain a secret.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from reconciler.model.address import Address
from reconciler.model.change import Change, Verb
from reconciler.model.event import AdminEvent
from reconciler.model.history import Run, Search
from reconciler.model.observed import Effective, Endpoint
from reconciler.model.outcome import Outcome
from reconciler.model.rotation import Login, RotationStep
from reconciler.model.value import Representation


class AdminApi(Protocol):
    """Keycloak's Admin API for one realm, as far as it is needed."""

    # The realm and its scaffolding.

    async def realm(self) -> Representation | None:
        """Return the realm, or None where there is none."""
        ...

    async def create_realm(self, representation: Representation) -> None:
        """Create the realm. Raises Conflict where it exists."""
        ...

    async def update_realm(self, representation: Representation) -> None:
        """Replace the realm's own settings; what is left out stays."""
        ...

    async def client_scope(self, name: str) -> Representation | None:
        """Return the client scope with its ``protocolMappers``, or None."""
        ...

    async def client_scopes(self) -> tuple[Representation, ...]:
        """Return all client scopes with their ``protocolMappers``."""
        ...

    async def mappings_of_scope(self, scope_id: str) -> tuple[str, ...]:
        """Return the roles that a client scope puts into tokens, sorted."""
        ...

    async def remove_mapping_of_scope(self, scope_id: str, role: str) -> None:
        """Take a role from those that a client scope puts into tokens."""
        ...

    async def create_client_scope(self, representation: Representation) -> None:
        """Create a client scope, mappers included. Raises Conflict where it exists."""
        ...

    async def update_client_scope(self, scope_id: str, representation: Representation) -> None:
        """Replace a client scope; its mappers stay."""
        ...

    async def create_scope_mapper(self, scope_id: str, representation: Representation) -> None:
        """Add a protocol mapper to a client scope."""
        ...

    async def update_scope_mapper(self, scope_id: str, mapper_id: str, representation: Representation) -> None:
        """Replace a protocol mapper of a client scope."""
        ...

    async def delete_scope_mapper(self, scope_id: str, mapper_id: str) -> None:
        """Remove a protocol mapper from a client scope."""
        ...

    async def client_profiles(self) -> tuple[Representation, ...]:
        """Return the realm's own client profiles."""
        ...

    async def replace_client_profiles(self, profiles: tuple[Representation, ...]) -> None:
        """Replace all of the realm's own client profiles."""
        ...

    async def client_policies(self) -> tuple[Representation, ...]:
        """Return the realm's own client policies."""
        ...

    async def replace_client_policies(self, policies: tuple[Representation, ...]) -> None:
        """Replace all of the realm's own client policies."""
        ...

    # Organizations.

    async def organizations(self) -> tuple[Representation, ...]:
        """Return all organizations, whole, read in pages."""
        ...

    async def organization(self, organization_id: str) -> Representation:
        """Return one organization, whole. Raises NotFound."""
        ...

    async def find_organization(self, alias: str) -> Representation | None:
        """Return the organization of that alias, whole, or None."""
        ...

    async def create_organization(self, representation: Representation) -> str:
        """Create an organization and return its id. Raises Conflict where alias or name is taken."""
        ...

    async def update_organization(self, organization_id: str, representation: Representation) -> None:
        """Replace an organization; its ``attributes`` are replaced whole."""
        ...

    async def delete_organization(self, organization_id: str) -> None:
        """Delete an organization; service accounts that were members stay."""
        ...

    async def members(self, organization_id: str) -> tuple[Representation, ...]:
        """Return the users that are members of an organization, whole, read in pages."""
        ...

    async def organizations_of(self, user_id: str) -> tuple[str, ...]:
        """Return the aliases of the organizations that a user is a member of, sorted."""
        ...

    async def add_member(self, organization_id: str, user_id: str) -> None:
        """Make a user a member. Raises Conflict where it is one."""
        ...

    async def remove_member(self, organization_id: str, user_id: str) -> None:
        """End a user's membership. Raises NotFound where there is none."""
        ...

    async def organization_groups(self, organization_id: str) -> tuple[Representation, ...]:
        """Return an organization's own top-level groups (``id``, ``name``), read in pages; () where it is gone."""
        ...

    async def delete_organization_group(self, organization_id: str, group_id: str) -> None:
        """Delete one of an organization's own groups, with all that is below it. Raises NotFound."""
        ...

    # Clients and their service accounts.

    async def clients(self) -> tuple[Representation, ...]:
        """Return all clients, whole, read in pages."""
        ...

    async def find_client(self, client_id: str) -> Representation | None:
        """Return the client of that clientId, whole, or None."""
        ...

    async def create_client(self, representation: Representation) -> str:
        """Create a client and return its id. Raises Conflict where the clientId is taken."""
        ...

    async def update_client(self, uuid: str, representation: Representation) -> None:
        """Replace a client; default and optional scopes are not touched, its secret is kept."""
        ...

    async def delete_client(self, uuid: str) -> None:
        """Delete a client with its service account."""
        ...

    async def add_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        """Give a client the client scope of that name, as a default or an optional one."""
        ...

    async def remove_client_scope(self, uuid: str, scope: str, *, default: bool) -> None:
        """Take a default or optional client scope from a client."""
        ...

    async def service_account(self, uuid: str) -> Representation | None:
        """Return the user of a client's service account, or None where the client has none."""
        ...

    async def update_user(self, user_id: str, representation: Representation) -> None:
        """Replace a user."""
        ...

    async def linked_service_accounts(self, alias: str) -> tuple[str, ...]:
        """Return the ids of the service accounts that are linked to an identity provider, read in pages."""
        ...

    async def links_of(self, user_id: str) -> tuple[str, ...]:
        """Return the aliases of the identity providers that a user is linked to, sorted."""
        ...

    async def unlink_user(self, user_id: str, alias: str) -> None:
        """End a user's link to an identity provider. Raises NotFound where there is none."""
        ...

    # What no listing of clients or organizations shows. A role is named "ROLE" or "CLIENTID/ROLE".

    async def client_roles(self, uuid: str) -> tuple[str, ...]:
        """Return the names of a client's own roles, sorted."""
        ...

    async def delete_client_role(self, uuid: str, name: str) -> None:
        """Delete one of a client's own roles. Raises NotFound."""
        ...

    async def scope_mappings(self, uuid: str) -> tuple[str, ...]:
        """Return the roles that a client may put into tokens, sorted."""
        ...

    async def add_scope_mapping(self, uuid: str, role: str) -> None:
        """Let a client put a role into tokens."""
        ...

    async def remove_scope_mapping(self, uuid: str, role: str) -> None:
        """Take a role from those that a client may put into tokens."""
        ...

    async def roles_of(self, user_id: str) -> tuple[str, ...]:
        """Return the roles that a user holds directly, sorted."""
        ...

    async def realm_roles(self) -> tuple[str, ...]:
        """Return the realm's own roles, sorted."""
        ...

    async def role_holders(self, role: str) -> tuple[str, ...]:
        """Return the ids of the users that hold a role directly, read in pages."""
        ...

    async def grant_role(self, user_id: str, role: str) -> None:
        """Give a user a role; no error where it has it. Raises NotFound where there is no such role."""
        ...

    async def revoke_role(self, user_id: str, role: str) -> None:
        """Take a role from a user; no error where it does not have it."""
        ...

    async def composites(self, role: str) -> tuple[str, ...]:
        """Return the roles that a composite role contains directly, sorted."""
        ...

    async def add_composite(self, role: str, contained: str) -> None:
        """Put a role into a composite role."""
        ...

    async def remove_composite(self, role: str, contained: str) -> None:
        """Take a role out of a composite role."""
        ...

    async def groups(self) -> tuple[Representation, ...]:
        """Return the realm's top-level groups (``id``, ``path``, ``subGroupCount``), read in pages."""
        ...

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        """Return the ids of a group's members, read in pages."""
        ...

    async def groups_of(self, user_id: str) -> tuple[Representation, ...]:
        """Return the groups (``id``, ``path``) that a user is a member of."""
        ...

    async def leave_group(self, user_id: str, group_id: str) -> None:
        """End a user's membership of a group."""
        ...

    async def identity_providers(self) -> tuple[Representation, ...]:
        """Return the realm's identity providers (``alias``, ``organizationId`` where one is linked)."""
        ...

    async def unlink_identity_provider(self, organization_id: str, alias: str) -> None:
        """Take an identity provider from an organization. Raises NotFound."""
        ...

    async def admin_events(
        self, resource_types: tuple[str, ...], operations: tuple[str, ...] = ()
    ) -> tuple[Representation, ...]:
        """Return the recorded admin events of these types, newest first, read in pages."""
        ...

    async def events(
        self, since: int = 0, *, limit: int, path: str = "", resources: tuple[str, ...] = ()
    ) -> tuple[AdminEvent, ...]:
        """Return the newest admin events, at most ``limit``, newest first, without secrets.

        ``since`` is in milliseconds of Keycloak's clock. ``path`` is what the paths must be, ``*`` standing for
        anything; ``resources`` are the resource types, none for all.
        """
        ...

    async def name_of_user(self, user_id: str, realm_id: str) -> str | None:
        """Return a user's name, or None where it is gone or must not be read; ``realm_id`` is where it logs in."""
        ...

    async def name_of_client(self, uuid: str, realm_id: str) -> str | None:
        """Return a clientId, or None where it is gone or must not be read; ``realm_id`` is where it lives."""
        ...

    @property
    def sent(self) -> int:
        """Return how many requests were made so far, tokens apart."""
        ...


class PlatformApi(Protocol):
    """The Novatrade24 Integration API, asked with a client's own token."""

    async def me(self, client_id: str) -> Effective:
        """Return what ``GET /v1/me`` answers to the client.

        Raises:
            RequestFailed: No token could be had, or the platform refused; the message says which.
        """
        ...

    async def is_mock(self) -> bool:
        """Tell whether the platform answers ``GET /v1/me`` even without a token: canned answers prove nothing."""
        ...

    async def webhooks(self, client_id: str) -> tuple[Endpoint, ...]:
        """Return the webhook endpoints of the client's organization, sorted by id, read in pages."""
        ...

    def webhook_secret(self) -> "Secret":
        """Return a new secret for a webhook, that signs what the platform delivers."""
        ...

    async def create_webhook(
        self, client_id: str, body: Representation, key: str, secret: "Secret | None" = None
    ) -> Endpoint:
        """Create an endpoint; with an idempotency ``key`` that was used already, return what it made then.

        Without a ``secret`` the platform makes one up, which nobody can ask for later.

        Raises:
            RequestFailed: It is refused; 422 ``idempotency-key-reused`` where the key belongs to another body.
        """
        ...

    async def update_webhook(self, client_id: str, live: Endpoint, patch: Representation, key: str) -> None:
        """Change the endpoint by a merge patch. Raises Conflict where it has another version than ``live``."""
        ...

    async def delete_webhook(self, client_id: str, endpoint_id: str, key: str) -> None:
        """Delete the endpoint. Raises NotFound where it is gone."""
        ...


class Secret(Protocol):
    """A secret, out of sight: only a sink and a token request look inside."""

    def reveal(self) -> str:
        """Return the secret itself."""
        ...


class SecretApi(Protocol):
    """The secrets of a realm's clients: what is handed out are handles, and nothing is printed."""

    async def secrets_of(self, client_id: str) -> tuple[Secret | None, Secret | None]:
        """Read the client again and return its current and its old secret; None for one that is not there."""
        ...

    async def regenerate_secret(self, uuid: str) -> None:
        """Make a new secret; the current one becomes the old one where a rotation policy holds, or else dies.

        Raises:
            OutcomeUnknown: It may or may not have been made.
        """
        ...

    async def revoke_old_secret(self, uuid: str) -> None:
        """Let the old secret die; no error where there is none."""
        ...

    async def exchange_secrets(self, uuid: str, client_id: str, representation: Representation) -> None:
        """Replace a client, its old secret becoming the current one and the current one the old one, at once.

        Raises:
            NotFound: There is no old secret.
        """
        ...

    async def logins(self, client_id: str) -> tuple[Representation, ...]:
        """Return the client's latest recorded logins, successful or not, newest first; 100 at most."""
        ...


class SecretProof(Protocol):
    """Try secrets where clients use them: at the token endpoint, and at the platform."""

    async def try_login(self, client_id: str, secret: Secret) -> Login:
        """Ask for a token with the secret, and say whether it was accepted.

        Raises:
            RequestFailed: The client was refused for another reason than its secret.
        """
        ...

    async def ask_platform(self, client_id: str, secret: Secret) -> str:
        """Ask ``GET /v1/me`` with a token of the secret; return why the platform has no answer for the client.

        Empty where it answers. Raises RequestFailed where the token itself is not accepted.
        """
        ...


class SecretSink(Protocol):
    """A place that secrets are delivered to; it keeps them for those who need them."""

    title: str
    """Where secrets go, for people: ``the file secrets/{name}``."""

    async def check(self) -> None:
        """Return where a secret could be delivered, without delivering one.

        Raises:
            SinkFailed: It could not; the message says why.
        """
        ...

    async def deliver(self, name: Address, secret: Secret) -> str:
        """Put the secret of a resource there, in place of an older one, and say for people where it is now.

        Raises:
            SinkFailed: It is not there; an older one may still be.
        """
        ...


class Clock(Protocol):
    """The time, so that tests can choose it."""

    def now(self) -> datetime:
        """Return the present moment, with its time zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds from some fixed moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Permit(Protocol):
    """What may tell an apply to start no further write."""

    async def check(self) -> None:
        """Return where one more write may start.

        Raises:
            Halted: None may, now or later; the message says why.
        """
        ...


class Lock(Permit, Protocol):
    """The right to be the only run that writes."""

    async def acquire(self, patience: float) -> None:
        """Take the lock, waiting at most ``patience`` seconds, and keep it until it is released.

        Raises:
            LockHeld: Another run has it; the message says which.
        """
        ...

    async def release(self) -> None:
        """Give the lock back, if it is still ours; never raises."""
        ...


class Journal(Protocol):
    """The record of what an apply is doing, written before it does it."""

    def record(self, address: Address, verb: Verb | RotationStep, event: str, detail: str = "") -> None:
        """Write one entry through to the disk: STARTED, DONE or FAILED.

        Raises:
            JournalBroken: It cannot be written.
        """
        ...


class Progress(Protocol):
    """Somebody who watches an apply."""

    def started(self, change: Change) -> None:
        """Take note that a change has begun."""
        ...

    def finished(self, outcome: Outcome) -> None:
        """Take note of how a change ended."""
        ...

    def waiting(self, left: int, waited: float) -> None:
        """Take note that ``left`` effects have not come after ``waited`` seconds."""
        ...


class History(Protocol):
    """The record of all runs. Every method may raise ``HistoryBroken``."""

    def record(self, run: Run) -> None:
        """Keep a run."""
        ...

    def runs(self, search: Search) -> tuple[Run, ...]:
        """Return the runs that are meant, newest first, without what they changed."""
        ...

    def run(self, prefix: str) -> tuple[Run, ...]:
        """Return the runs whose id starts with ``prefix``, whole."""
        ...

    def everything(self) -> Iterator[Run]:
        """Yield every run, whole, oldest first."""
        ...

    def prune(self, before: datetime) -> int:
        """Forget the runs that started earlier, and return how many."""
        ...
