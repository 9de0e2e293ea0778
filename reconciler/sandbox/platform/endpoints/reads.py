"""What the API reads: the caller's own state, a partner's orders, a document."""

from typing import Final
from uuid import UUID, uuid5

from reconciler.model import layout
from reconciler.model.manifest import CAPABILITIES
from reconciler.sandbox.platform.endpoints.call import Answer, Call, Document
from reconciler.sandbox.platform.endpoints.pages import page_of

_ORDERS: Final = 3


def me(call: Call) -> Answer:
    """``GET /v1/me``: return what the organization is and may do, as the platform enforces it at this moment."""
    organization = call.organization
    partners = ((uuid, call.directory.find(uuid)) for uuid in organization.partners)
    document: Document = {
        layout.UUID: organization.uuid,
        "name": organization.name,
        layout.PARTNERS: [{"uuid": uuid, **partner.model_dump()} for uuid, partner in partners if partner is not None],
        "capabilities": {
            layout.RATE_LIMIT_TIER: organization.rate_limit_tier,
            **{flag: flag in organization.flags for flag in CAPABILITIES},
        },
    }
    if organization.dpa_version is not None:
        document[layout.DPA_VERSION] = organization.dpa_version
    if organization.dpa_accepted_at is not None:
        document[layout.DPA_ACCEPTED_AT] = organization.dpa_accepted_at
    return Answer(document)


def orders(call: Call) -> Answer:
    """Return one page of the partner's orders, a few that are always the same for the same partner.

    Raises:
        Problem: 400, 403 or 422: the path, the partner or the page is not acceptable.
    """
    partner = call.partner()
    with_contact = "allowContactPersonalData" in call.organization.flags
    return Answer(
        page_of(call, [_order(partner, number, with_contact=with_contact) for number in range(1, _ORDERS + 1)])
    )


def _order(partner: str, number: int, *, with_contact: bool) -> Document:
    uuid = uuid5(UUID(partner), f"order {number}")
    amount = {"value": 10_000 + uuid.int % 40_000, "currency": "EUR"}
    order: Document = {
        "uuid": str(uuid),
        "externalOrderId": f"ORDER-{number:04}",
        "buyerId": str(uuid5(UUID(partner), f"buyer {number}")),
        "status": "CREATED",
        "vins": [
            {
                "vin": f"WVWZZZ{uuid.int % 10**11:011}",
                "brand": "Volkswagen",
                "model": "Golf",
                "purchaseAmount": amount,
                "complianceStatus": "PENDING",
            }
        ],
        "totalAmount": amount,
        "version": 1,
        "createdAt": f"2026-01-{number:02}T08:00:00Z",
        "updatedAt": f"2026-01-{number:02}T08:00:00Z",
    }
    if with_contact:
        order["responsibleContact"] = {
            "firstName": "Alex",
            "lastName": "Example",
            "email": f"alex.example+{number}@example.com",
        }
    return order


def document(call: Call) -> Answer:
    """Return the description of a personal document, for those who may download it.

    Raises:
        Problem: 400 or 403: the id is no UUID, or the capability is missing.
    """
    call.require("allowKycDocumentDownload")
    uuid = call.uuid("documentId")
    kind = {"type": "TRADE_REGISTER_EXTRACT", "contentType": "application/pdf"}
    return Answer({"uuid": uuid, "fileName": f"{uuid}.pdf", **kind})
