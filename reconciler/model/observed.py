"""What was read back from the live systems: observations, and the snapshot that holds them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from reconciler.model.server import NO_LIMITS, ServerLimits
from reconciler.model.strict import printed_as
from reconciler.model.value import Representation


class Feature(StrEnum):
    """Name a feature as ``kc.sh --features`` does; closed."""

    ORGANIZATION = "organization"
    SECRET_ROTATION = "client-secret-rotation"  # noqa: S105  (the name of a feature)


MOCK: Final = "mock"
"""The code of a read failure where a mock stands in the platform's place: what it answers proves nothing."""


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """What could not be read."""

    __pydantic_config__: ClassVar = printed_as("HolePart")
    what: str
    """What was to be read."""
    reason: str
    """Why it could not be."""
    remedy: str = ""
    """What to do."""
    code: str = ""
    """The live system's own word for it; may be empty."""


ORGANIZATIONS_OFF: Final = "organizations-off"
"""The code of the read failure of a realm that has its organizations switched off."""
_ORGANIZATIONS_OFF = ReadFailure(
    "organizations and their clients",
    "organizations are disabled in the realm, and Keycloak shows none of them",
    "Apply a manifest of kind: Realm, or enable them in Keycloak; then plan again.",
    ORGANIZATIONS_OFF,
)


@dataclass(frozen=True, slots=True)
class NewUserDefaults:
    """What Keycloak gives every user that it makes, a new service account's included."""

    __pydantic_config__: ClassVar = printed_as("NewUserPart")
    groups: tuple[str, ...] = ()
    """Paths of the realm's default groups."""
    actions: tuple[str, ...] = ()
    """Default required actions."""


@dataclass(frozen=True, slots=True)
class RealmObservation:
    """One realm with the parts of it that organizations rely on."""

    representation: Representation
    scope: Representation | None
    """The organization client scope with its mappers; None where there is none."""
    builtin_scopes: Mapping[str, Representation]
    """Keycloak's own client scopes that integration clients get, by name, with their mappers."""
    scope_mappings: Mapping[str, tuple[str, ...]]
    """Roles that the client scopes of integration clients put into tokens, by the scope's name."""
    profiles: tuple[Representation, ...]
    """The realm's own client profiles."""
    policies: tuple[Representation, ...]
    """The realm's own client policies."""
    default_roles: tuple[str, ...]
    """What every new user holds through the realm's default role, sorted: ``ROLE`` or ``CLIENTID/ROLE``."""
    global_profiles: tuple[Representation, ...] = ()
    """Keycloak's own client profiles; read only where a policy of the realm names one."""
    further_scopes: Mapping[str, Representation] = field(default_factory=dict)
    """All other client scopes for OpenID Connect, by name, with their mappers."""
    new_users_actions: tuple[str, ...] = ()
    """What every new user is required to do, sorted; () where no service account is to be made."""

    @property
    def empty_scopes(self) -> frozenset[str]:
        """Return the ids of the client scopes of integration clients that put no role into tokens."""
        scopes = {**self.builtin_scopes, **({} if self.scope is None else {self.scope["name"]: self.scope})}
        return frozenset(scope["id"] for name, scope in scopes.items() if not self.scope_mappings.get(name))

    @property
    def new_user_defaults(self) -> NewUserDefaults:
        """Return what a new service account gets unasked."""
        return NewUserDefaults(tuple(sorted(self.representation.get("defaultGroups") or ())), self.new_users_actions)

    @property
    def id(self) -> str:
        """Return nothing: its name is all that a plan needs of a realm."""
        return ""


@dataclass(frozen=True, slots=True)
class OrganizationObservation:
    """One organization; ``representation`` is whole."""

    id: str
    alias: str
    representation: Representation
    identity_providers: tuple[str, ...] = ()
    """Aliases, sorted."""
    groups: tuple[str, ...] | ReadFailure = ()
    """Names of the organization's own top-level groups, sorted."""
    accounts_in_groups: tuple[str, ...] = ()
    """Service accounts in the organization's own groups, sorted: ``PATH USERNAME``."""
    invitations: tuple[str, ...] | ReadFailure = ()
    """E-mail addresses of whom it has invited, sorted. A login that only reads is not shown them; what cannot be read
    of the groups, cannot of these as well."""


