"""``GET /v1/partners/{sellerId}/orders``: a few orders that are always the same for the same partner."""

from typing import Final
from uuid import UUID, uuid5

from reconciler.sandbox.platform.endpoints.call import Call, Document
from reconciler.sandbox.platform.problems import FieldError, Problem, ProblemType

_ORDERS: Final = 3
_LARGEST_PAGE: Final = 100


def orders(call: Call) -> Document:
    """Return one page of the partner's orders.

    Raises:
        Problem: 400, 403 or 422: the path, the partner or the page is not acceptable.
    """
    partner = call.partner()
    page, size = _page(call)
    first = page * size
    with_contact = "allowContactPersonalData" in call.organization.flags
    numbers = range(1, _ORDERS + 1)[first : first + size]
    return {
        "data": [_order(partner, number, with_contact=with_contact) for number in numbers],
        "pagination": {
            "page": page,
            "size": size,
            "totalElements": _ORDERS,
            "totalPages": -(-_ORDERS // size),
            "hasNext": first + size < _ORDERS,
            "hasPrevious": page > 0,
        },
    }


def _page(call: Call) -> tuple[int, int]:
    page, page_error = _number(call, "page", default=0, least=0, most=1_000_000)
    size, size_error = _number(call, "size", default=20, least=1, most=_LARGEST_PAGE)
    errors = tuple(error for error in (page_error, size_error) if error is not None)
    if errors:
        raise Problem(ProblemType.VALIDATION_ERROR, "The page cannot be returned.", errors=errors)
    return page, size


def _number(call: Call, name: str, *, default: int, least: int, most: int) -> tuple[int, FieldError | None]:
    text = call.query.get(name, str(default))
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text), None
    return default, FieldError(name, f"must be a whole number from {least} to {most}", text[:100])


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
