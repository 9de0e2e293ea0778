"""Errors as the platform answers them: RFC 7807 ``application/problem+json``.

Source: developers.novatrade24.com, "Errors". Clients key on ``type`` and keep ``traceId``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

_BASE: Final = "https://api.novatrade24.com/problems/"


class ProblemType(StrEnum):
    """The catalogue's entries that this API uses."""

    MALFORMED_REQUEST = "malformed-request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    CAPABILITY_REQUIRED = "capability-required"
    DPA_NOT_ACCEPTED = "dpa-not-accepted"
    NOT_FOUND = "not-found"
    VERSION_MISMATCH = "version-mismatch"
    VALIDATION_ERROR = "validation-error"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    RATE_LIMITED = "rate-limited"
    INTERNAL_ERROR = "internal-error"


_CATALOGUE: Final[Mapping[ProblemType, tuple[int, str]]] = {
    ProblemType.MALFORMED_REQUEST: (400, "Malformed Request"),
    ProblemType.UNAUTHORIZED: (401, "Unauthorized"),
    ProblemType.FORBIDDEN: (403, "Forbidden"),
    ProblemType.CAPABILITY_REQUIRED: (403, "Capability Required"),
    ProblemType.DPA_NOT_ACCEPTED: (403, "DPA Not Accepted"),
    ProblemType.NOT_FOUND: (404, "Not Found"),
    ProblemType.VERSION_MISMATCH: (409, "Version Mismatch"),
    ProblemType.VALIDATION_ERROR: (422, "Validation Error"),
    ProblemType.IDEMPOTENCY_KEY_REUSED: (422, "Idempotency Key Reused"),
    ProblemType.RATE_LIMITED: (429, "Rate Limit Exceeded"),
    ProblemType.INTERNAL_ERROR: (500, "Internal Error"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """Say what is wrong with one input."""

    field: str
    message: str
    rejectedValue: str  # noqa: N815  (the name on the wire)


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
        self.status = status or _CATALOGUE[kind][0]
        self.headers = dict(headers or {})
        self.errors = errors


class KeycloakUnavailable(Exception):
    """Say that Keycloak did not answer, or not as itself; the caller cannot help it."""


def respond(request: Request, problem: Problem) -> JSONResponse:
    """Return the problem as the response to ``request``."""
    document: dict[str, object] = {
        "type": _BASE + problem.kind,
        "title": _CATALOGUE[problem.kind][1],
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        "traceId": request.state.trace_id,
    }
    if problem.errors:
        document["errors"] = [asdict(error) for error in problem.errors]
    return JSONResponse(
        document, status_code=problem.status, headers=problem.headers, media_type="application/problem+json"
    )
