"""The bodies that the platform API takes and answers; its OpenAPI document has their schemas from here."""

from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model
from pydantic.alias_generators import to_camel

from reconciler.model.manifest import CAPABILITIES
from reconciler.model.webhook import MAX_URL_LENGTH, Event, WebhookStatus


class Document(BaseModel):
    """A JSON object whose keys are the fields' names in camel case; what is not set is left out."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True
    )


class Health(Document):
    """Whether the API is up."""

    status: Literal["UP"]


class PartnerDocument(Document):
    """A trade partner that the organization may act for."""

    uuid: UUID
    name: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


Capabilities = create_model(
    "Capabilities",
    __base__=Document,
    __doc__="What the organization may do.",
    rate_limit_tier=(str, ...),
    **dict.fromkeys(CAPABILITIES, (bool, ...)),  # type: ignore[call-overload]
)


class Me(Document):
    """What the organization is and may do, as the platform enforces it at this moment."""

    organization_uuid: str
    name: str
    authorized_partners: tuple[PartnerDocument, ...]
    capabilities: Capabilities
    dpa_version: str = ""
    dpa_accepted_at: str = ""


class Amount(Document):
    """Money in the currency's smallest unit."""

    value: int
    currency: str


class Vin(Document):
    """A vehicle of an order."""

    vin: Annotated[str, Field(min_length=17, max_length=17)]
    brand: str
    model: str
    purchase_amount: Amount
    compliance_status: str


class Contact(Document):
    """The person who answers for an order."""

    first_name: str
    last_name: str
    email: str


_Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Order(Document):
    """A partner's order."""

    uuid: UUID
    external_order_id: str
    buyer_id: UUID
    status: str
    vins: tuple[Vin, ...]
    total_amount: Amount
    version: int
    created_at: _Time
    updated_at: _Time
    responsible_contact: Contact | None = None
    """Only for who has the capability ``allowContactPersonalData``."""


class KycDocument(Document):
    """The description of a personal document."""

    uuid: UUID
    file_name: str
    type: str
    content_type: str


_Item = TypeVar("_Item", bound=Document)


class Pagination(Document):
    """Where a page lies in its list."""

    page: int
    size: int
    total_elements: int
    total_pages: int
    has_next: bool
    has_previous: bool


class Page(Document, Generic[_Item]):
    """One page of a list."""

    data: tuple[_Item, ...]
    pagination: Pagination


_Url = Annotated[str, Field(pattern="^https://", max_length=MAX_URL_LENGTH)]


class WebhookPatch(Document):
    """What changes of a webhook, as a JSON merge patch."""

    url: _Url = "https://"
    events: Annotated[tuple[Event, ...], Field(min_length=1)] = ()
    partner_ids: Annotated[tuple[UUID, ...], Field(min_length=1)] | None = None
    status: WebhookStatus = WebhookStatus.ACTIVE


class WebhookDraft(WebhookPatch):
    """A webhook to be created; without a secret, the platform makes one up."""

    url: _Url
    events: Annotated[tuple[Event, ...], Field(min_length=1)]
    secret: Annotated[str, Field(min_length=16, max_length=255)] = ""


class Webhook(Document):
    """One of the organization's endpoints for events, without its secret."""

    id: UUID
    url: str
    events: tuple[str, ...]
    partner_ids: tuple[UUID, ...] | None
    status: WebhookStatus
    version: int
    status_reason: str = ""
    """Why the platform paused it by itself."""


class NewWebhook(Webhook):
    """A webhook that was just created: nothing else ever shows its secret."""

    secret: str


class TestDelivery(Document):
    """A test event that was accepted; the sandbox delivers nothing."""

    webhook_id: UUID
    event_id: UUID
    delivery: Literal["SIMULATED"]


class AutoPause(Document):
    """The URL of endpoints whose deliveries are said to keep failing, and why."""

    url: str
    reason: str


class Paused(Document):
    """The ids of the endpoints that were paused."""

    paused: tuple[UUID, ...]
