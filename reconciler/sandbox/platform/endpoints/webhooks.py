"""``/v1/webhooks``: the organization's endpoints for events."""

from typing import Final
from uuid import UUID, uuid4

from reconciler.sandbox.platform.documents import NewWebhook, TestDelivery, WebhookDraft, WebhookPatch
from reconciler.sandbox.platform.endpoints.call import Answer, Call, read_body
from reconciler.sandbox.platform.endpoints.pages import page_of
from reconciler.sandbox.platform.webhooks import Endpoint

_PATH: Final = "/v1/webhooks"


def list_webhooks(call: Call) -> Answer:
    """Return one page of the organization's endpoints, without their secrets."""
    return Answer(page_of(call, [each.document() for each in call.webhooks.all(call.organization.id)]))


def get_webhook(call: Call) -> Answer:
    """Return one endpoint, without its secret."""
    return _shown(call.webhooks.find(call.organization.id, call.path["webhookId"]))


def create_webhook(call: Call) -> Answer:
    """Create an endpoint; this answer alone holds its secret."""
    draft = read_body(WebhookDraft, call.body)
    made, secret = call.webhooks.create(call.organization.id, draft, call.organization.partners)
    document = NewWebhook.model_validate({**made.document().model_dump(exclude_unset=True), "secret": secret})
    return Answer(document, headers={"ETag": _etag(made), "Location": f"{_PATH}/{made.id}"})


def update_webhook(call: Call) -> Answer:
    """Change an endpoint by a merge patch, if it still has the version of ``If-Match``."""
    patch, if_match = read_body(WebhookPatch, call.body), call.headers.get("if-match")
    organization, endpoint_id = call.organization, call.path["webhookId"]
    return _shown(call.webhooks.update(organization.id, endpoint_id, patch, if_match, organization.partners))


def delete_webhook(call: Call) -> Answer:
    """Delete an endpoint, if it still has the version of ``If-Match``, where that is sent."""
    found = call.webhooks.find(call.organization.id, call.path["webhookId"])
    call.webhooks.check_version(found, call.headers.get("if-match"))
    call.webhooks.delete(found)
    return Answer(None)


def test_webhook(call: Call) -> Answer:
    """Accept a test event; the sandbox delivers nothing."""
    found = call.webhooks.find(call.organization.id, call.path["webhookId"])
    return Answer(TestDelivery(webhook_id=UUID(found.id), event_id=uuid4(), delivery="SIMULATED"))


def _shown(endpoint: Endpoint) -> Answer:
    return Answer(endpoint.document(), headers={"ETag": _etag(endpoint)})


def _etag(endpoint: Endpoint) -> str:
    return f'"{endpoint.version}"'
