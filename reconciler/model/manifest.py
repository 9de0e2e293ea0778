"""What manifests say: the desired state, as pydantic models of the files that people write.

The models hold rules that need one document only. Rules across documents (a clientId used twice) are in
``reconciler.manifest.rules``; the loader turns every violation into a :class:`~reconciler.model.errors.Problem` with
its line.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal, Self, get_args

from pydantic import AfterValidator, Discriminator, Field, GetJsonSchemaHandler, Tag, TypeAdapter, model_validator

from reconciler.model.capability import Capability
from reconciler.model.duration import Duration
from reconciler.model.expectations import People
from reconciler.model.identity_provider import IdentityProvider
from reconciler.model.layout import DEFAULT_REALM, MAX_VALUE_LENGTH
from reconciler.model.lifecycle import Lifecycle
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.scalars import (
    CLIENT_ID_PATTERN,
    COUNTRY_PATTERN,
    DOMAIN_NAME_PATTERN,
    DPA_VERSION_PATTERN,
    EVENT_TYPE_PATTERN,
    REALM_PATTERN,
    Deadline,
    Label,
    Moment,
    PartnersFile,
    Role,
    Slug,
    Text,
    Uuid,
    broken,
    readable,
    storable,
)
from reconciler.model.strict import Strict as _Strict
from reconciler.model.webhook import Webhook

API_VERSION = "reconciler/v1"


class RateLimitTier(StrEnum):
    """The platform's rate-limit tiers."""

    STANDARD = "STANDARD"
    HIGH_VOLUME = "HIGH_VOLUME"
    ENTERPRISE = "ENTERPRISE"


class Partner(_Strict):
    """A TradePartner that the organization may act for."""

    IDENTITY: ClassVar = "uuid"

    uuid: Annotated[Uuid, Field(examples=["3b0d6f0a-6c1e-4d5b-8f57-2f6f5c0c9a11"])]
    """The TradePartner's UUID, as the platform knows it."""
    name: Text | None = None
    """The partner's name, for reviewers; checked against `GET /v1/me`."""
    country: Annotated[str, Field(pattern=COUNTRY_PATTERN, examples=["DE", "NO"])] | None = None
    """ISO 3166-1 alpha-2 country code, for reviewers; checked against `GET /v1/me`."""
    until: Deadline | None = None
    """From when on it is not authorized any more: a date (its first moment in UTC), or a date and time with an
    offset."""


class GroupReference(_Strict):
    """A `PartnerGroup`, which stands for its partners."""

    IDENTITY: ClassVar = "group"

    group: Annotated[Slug, Field(examples=["nordic-dealers"])]
    """The group's name."""
    until: Deadline | None = None
    """From when on no partner of the group is authorized; a partner's own `until` may be earlier."""


class _OrGroups:
    """Say in the JSON Schema that a list of partners takes groups as well, which loading replaces."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core)
        group = handler(GroupReference.__pydantic_core_schema__)
        return {**schema, "items": {"anyOf": [schema["items"], group]}}


class Client(_Strict):
    """A Keycloak client (`client_credentials`) of the organization; one per consuming system."""

    IDENTITY: ClassVar = "client_id"

    client_id: Annotated[
        str,
        Field(pattern=CLIENT_ID_PATTERN, max_length=200, examples=["api-client-acme-motors"]),
    ]
    """The client's id, `api-client-` and a slug; unique in the realm."""
    description: Annotated[
        str, Field(max_length=MAX_VALUE_LENGTH), AfterValidator(readable), AfterValidator(storable)
    ] = ""
    """What the client is for: the consuming system."""
    enabled: bool = True
    """Whether the client may get tokens."""
    access_token_lifespan: Annotated[int, Field(ge=60, le=3600)] = 300
    """Life of an access token, in seconds."""
    previous_client_ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=MAX_VALUE_LENGTH)], ...],
        Field(examples=[["api-client-acme"]]),
    ] = ()
    """Ids that the client had before: a live one of ours is renamed, and keeps its secret."""
    service_account_roles: tuple[Role, ...] = ()
    """Keycloak roles of the client's service account: `ROLE` of the realm, or `CLIENTID/ROLE`. Most need none."""


FLAG_FORM: Final = "[flag]"
GRANT_FORM: Final = "[grant]"
"""What pydantic calls the two forms of a flag."""


class TimedFlag(_Strict):
    """A capability that ends."""

    value: Literal[True]
    """Whether it is granted: `true`, as nothing else ends."""
    until: Deadline
    """From when on it is off: a date (its first moment in UTC), or a date and time with an offset."""
    reason: Text
    """Why it is granted for a while."""


