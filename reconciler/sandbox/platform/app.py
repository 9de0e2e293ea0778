"""The application: its table of endpoints, and how errors become problem documents."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.sandbox.platform.directory import PartnerDirectory
from reconciler.sandbox.platform.endpoints import webhooks
from reconciler.sandbox.platform.endpoints.call import Answer, Call, Document, Endpoint
from reconciler.sandbox.platform.endpoints.kyc import document
from reconciler.sandbox.platform.endpoints.me import me
from reconciler.sandbox.platform.endpoints.orders import orders
from reconciler.sandbox.platform.endpoints.sandbox import auto_pause
from reconciler.sandbox.platform.envelope import Envelope
from reconciler.sandbox.platform.gate import Gate
from reconciler.sandbox.platform.idempotency import IdempotencyStore
from reconciler.sandbox.platform.limits import Category
from reconciler.sandbox.platform.problems import KeycloakUnavailable, Problem, ProblemType, respond
from reconciler.sandbox.platform.webhooks import WebhookStore

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    method: str
    path: str
    category: Category
    endpoint: Endpoint


_TABLE: Final = (
    _Row("GET", "/v1/me", Category.READ, me),
    _Row("GET", "/v1/partners/{sellerId}/orders", Category.READ, orders),
    _Row("GET", "/v1/kyc/documents/{documentId}", Category.READ, document),
    _Row("GET", "/v1/webhooks", Category.READ, webhooks.list_webhooks),
    _Row("POST", "/v1/webhooks", Category.WEBHOOK, webhooks.create_webhook),
    _Row("GET", "/v1/webhooks/{webhookId}", Category.READ, webhooks.get_webhook),
    _Row("PATCH", "/v1/webhooks/{webhookId}", Category.WEBHOOK, webhooks.update_webhook),
    _Row("DELETE", "/v1/webhooks/{webhookId}", Category.WEBHOOK, webhooks.delete_webhook),
    _Row("POST", "/v1/webhooks/{webhookId}/test", Category.WEBHOOK, webhooks.test_webhook),
)


async def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class _Api:
    gate: Gate
    directory: PartnerDirectory
    webhooks: WebhookStore
    answers: IdempotencyStore


def create_app(
    gate: Gate,
    directory: PartnerDirectory,
    *,
    webhooks: WebhookStore | None = None,
    close: Callable[[], Awaitable[None]] = _nothing,
) -> ASGIApp:
    """Return the platform API.

    Args:
        gate: What every call must pass.
        directory: Names and countries of partners.
        webhooks: The webhook endpoints; without it, there are none yet.
        close: Is awaited when the server ends.
    """
    api = _Api(gate, directory, webhooks or WebhookStore(), IdempotencyStore())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await close()

    async def pause(request: Request) -> Response:
        return await auto_pause(request, api.webhooks)

    return Envelope(
        Starlette(
            routes=[
                Route("/health", _health),
                Route("/sandbox/auto-pause", pause, methods=["POST"]),
                *(_route(path, api) for path in dict.fromkeys(row.path for row in _TABLE)),
            ],
            exception_handlers={
                Problem: _on_problem,
                KeycloakUnavailable: _on_keycloak_unavailable,
                HTTPException: _on_http_exception,
                Exception: _on_exception,
            },
            lifespan=lifespan,
        )
    )


def _route(path: str, api: _Api) -> Route:
    rows = {row.method: row for row in _TABLE if row.path == path}

    async def serve(request: Request) -> Response:
        row = rows["GET" if request.method == "HEAD" else request.method]
        organization = await api.gate.admit(request, row.category)
        call = Call(
            organization=organization,
            directory=api.directory,
            webhooks=api.webhooks,
            answers=api.answers,
            method=row.method,
            url_path=request.url.path,
            path=request.path_params,
            query=request.query_params,
            headers=request.headers,
            body=await request.body(),
        )
        return _response(row.endpoint(call))

    return Route(path, serve, methods=list(rows))


def _response(answer: Document | Answer) -> Response:
    if not isinstance(answer, Answer):
        return JSONResponse(answer)
    if answer.document is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    return JSONResponse(answer.document, status_code=answer.status, headers=dict(answer.headers))


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "UP"})


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  (Starlette types handlers for any exception)
    return respond(request, error)


async def _on_keycloak_unavailable(request: Request, error: Exception) -> Response:
    _LOG.error("Keycloak is not available, traceId %s: %s", request.state.trace_id, error)
    return respond(
        request,
        Problem(
            ProblemType.INTERNAL_ERROR,
            "The identity provider does not answer; try again later.",
            status=503,
            headers={"Retry-After": "5"},
        ),
    )


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (Starlette types handlers for any exception)
    if error.status_code == 404:
        return respond(request, Problem(ProblemType.NOT_FOUND, "There is nothing at this path."))
    return respond(
        request,
        Problem(
            ProblemType.MALFORMED_REQUEST,
            f"{request.method} is not possible here.",
            status=error.status_code,
            headers=error.headers,
        ),
    )


async def _on_exception(request: Request, _: Exception) -> Response:
    return respond(request, Problem(ProblemType.INTERNAL_ERROR, "Something went wrong here. Quote the traceId."))
