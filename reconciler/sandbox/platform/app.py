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
from reconciler.sandbox.platform.endpoints.call import Answer, Call, Endpoint
from reconciler.sandbox.platform.endpoints.reads import document, me, orders
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

    @property
    def is_write(self) -> bool:
        """Tell whether it takes an idempotency key."""
        return self.category is not Category.READ


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
    """Return the platform API; without ``webhooks`` there are none yet, and ``close`` is awaited when it ends."""
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
        path, query, headers, body = request.path_params, request.query_params, request.headers, await request.body()
        call = Call(organization, api.directory, api.webhooks, path, query, headers, body)
        if not row.is_write:
            return _response(row.endpoint(call))
        key, what = headers.get("idempotency-key", ""), (row.method, request.url.path, body)
        return _response(api.answers.answer(organization.id, key, what, lambda: row.endpoint(call)))

    return Route(path, serve, methods=list(rows))


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.document is None:
        return Response(status_code=answer.status, headers=headers)
    return JSONResponse(answer.document, status_code=answer.status, headers=headers)


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "UP"})


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  (Starlette types handlers for any exception)
    return respond(request, error)


async def _on_keycloak_unavailable(request: Request, error: Exception) -> Response:
    _LOG.error("Keycloak is not available, traceId %s: %s", request.state.trace_id, error)
    detail = "The identity provider does not answer; try again later."
    return respond(request, Problem(ProblemType.INTERNAL_ERROR, detail, status=503, headers={"Retry-After": "5"}))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (Starlette types handlers for any exception)
    if error.status_code == 404:
        return respond(request, Problem(ProblemType.NOT_FOUND, "There is nothing at this path."))
    detail = f"{request.method} is not possible here."
    problem = Problem(ProblemType.MALFORMED_REQUEST, detail, status=error.status_code, headers=error.headers)
    return respond(request, problem)


async def _on_exception(request: Request, _: Exception) -> Response:
    return respond(request, Problem(ProblemType.INTERNAL_ERROR, "Something went wrong here. Quote the traceId."))
