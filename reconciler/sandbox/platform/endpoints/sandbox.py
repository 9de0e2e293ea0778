"""``/sandbox``: what a test must be able to make happen, and the platform does by itself. NT24 has nothing of it."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse

from reconciler.sandbox.platform.problems import Problem, ProblemType
from reconciler.sandbox.platform.webhooks import WebhookStore


async def auto_pause(request: Request, webhooks: WebhookStore) -> JSONResponse:
    """Pause the endpoints of ``url`` with a ``reason``, as if their deliveries kept failing.

    Raises:
        Problem: 400 or 404: the body is no such object, or there is no such endpoint.
    """
    # A web page may send a form to the loopback unasked, but no JSON.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Problem(ProblemType.MALFORMED_REQUEST, "Send application/json.")
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    match body:
        case {"url": str(url), "reason": str(reason)}:
            paused = webhooks.auto_pause(url, reason)
        case _:
            raise Problem(ProblemType.MALFORMED_REQUEST, 'The body must be {"url": …, "reason": …}.')
    if not paused:
        raise Problem(ProblemType.NOT_FOUND, "There is no webhook with this URL.")
    return JSONResponse({"paused": [each.id for each in paused]})
