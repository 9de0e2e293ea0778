"""What needs no token: whether it is up, and what a test must be able to make happen. NT24 has nothing of it."""

from uuid import UUID

from starlette.requests import Request

from reconciler.sandbox.platform.documents import AutoPause, Health, Paused
from reconciler.sandbox.platform.endpoints.call import Answer, read_body
from reconciler.sandbox.platform.problems import Problem, ProblemType
from reconciler.sandbox.platform.webhooks import WebhookStore


async def health(_: Request, __: WebhookStore) -> Answer:
    """Say that the API is up."""
    return Answer(Health(status="UP"))


async def auto_pause(request: Request, webhooks: WebhookStore) -> Answer:
    """Pause the endpoints of a URL as the platform does by itself when their deliveries keep failing.

    Raises:
        Problem: 400, 404 or 422: the body is not acceptable, or there is no such endpoint.
    """
    asked = read_body(AutoPause, await request.body())
    paused = webhooks.auto_pause(asked.url, asked.reason)
    if not paused:
        raise Problem(ProblemType.NOT_FOUND, "There is no webhook with this URL.")
    return Answer(Paused(paused=tuple(UUID(each.id) for each in paused)))
