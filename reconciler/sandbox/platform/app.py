"""The application: how the table of operations is served, and how errors become problem documents."""

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

from reconciler.sandbox.platform import openapi
from reconciler.sandbox.platform.directory import PartnerDirectory
from reconciler.sandbox.platform.endpoints.call import Answer, Call
from reconciler.sandbox.platform.envelope import Envelope
from reconciler.sandbox.platform.gate import Gate
from reconciler.sandbox.platform.idempotency import IdempotencyStore
from reconciler.sandbox.platform.operations import OPERATIONS, Guarded, Operation
from reconciler.sandbox.platform.problems import KeycloakUnavailable, Problem, ProblemType, respond
from reconciler.sandbox.platform.webhooks import WebhookStore

_LOG: Final = logging.getLogger(__name__)


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

    paths = dict.fromkeys(operation.path for operation in OPERATIONS)
    app = Starlette(
        routes=[Route(openapi.PATH, _document), *(_route(path, api) for path in paths)],
        exception_handlers={
            Problem: _on_problem,
            KeycloakUnavailable: _on_keycloak_unavailable,
            HTTPException: _on_http_exception,
            Exception: _on_exception,
        },
        lifespan=lifespan,
    )
    # A redirect would be an answer that nothing describes.
    app.router.redirect_slashes = False
    return Envelope(app)


def _route(path: str, api: _Api) -> Route:
    operations = {each.method: each for each in OPERATIONS if each.path == path}

    async def serve(request: Request) -> Response:
        operation = operations["GET" if request.method == "HEAD" else request.method]
        if isinstance(operation, Guarded):
            return _response(operation, await _guarded(operation, request, api))
        _check_media_type(operation, request)
        return _response(operation, await operation.endpoint(request, api.webhooks))

    return Route(path, serve, methods=list(operations))


def _check_media_type(operation: Operation, request: Request) -> None:
    # A web page may send a form to the loopback unasked, but no JSON.
    sent, allowed = request.headers.get("content-type", "").partition(";")[0].strip().lower(), operation.media_types
    if allowed and sent not in allowed:
        raise Problem(ProblemType.MALFORMED_REQUEST, f"Send Content-Type: {' or '.join(allowed)}.")


async def _guarded(operation: Guarded, request: Request, api: _Api) -> Answer:
    organization = await api.gate.admit(request, operation.category)
    _check_media_type(operation, request)
    path, query, headers, body = request.path_params, request.query_params, request.headers, await request.body()
    call = Call(organization, api.directory, api.webhooks, path, query, headers, body)
    if not operation.is_write:
        return operation.endpoint(call)
    key, what = headers.get("idempotency-key", ""), (operation.method, request.url.path, body)
    return api.answers.answer(organization.id, key, what, lambda: operation.endpoint(call))


def _response(operation: Operation, answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.document is None:
        return Response(status_code=operation.status, headers=headers)
    return JSONResponse(
        answer.document.model_dump(mode="json", exclude_unset=True), status_code=operation.status, headers=headers
    )


async def _document(_: Request) -> Response:
    return JSONResponse(openapi.openapi())


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