@dataclass(frozen=True, slots=True)
class ClientObservation:
    """One client with its service account and the organizations that it is a member of."""

    id: str
    client_id: str
    representation: Representation
    service_account: Representation | ReadFailure | None
    """The service account's user; None where the client has none."""
    organizations: tuple[str, ...] | ReadFailure
    """Aliases, sorted."""
    roles: tuple[str, ...] | ReadFailure = ()
    """Roles that the service account holds directly beside the realm's default role, sorted: ``ROLE`` or
    ``CLIENTID/ROLE``."""
    has_default_role: bool = True
    groups: tuple[str, ...] | ReadFailure = ()
    """Paths of the groups that the service account is a member of, sorted."""
    links: tuple[str, ...] | ReadFailure = ()
    """Aliases of the identity providers by which somebody can log in as the service account, sorted."""
    credentials: tuple[str, ...] | ReadFailure = ()
    """Types of the credentials that are stored for the service account's user, sorted."""
    own_roles: tuple[str, ...] | ReadFailure = ()
    """Names of the client's own roles, sorted."""
    scope_mappings: tuple[str, ...] | ReadFailure = ()
    """Roles that the client may put into tokens, sorted: ``ROLE`` or ``CLIENTID/ROLE``."""

    @property
    def user_id(self) -> str:
        """Return the id of the service account's user; empty where there is none, or it could not be read."""
        user = self.service_account
        return "" if user is None or isinstance(user, ReadFailure) else str(user["id"])

    @property
    def homes(self) -> tuple[str, ...]:
        """Return the aliases of the organizations that it is in; none where they could not be read."""
        return () if isinstance(self.organizations, ReadFailure) else self.organizations

    @property
    def read_failures(self) -> tuple[ReadFailure, ...]:
        """Return what could not be read of it."""
        of_user = (self.service_account, self.organizations, self.roles, self.groups, self.links, self.credentials)
        found = (*of_user, self.own_roles, self.scope_mappings)
        return tuple(part for part in found if isinstance(part, ReadFailure))


@dataclass(frozen=True, slots=True)
class Sight:
    """Say of which kinds of objects Keycloak shows the login only some, without a word; None where it shows all."""

    clients: ReadFailure | None = None
    organizations: ReadFailure | None = None
    users: ReadFailure | None = None

    @property
    def read_failures(self) -> tuple[ReadFailure, ...]:
        """Return why something is not seen."""
        return tuple(failure for failure in (self.clients, self.organizations, self.users) if failure is not None)


class _Answer(BaseModel):
    # The platform may add fields and enum values at any time; clients must tolerate both.
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class EffectivePartner(_Answer):
    """A partner as ``GET /v1/me`` reports it."""

    uuid: UUID
    name: str | None = None
    country: str | None = None


class Effective(_Answer):
    """The answer of ``GET /v1/me``: what is in force for one client's organization."""

    organization_uuid: UUID
    name: str
    authorized_partners: tuple[EffectivePartner, ...] = ()
    capabilities: Annotated[Mapping[str, Any], Field(default_factory=dict)]
    """Flags, the tier, and whatever the platform adds, of any type."""
    dpa_version: str | None = None
    dpa_accepted_at: datetime | None = None


class Endpoint(_Answer):
    """A webhook endpoint as ``GET /v1/webhooks`` reports it; never with its secret."""

    id: str
    url: str
    events: tuple[str, ...] = ()
    partner_ids: tuple[str, ...] | None = None
    """None means: events of all partners."""
    status: str = "ACTIVE"
    status_reason: str | None = None
    """Why the platform paused it by itself; the published documents name no field for it."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class WebhookObservation:
    """One webhook: the endpoint on the platform, and what our mark in Keycloak says of it; one of them may be missing.

    ``applied`` holds the mark's entries, ``FIELD=fingerprint``, sorted; ``owner`` is whose mark it is, None for none.
    ``soft_deleted`` is the moment of its soft deletion, empty if there was none.
    """

    endpoint: Endpoint | None
    owner: str | None = None
    applied: tuple[str, ...] = ()
    soft_deleted: str = ""

    @property
    def id(self) -> str:
        """Return the endpoint's id on the platform; empty where it is gone."""
        return self.endpoint.id if self.endpoint else ""


