"""Pages of lists: ``page`` counts from 0."""

from collections.abc import Sequence
from typing import Final

from reconciler.sandbox.platform.endpoints.call import Call, Document
from reconciler.sandbox.platform.problems import FieldError, Problem, ProblemType

_LARGEST_PAGE: Final = 100


def page_of(call: Call, items: Sequence[object]) -> Document:
    """Return the page of ``items`` that the query asks for.

    Raises:
        Problem: 422: there can be no such page.
    """
    page, page_error = _number(call, "page", default=0, least=0, most=1_000_000)
    size, size_error = _number(call, "size", default=20, least=1, most=_LARGEST_PAGE)
    errors = tuple(error for error in (page_error, size_error) if error is not None)
    if errors:
        raise Problem(ProblemType.VALIDATION_ERROR, "The page cannot be returned.", errors=errors)
    first = page * size
    return {
        "data": list(items[first : first + size]),
        "pagination": {
            "page": page,
            "size": size,
            "totalElements": len(items),
            "totalPages": -(-len(items) // size),
            "hasNext": first + size < len(items),
            "hasPrevious": page > 0,
        },
    }


def _number(call: Call, name: str, *, default: int, least: int, most: int) -> tuple[int, FieldError | None]:
    text = call.query.get(name, str(default))
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text), None
    return default, FieldError(name, f"must be a whole number from {least} to {most}", text[:100])
