"""Webhook endpoints: what a manifest declares, and the NT24 Integration API's words about them.

Source: developers.novatrade24.com, "Webhooks".
"""

from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from reconciler.model.scalars import CLIENT_ID_PATTERN, Slug, Uuid, broken
from reconciler.model.strict import Strict
from reconciler.model.url import http_parts

EVENT_TYPES: Final = (
    "compliance.decision_made",
    "compliance.status_changed",
    "export_file.generated",
    "kyc.verification_completed",
    "kyc.vies_check_failed",
    "prospect.submitted",
    "self_service_invitation.expired",
    "self_service_invitation.used",
    "webhook.delivery_failed_terminal",
    "webhook.endpoint_auto_paused",
)
WILDCARDS: Final = ("compliance.*", "kyc.*", "self_service_invitation.*")
"""The segments that may stand for all of their events; there is no wildcard for everything."""

MAX_URL_LENGTH: Final = 2000


class WebhookStatus(StrEnum):
    """Whether the platform delivers to an endpoint; it pauses one itself when deliveries keep failing."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"


def covers(pattern: str, event: str) -> bool:
    """Tell whether subscribing to ``pattern`` brings what ``event``, an event type or a wildcard, brings."""
    return pattern == event or (pattern.endswith(".*") and event.startswith(pattern[:-1]))


def _event(text: str) -> str:
    allowed = f"Allowed: {', '.join((*EVENT_TYPES, *WILDCARDS))}."
    if text in {"*", "*.*", "**"}:
        raise broken("The platform has no wildcard for all events.", f"Name the events. {allowed}")
    if text.endswith("*") and text not in WILDCARDS:
        raise broken("The platform has no such wildcard.", f"Name the events, or use {', '.join(WILDCARDS)}.")
    if text not in EVENT_TYPES and text not in WILDCARDS:
        near = get_close_matches(text, (*EVENT_TYPES, *WILDCARDS), n=1)
        raise broken("There is no such event type.", f"Did you mean {near[0]}? {allowed}" if near else allowed)
    return text


def _some_events(events: tuple[str, ...]) -> tuple[str, ...]:
    if not events:
        raise broken("The webhook gets no events.", "Name some, or write status: PAUSED.")
    return events


def _some_partners(partners: tuple[UUID, ...]) -> tuple[UUID, ...]:
    if not partners:
        raise broken("The webhook gets events of no partner.", "Name some, or leave partnerIds out for all.")
    return partners


def _https(url: str) -> str:
    example = "Write one such as https://erp.acme.example/nt24/events."
    if not url.isascii() or not url.isprintable() or " " in url:
        raise broken("The URL holds characters that must be escaped.", "Write them as %XX, a host name as xn--….")
    parts = http_parts(url)
    if parts is None:
        raise broken("The value is not a URL.", example)
    if parts.scheme != "https":
        raise broken("The platform delivers to https:// addresses only.", example)
    if "@" in parts.netloc:
        remedy = "Write it without: the endpoint's secret signs deliveries."
        raise broken("The URL carries a user or a password.", remedy)
    if parts.fragment:
        raise broken("The URL has a part after '#', which no server ever sees.", "Remove it.")
    return url


Event = Annotated[str, AfterValidator(_event), WithJsonSchema({"enum": [*EVENT_TYPES, *WILDCARDS]})]
HttpsUrl = Annotated[str, Field(min_length=1, max_length=MAX_URL_LENGTH), AfterValidator(_https)]


class Webhook(Strict):
    """An endpoint of the organization that the platform reports events to."""

    IDENTITY: ClassVar = "name"

    name: Annotated[Slug, Field(examples=["compliance"])]
    """What the endpoint is called here; unique in the organization. The platform does not know it."""
    url: Annotated[HttpsUrl, Field(examples=["https://erp.acme.example/nt24/events"])]
    """Where events are delivered; unique in the organization."""
    events: Annotated[
        tuple[Event, ...],
        AfterValidator(_some_events),
        Field(json_schema_extra={"minItems": 1}, examples=[["compliance.*", "prospect.submitted"]]),
    ]
    """The event types, or `compliance.*`, `kyc.*`, `self_service_invitation.*`."""
    partner_ids: (
        Annotated[tuple[Uuid, ...], AfterValidator(_some_partners), Field(json_schema_extra={"minItems": 1})] | None
    ) = None
    """Only events of these partners, who must be authorized; without it, of all."""
    status: WebhookStatus = WebhookStatus.ACTIVE
    """`PAUSED` and `DISABLED` stop deliveries."""
    client: Annotated[str, Field(pattern=CLIENT_ID_PATTERN, max_length=200)] | None = None
    """The client whose token manages the endpoint; without it, the first enabled one by id."""

    @model_validator(mode="after")
    def _each_event_once(self) -> Self:
        for place, event in enumerate(self.events):
            other = next((e for i, e in enumerate(self.events) if i != place and covers(e, event)), None)
            if other is not None:
                why = "stands twice" if other == event else f"is part of {other}"
                raise broken(f"The event {event} {why}.", "Remove it.")
        return self

    @model_validator(mode="after")
    def _each_partner_once(self) -> Self:
        seen: set[UUID] = set()
        for partner in self.partner_ids or ():
            if partner in seen:
                raise broken(f"Duplicate partner {partner}.", "Remove one of them.")
            seen.add(partner)
        return self