Flag = Annotated[
    Annotated[bool, Tag(FLAG_FORM)] | Annotated[TimedFlag, Tag(GRANT_FORM)],
    Discriminator(lambda value: GRANT_FORM if isinstance(value, dict | TimedFlag) else FLAG_FORM),
]

_CONTACTS: Final = Capability(
    "personal data of contacts in answers",
    granted=Risk(RiskLevel.HIGH, "personal-data-allowed", "Its clients may read contacts' personal data."),
    withdrawn=Risk(RiskLevel.MEDIUM, "capability-withdrawn", "Calls for contacts' personal data are refused (403)."),
    is_personal_data=True,
)
_DOCUMENTS: Final = Capability(
    "downloads of KYC documents",
    granted=Risk(
        RiskLevel.HIGH, "kyc-documents-allowed", "Its clients may download KYC documents, which are personal data."
    ),
    withdrawn=Risk(RiskLevel.MEDIUM, "capability-withdrawn", "Downloads of KYC documents are refused (403)."),
    is_personal_data=True,
)


class Capabilities(_Strict):
    """The platform features that the organization may use."""

    rate_limit_tier: RateLimitTier = RateLimitTier.STANDARD
    """The rate-limit tier, per organization and minute."""
    allow_marketplace_led_kyc: Annotated[Flag, Capability("KYC that the marketplace leads")] = False
    """May start KYC that the marketplace leads."""
    allow_multi_vin_orders: Annotated[Flag, Capability("orders with several VINs")] = False
    """May place orders of several vehicles."""
    allow_contact_personal_data: Annotated[Flag, _CONTACTS] = False
    """May read contacts' personal data; needs a current DPA."""
    allow_kyc_document_download: Annotated[Flag, _DOCUMENTS] = False
    """May download KYC documents; needs a current DPA."""


CAPABILITIES: Final[Mapping[str, Capability]] = {
    str(info.alias): said
    for info in Capabilities.model_fields.values()
    for said in info.metadata
    if isinstance(said, Capability)
}
"""The flags, by the names that manifests, Keycloak's attributes and ``GET /v1/me`` have in common."""


class Dpa(_Strict):
    """The Data Processing Agreement that a person accepted; the tool never invents an acceptance."""

    version: Annotated[str, Field(pattern=DPA_VERSION_PATTERN, examples=["2026-01"])]
    """The accepted version, year and month, such as `2026-01`."""
    accepted_at: Annotated[Moment, Field(examples=["2026-01-15T10:00:00Z"])]
    """When a person accepted it: a date and time with an offset, such as `2026-01-15T10:00:00Z`."""
    evidence: Annotated[Text, Field(examples=["contracts/acme-dpa-2026-01.pdf"])] | None = None
    """Where the signed document lies, for auditors; stays in git."""


class RotationPolicy(_Strict):
    """When the secrets of an organization's clients are to be replaced; `reconciler rotate` does it."""

    max_age: Duration
    """Age at which a secret is due, such as `90d`."""
    overlap: Duration
    """How long the old secret must stay valid beside the new one, such as `48h`; the realm's policy must give it."""

    @model_validator(mode="after")
    def _overlap_within_age(self) -> Self:
        if self.overlap >= self.max_age:
            raise broken("The overlap is not shorter than maxAge.", "Make overlap shorter than maxAge.")
        return self


DomainName = Annotated[str, Field(pattern=DOMAIN_NAME_PATTERN, max_length=MAX_VALUE_LENGTH), AfterValidator(storable)]


class OrganizationMetadata(_Strict):
    """Who the organization is."""

    name: Annotated[Slug, Field(examples=["acme-motors"])]
    """The organization's alias in Keycloak; never changes."""
    labels: dict[Label, Label] = Field(default_factory=dict)
    """Free labels for people and policies; they stay in git."""


