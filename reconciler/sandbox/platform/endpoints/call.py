"""A call that passed the gate, and the rules that endpoints share."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reconciler.sandbox.platform.directory import PartnerDirectory
from reconciler.sandbox.platform.documents import Document
from reconciler.sandbox.platform.organizations import Organization
from reconciler.sandbox.platform.problems import FieldError, Problem, ProblemType

if TYPE_CHECKING:
    from reconciler.sandbox.platform.webhooks import WebhookStore

_LONGEST: Final = 100
_Body = TypeVar("_Body", bound=Document)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers; None is no body."""

    document: Document | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, and with what."""

    organization: Organization
    directory: PartnerDirectory
    webhooks: "WebhookStore"
    path: Mapping[str, str]
    """The variable parts of the path."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def uuid(self, name: str) -> str:
        """Return a part of the path that must be a UUID.

        Raises:
            Problem: 400: it is none.
        """
        try:
            return str(UUID(self.path[name]))
        except ValueError as error:
            raise Problem(ProblemType.MALFORMED_REQUEST, f"{name} in the path must be a UUID.") from error

    def partner(self) -> str:
        """Return the partner in the path, for whom the organization may act.

        Raises:
            Problem: 403: it may not.
        """
        partner = self.uuid("sellerId")
        if partner not in self.organization.partners or self.directory.find(partner) is None:
            raise Problem(ProblemType.FORBIDDEN, f"The organization may not act for the partner {partner}.")
        return partner

    def require(self, flag: str) -> None:
        """Check that the organization has a capability.

        Raises:
            Problem: 403: it has not.
        """
        if flag not in self.organization.flags:
            raise Problem(ProblemType.CAPABILITY_REQUIRED, f"This needs the capability {flag}.")


Endpoint: TypeAlias = Callable[[Call], Answer]


def read_body(model: type[_Body], body: bytes) -> _Body:
    """Return what a body says.

    Raises:
        Problem: 400: it is no JSON object. 422: it is another one than ``model`` describes.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
    if not all(each["loc"] for each in found):
        raise Problem(ProblemType.MALFORMED_REQUEST, "The body must be a JSON object.")
    errors = tuple(FieldError(".".join(map(str, each["loc"]))[:_LONGEST], each["msg"], _shown(each)) for each in found)
    raise Problem(ProblemType.VALIDATION_ERROR, "The body is not acceptable.", errors=errors)


def _shown(error: ErrorDetails) -> str:
    """Return the value that was refused; where one is missing, pydantic shows the whole body, secret and all."""
    if error["type"] == "missing":
        return ""
    value = "-" if error["loc"][0] == "secret" else error["input"]
    return (value if isinstance(value, str) else json.dumps(value))[:_LONGEST]
