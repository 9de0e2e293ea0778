"""Pages of lists: ``page`` counts from 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from reconciler.sandbox.platform.documents import Document, Page, Pagination
from reconciler.sandbox.platform.endpoints.call import Call
from reconciler.sandbox.platform.problems import FieldError, Problem, ProblemType

_Item = TypeVar("_Item", bound=Document)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in the query."""

    name: str
    default: int
    least: int
    most: int


PAGE: Final = Number("page", default=0, least=0, most=1_000_000)
SIZE: Final = Number("size", default=20, least=1, most=100)


def page_of(call: Call, items: Sequence[_Item]) -> Page[_Item]:
    """Return the page of ``items`` that the query asks for.

    Raises:
        Problem: 422: there can be no such page.
    """
    page, page_error = _number(call, PAGE)
    size, size_error = _number(call, SIZE)
    errors = tuple(error for error in (page_error, size_error) if error is not None)
    if errors:
        raise Problem(ProblemType.VALIDATION_ERROR, "The page cannot be returned.", errors=errors)
    first = page * size
    pagination = Pagination(
        page=page,
        size=size,
        total_elements=len(items),
        total_pages=-(-len(items) // size),
        has_next=first + size < len(items),
        has_previous=page > 0,
    )
    return Page(data=tuple(items[first : first + size]), pagination=pagination)


def _number(call: Call, number: Number) -> tuple[int, FieldError | None]:
    text = call.query.get(number.name, str(number.default))
    if text.isascii() and text.isdigit() and len(text) < 10 and number.least <= int(text) <= number.most:
        return int(text), None
    why = f"must be a whole number from {number.least} to {number.most}"
    return number.default, FieldError(number.name, why, text[:100])
