"""``/v1/webhooks``: the organization's endpoints for events."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from reconciler.sandbox.platform.endpoints.call import Answer, Call
from reconciler.sandbox.platform.endpoints.pages import page_of
from reconciler.sandbox.platform.problems import Problem, ProblemType
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
    made, secret = call.webhooks.create(call.organization.id, _object(call), call.organization.partners)
    headers = {"ETag": _etag(made), "Location": f"{_PATH}/{made.id}"}
    return Answer({**made.document(), "secret": secret}, status=201, headers=headers)


def update_webhook(call: Call) -> Answer:
    """Change an endpoint by a merge patch, if it still has the version of ``If-Match``."""
    if_match, partners = call.headers.get("if-match"), call.organization.partners
    endpoint_id = call.path["webhookId"]
    return _shown(call.webhooks.update(call.organization.id, endpoint_id, _object(call), if_match, partners))


def delete_webhook(call: Call) -> Answer:
    """Delete an endpoint, if it still has the version of ``If-Match``, where that is sent."""
    found = call.webhooks.find(call.organization.id, call.path["webhookId"])
    call.webhooks.check_version(found, call.headers.get("if-match"))
    call.webhooks.delete(found)
    return Answer(None, status=204)


def test_webhook(call: Call) -> Answer:
    """Accept a test event; the sandbox delivers nothing."""
    found = call.webhooks.find(call.organization.id, call.path["webhookId"])
    return Answer({"webhookId": found.id, "eventId": str(uuid4()), "delivery": "SIMULATED"}, status=202)


def _shown(endpoint: Endpoint) -> Answer:
    return Answer(endpoint.document(), headers={"ETag": _etag(endpoint)})


def _etag(endpoint: Endpoint) -> str:
    return f'"{endpoint.version}"'


def _object(call: Call) -> Mapping[str, Any]:
    try:
        found = json.loads(call.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem(ProblemType.MALFORMED_REQUEST, "The body must be a JSON object.")
    return found