@dataclass(frozen=True, slots=True)
class ProviderObservation:
    """One identity provider of the realm, as far as it concerns organizations; empty texts stand for nothing."""

    alias: str
    organization_id: str = ""
    """Of the organization that it is linked to."""
    domain: str = ""
    redirects: bool = False


@dataclass(frozen=True, slots=True)
class LinkObservation:
    """The link of an identity provider to one organization, and what our mark says of it; one of them may be missing.

    ``owner``, ``applied`` and ``soft_deleted`` are as of a :class:`WebhookObservation`.
    """

    provider: ProviderObservation | None
    owner: str | None = None
    applied: tuple[str, ...] = ()
    soft_deleted: str = ""

    @property
    def id(self) -> str:
        """Return nothing: a link has no id."""
        return ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that was read in one go.

    A client or an organization that no reader asked for is absent. ``members`` holds, per alias, the user names of
    all members; an alias without an entry was not read.
    """

    taken_at: datetime
    realm: RealmObservation | None
    organizations: Mapping[str, OrganizationObservation] = field(default_factory=dict)
    clients: Mapping[str, ClientObservation] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...] | ReadFailure] = field(default_factory=dict)
    managed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By alias, sorted: user names of the members whose account Keycloak deletes with their membership; never ()."""
    effective: Mapping[str, Effective | ReadFailure] = field(default_factory=dict)
    """By clientId; empty when ``/v1/me`` was not asked."""
    webhooks: Mapping[str, tuple[Endpoint, ...] | ReadFailure] = field(default_factory=dict)
    """By alias, sorted by id; an organization without an entry was not asked for its endpoints."""
    identity_providers: Mapping[str, ProviderObservation] = field(default_factory=dict)
    """By alias."""
    impostors: frozenset[str] | ReadFailure = frozenset()
    """Names of the users that are named like a service account, but are none."""
    renamed: Mapping[str, str] | ReadFailure = field(default_factory=dict)
    """By user name: the clientIds of the members that are service accounts, but are named otherwise."""
    missing_features: tuple[Feature, ...] = ()
    """Features of the server that the manifests need, and that it says it runs without."""
    limits: ServerLimits = NO_LIMITS
    """What the server cannot do; none where only what has changed was read."""
    sight: Sight = field(default_factory=Sight)
    namesakes: frozenset[str] = frozenset()
    """Ids of further clients whose service accounts have the names that those of declared clients need: names of users
    ignore case."""
    written: Mapping[str, datetime] = field(default_factory=dict)
    """By alias: when Keycloak's admin events say that the organization was last written. Read only for organizations
    whose effect differs; absent where the events do not tell."""

    @property
    def shows_organizations(self) -> bool:
        """Tell whether Keycloak shows its organizations: not while the realm has them switched off."""
        return self.realm is None or bool(self.realm.representation.get("organizationsEnabled"))

    @property
    def is_disabled(self) -> bool:
        """Tell whether the realm is there, and disabled: nobody gets a token."""
        return self.realm is not None and self.realm.representation.get("enabled") is False

    @property
    def is_shut(self) -> bool:
        """Tell whether no client can be in force: what is said of the realm, once, explains each of them."""
        return not self.shows_organizations or self.is_disabled

    @property
    def read_failures(self) -> tuple[ReadFailure, ...]:
        """Return what could not be read from Keycloak, sorted."""
        of_organizations = (*self.members.values(), *(each.groups for each in self.organizations.values()))
        found = [
            failure for failure in (*of_organizations, self.impostors, self.renamed) if isinstance(failure, ReadFailure)
        ]
        found += self.sight.read_failures
        if not self.shows_organizations:
            found.append(_ORGANIZATIONS_OFF)
        for client in self.clients.values():
            found += client.read_failures
        return tuple(sorted(set(found), key=lambda failure: (failure.what, failure.reason)))
