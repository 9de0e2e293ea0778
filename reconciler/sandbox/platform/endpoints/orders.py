"""``GET /v1/partners/{sellerId}/orders``: a few orders that are always the same for the same partner."""

from typing import Final
from uuid import UUID, uuid5

from reconciler.sandbox.platform.endpoints.call import Call, Document
from reconciler.sandbox.platform.endpoints.pages import page_of

_ORDERS: Final = 3


def orders(call: Call) -> Document:
    """Return one page of the partner's orders.

    Raises:
        Problem: 400, 403 or 422: the path, the partner or the page is not acceptable.
    """
    partner = call.partner()
    with_contact = "allowContactPersonalData" in call.organization.flags
    return page_of(call, [_order(partner, number, with_contact=with_contact) for number in range(1, _ORDERS + 1)])


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