class OrganizationSpec(_Strict):
    """What the organization shall be."""

    profile: Annotated[Slug, Field(examples=["dealer-standard"])] | None = None
    """The `Profile` whose values hold where the manifest says nothing."""
    display_name: Annotated[Text, Field(examples=["Acme Motors GmbH"])]
    """The company's name; unique in the realm."""
    description: Annotated[str, Field(max_length=2000), AfterValidator(readable)] = ""
    """Free text in Keycloak."""
    organization_uuid: Annotated[Uuid, Field(examples=["0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01"])]
    """The platform's UUID of the organization."""
    suspended: bool = False
    """Suspended: its clients still get tokens, but without the organization, so that every call is refused."""
    clients: tuple[Client, ...] = ()
    """The organization's clients."""
    authorized_partners: Annotated[tuple[Partner, ...], _OrGroups] = ()
    """The partners that the organization may act for, singly or by `{group: NAME}`; order has no meaning."""
    partners_from: PartnersFile | None = None
    """A CSV file with further partners, relative to the manifest: columns `uuid`, and `name`, `country`, `until`."""
    capabilities: Capabilities = Capabilities()
    """The platform features that the organization may use."""
    dpa: Dpa | None = None
    """The accepted Data Processing Agreement; without one the platform refuses every call."""
    secret_rotation: RotationPolicy | None = None
    """When the clients' secrets are to be replaced; stays in git, and steers `reconciler rotate`."""
    webhooks: tuple[Webhook, ...] = ()
    """The organization's endpoints for the platform's events."""
    identity_providers: tuple[IdentityProvider, ...] = ()
    """Identity providers of the realm that are linked to the organization; others that are linked stay people's."""
    domains: Annotated[tuple[DomainName, ...], Field(examples=[["acme.example"]])] | None = None
    """The organization's domains of e-mail addresses, in lower case, and no others. Without it they are people's.
    Before Keycloak 26.4, an organization needs one."""
    people: People | None = None
    """Whether people share the organization: `shared` leaves them, their invitations, identity providers, domains,
    redirect URL and groups alone; `none` removes them. Without it, what the environment says: `shared` by default."""


def _item_of(annotation: Any) -> type[_Strict] | None:
    item = next(iter(get_args(annotation)), None)
    return item if isinstance(item, type) and issubclass(item, _Strict) and item.IDENTITY else None


LISTS: Final[Mapping[str, type[_Strict]]] = {
    name: item for name, info in OrganizationSpec.model_fields.items() if (item := _item_of(info.annotation))
}
"""The fields of an organization whose items are told apart by an identity, each with the model of an item."""
ITEM_KEYS: Final[Mapping[str, str]] = {
    str(OrganizationSpec.model_fields[name].alias): str(item.model_fields[item.IDENTITY].alias)
    for name, item in LISTS.items()
}
"""The same, as they stand in files: the key of the list, and the key that names an item."""


class IntegrationOrganization(_Strict):
    """One integrating company: its partners, capabilities, DPA and Keycloak clients."""

    api_version: Literal["reconciler/v1"]
    """The version of this format: `reconciler/v1`."""
    kind: Literal["IntegrationOrganization"]
    """What the document declares."""
    metadata: OrganizationMetadata
    """Who the organization is."""
    spec: OrganizationSpec
    """What the organization shall be."""
    lifecycle: Lifecycle = Lifecycle()
    """How the reconciler treats the organization."""

    @property
    def name(self) -> str:
        """Return the alias."""
        return self.metadata.name


class SharedMetadata(_Strict):
    """What a shared document is called."""

    name: Annotated[Slug, Field(examples=["nordic-dealers"])]
    """The name by which manifests refer to it."""


class PartnerGroupSpec(_Strict):
    """Who is in the group."""

    partners: tuple[Partner, ...] = ()
    """The partners; order has no meaning."""
    partners_from: PartnersFile | None = None
    """A CSV file with further partners, relative to this file: columns `uuid`, and `name`, `country`, `until`."""


class PartnerGroup(_Strict):
    """A named set of partners, for the `authorizedPartners` of any number of organizations."""

    api_version: Literal["reconciler/v1"]
    """The version of this format: `reconciler/v1`."""
    kind: Literal["PartnerGroup"]
    """What the document declares."""
    metadata: SharedMetadata
    """What the group is called."""
    spec: PartnerGroupSpec = PartnerGroupSpec()
    """Who is in the group."""


class ClientDefaults(_Strict):
    """What holds for each client of an organization that says nothing else."""

    access_token_lifespan: Annotated[int, Field(ge=60, le=3600)] = 300
    """Life of an access token, in seconds."""
    service_account_roles: tuple[Role, ...] = ()
    """Keycloak roles of the client's service account: `ROLE` of the realm, or `CLIENTID/ROLE`."""


class ProfileSpec(_Strict):
    """The values of the profile."""

    capabilities: Capabilities = Capabilities()
    """The platform features; a manifest overrides each by itself."""
    dpa: Dpa | None = None
    """An acceptance of the Data Processing Agreement that holds for all of them, such as that of a parent company."""
    secret_rotation: RotationPolicy | None = None
    """When the clients' secrets are to be replaced."""
    client_defaults: ClientDefaults = ClientDefaults()
    """What holds for each client that says nothing else."""


