"""What the API reads: the caller's own state, a partner's orders, a document."""

from typing import Final
from uuid import UUID, uuid5

from reconciler.model import layout
from reconciler.model.manifest import CAPABILITIES
from reconciler.sandbox.platform.documents import KycDocument, Me, Order
from reconciler.sandbox.platform.endpoints.call import Answer, Call
from reconciler.sandbox.platform.endpoints.pages import page_of

_ORDERS: Final = 3


def me(call: Call) -> Answer:
    """Return what the organization is and may do, as the platform enforces it at this moment."""
    organization = call.organization
    partners = ((uuid, call.directory.find(uuid)) for uuid in organization.partners)
    capabilities: dict[str, object] = {layout.RATE_LIMIT_TIER: organization.rate_limit_tier}
    capabilities |= {flag: flag in organization.flags for flag in CAPABILITIES}
    dpa = {layout.DPA_VERSION: organization.dpa_version, layout.DPA_ACCEPTED_AT: organization.dpa_accepted_at}
    return Answer(
        Me.model_validate(
            {
                layout.UUID: organization.uuid,
                "name": organization.name,
                layout.PARTNERS: [{"uuid": uuid, **found.model_dump()} for uuid, found in partners if found],
                "capabilities": capabilities,
                **{name: value for name, value in dpa.items() if value is not None},
            }
        )
    )


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


def _order(partner: str, number: int, *, with_contact: bool) -> Order:
    uuid = uuid5(UUID(partner), f"order {number}")
    amount = {"value": 10_000 + uuid.int % 40_000, "currency": "EUR"}
    vin = {
        "vin": f"WVWZZZ{uuid.int % 10**11:011}",
        "brand": "Volkswagen",
        "model": "Golf",
        "purchaseAmount": amount,
        "complianceStatus": "PENDING",
    }
    email = f"alex.example+{number}@example.com"
    contact = {"responsibleContact": {"firstName": "Alex", "lastName": "Example", "email": email}}
    return Order.model_validate(
        {
            "uuid": uuid,
            "externalOrderId": f"ORDER-{number:04}",
            "buyerId": uuid5(UUID(partner), f"buyer {number}"),
            "status": "CREATED",
            "vins": [vin],
            "totalAmount": amount,
            "version": 1,
            "createdAt": f"2026-01-{number:02}T08:00:00Z",
            "updatedAt": f"2026-01-{number:02}T08:00:00Z",
            **(contact if with_contact else {}),
        }
    )


def document(call: Call) -> Answer:
    """Return the description of a personal document, for those who may download it.

    Raises:
        Problem: 400 or 403: the id is no UUID, or the capability is missing.
    """
    call.require("allowKycDocumentDownload")
    uuid = call.uuid("documentId")
    kind = {"type": "TRADE_REGISTER_EXTRACT", "content_type": "application/pdf"}
    return Answer(KycDocument(uuid=UUID(uuid), file_name=f"{uuid}.pdf", **kind))
