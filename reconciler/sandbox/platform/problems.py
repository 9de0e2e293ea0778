"""Errors as the platform answers them: RFC 7807 ``application/problem+json``.

Source: developers.novatrade24.com, "Errors". Clients key on ``type`` and keep ``traceId``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse

BASE: Final = "https://api.novatrade24.com/problems/"


class ProblemType(StrEnum):
    """The catalogue's entries that this API uses, with status and title."""

    status: int
    heading: str

    MALFORMED_REQUEST = "malformed-request", 400, "Malformed Request"
    UNAUTHORIZED = "unauthorized", 401, "Unauthorized"
    FORBIDDEN = "forbidden", 403, "Forbidden"
    CAPABILITY_REQUIRED = "capability-required", 403, "Capability Required"
    DPA_NOT_ACCEPTED = "dpa-not-accepted", 403, "DPA Not Accepted"
    NOT_FOUND = "not-found", 404, "Not Found"
    VERSION_MISMATCH = "version-mismatch", 409, "Version Mismatch"
    VALIDATION_ERROR = "validation-error", 422, "Validation Error"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused", 422, "Idempotency Key Reused"
    RATE_LIMITED = "rate-limited", 429, "Rate Limit Exceeded"
    INTERNAL_ERROR = "internal-error", 500, "Internal Error"

    def __new__(cls, value: str, status: int, heading: str) -> Self:
        """Take the name on the wire as the value."""
        entry = str.__new__(cls, value)
        entry._value_, entry.status, entry.heading = value, status, heading
        return entry


@dataclass(frozen=True, slots=True)
class FieldError:
    """Say what is wrong with one input."""

    field: str
    message: str
    rejectedValue: str  # noqa: N815  (the name on the wire)


class ProblemDocument(BaseModel):
    """What every error answers (RFC 7807)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    traceId: str  # noqa: N815  (the name on the wire)
    errors: tuple[FieldError, ...] = ()
    """Only where the input is at fault."""


class Problem(Exception):
    """End a request with a problem document."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.status = status or kind.status
        self.headers = dict(headers or {})
        self.errors = errors


class KeycloakUnavailable(Exception):
    """Say that Keycloak did not answer, or not as itself; the caller cannot help it."""


def respond(request: Request, problem: Problem) -> JSONResponse:
    """Return the problem as the response to ``request``."""
    document = ProblemDocument(
        type=BASE + problem.kind,
        title=problem.kind.heading,
        status=problem.status,
        detail=problem.detail,
        instance=request.url.path,
        traceId=request.state.trace_id,
        **({"errors": problem.errors} if problem.errors else {}),
    )
    return JSONResponse(
        document.model_dump(mode="json", exclude_unset=True),
        status_code=problem.status, headers=problem.headers, media_type="application/problem+json",
    )  # fmt: skip