class Profile(_Strict):
    """Values that any number of organizations have in common: each manifest that names it may override them."""

    api_version: Literal["reconciler/v1"]
    """The version of this format: `reconciler/v1`."""
    kind: Literal["Profile"]
    """What the document declares."""
    metadata: SharedMetadata
    """What the profile is called."""
    spec: ProfileSpec = ProfileSpec()
    """The values of the profile."""


class AdminEvents(_Strict):
    """Keycloak's record of who changed what."""

    enabled: bool = True
    """Whether changes are recorded."""
    details: bool = True
    """Whether the changed representation is recorded too."""
    expiration: Duration | None = None
    """How long records are kept, such as `365d`; without it, for ever."""


class LoginEvents(_Strict):
    """Keycloak's record of logins; `rotate confirm --require-usage` sees by it who has switched to a new secret."""

    enabled: bool = True
    """Whether logins are recorded."""
    types: tuple[Annotated[str, Field(pattern=EVENT_TYPE_PATTERN)], ...] = ("CLIENT_LOGIN", "CLIENT_LOGIN_ERROR")
    """Which of Keycloak's event types are recorded; an empty list stands for all. Without it, what rotations need."""
    expiration: Duration | None = None
    """How long records are kept, such as `30d`; without it, as Keycloak has it."""


class SecretRotation(_Strict):
    """The realm's client policy that keeps an old secret valid while a backend switches to the new one."""

    expiration: Duration
    """Age at which a secret expires, such as `365d`."""
    overlap: Duration
    """How long the old secret stays valid beside the new one, such as `48h`."""

    @model_validator(mode="after")
    def _overlap_within_expiration(self) -> Self:
        if self.overlap >= self.expiration:
            raise broken("The overlap is not shorter than expiration.", "Make overlap shorter than expiration.")
        return self


class RealmMetadata(_Strict):
    """Which realm is meant."""

    name: Annotated[str, Field(pattern=REALM_PATTERN, max_length=64)] = DEFAULT_REALM
    """The realm's name."""


class RealmSpec(_Strict):
    """What the realm's scaffolding shall be."""

    display_name: Text | None = None
    """The realm's name for people."""
    access_token_lifespan: Annotated[int, Field(ge=60, le=3600)] = 300
    """Life of an access token where a client has no own, in seconds."""
    admin_events: AdminEvents = AdminEvents()
    """Keycloak's record of who changed what."""
    login_events: LoginEvents | None = None
    """Keycloak's record of logins; without it, as Keycloak has it."""
    secret_rotation: SecretRotation | None = None
    """Rotation of client secrets with an overlap; needs the server's feature `client-secret-rotation`."""


class Realm(_Strict):
    """The scaffolding that organizations need in a realm. Optional: without it, it is only verified."""

    api_version: Literal["reconciler/v1"]
    """The version of this format: `reconciler/v1`."""
    kind: Literal["Realm"]
    """What the document declares."""
    metadata: RealmMetadata = RealmMetadata()
    """Which realm is meant."""
    spec: RealmSpec = RealmSpec()
    """What the realm's scaffolding shall be."""
    lifecycle: Lifecycle = Lifecycle()
    """How the reconciler treats the realm."""

    @property
    def name(self) -> str:
        """Return the realm's name."""
        return self.metadata.name


AnyManifest = IntegrationOrganization | Realm | PartnerGroup | Profile
Manifest = Annotated[AnyManifest, Field(discriminator="kind")]
"""One document of a manifest file."""

_DOCUMENT: TypeAdapter[AnyManifest] = TypeAdapter(Manifest)


class DesiredState(_Strict):
    """Everything that the manifests say: organizations sorted by name, and at most one realm."""

    realm: Realm | None = None
    organizations: tuple[IntegrationOrganization, ...] = ()


def utc_text(moment: datetime) -> str:
    """Return the moment as the platform writes it: UTC, whole seconds, ``2026-01-15T10:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_document(document: Any) -> AnyManifest:
    """Return the manifest that a plain YAML document says.

    Nothing is converted: a number is no text, ``"true"`` is no boolean, and keys are spelled as in the file. The
    core schema of YAML says just what JSON can say, so pydantic's strict reading of JSON is the rule.

    Raises:
        pydantic.ValidationError: The document breaks a rule of its kind.
    """
    return _DOCUMENT.validate_json(json.dumps(document), strict=True, by_alias=True, by_name=False)
