"""``/v1/webhooks`` of the fake platform: the sandbox's own store, without HTTP in between."""

import json
from abc import abstractmethod
from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.model.observed import Endpoint
from reconciler.model.value import Representation
from reconciler.ports import Secret
from reconciler.sandbox.platform.documents import Document, NewWebhook, WebhookDraft, WebhookPatch
from reconciler.sandbox.platform.endpoints.call import Answer, read_body
from reconciler.sandbox.platform.idempotency import IdempotencyStore
from reconciler.sandbox.platform.problems import Problem
from reconciler.sandbox.platform.webhooks import WebhookStore
from tests.fakes.store import Json
from tests.fakes.traffic import Traffic, request

_KINDS = {404: NotFound, 409: Conflict}


def _answered(document: Document) -> Json:
    return document.model_dump(mode="json", exclude_unset=True)


class FakeWebhooks:
    """Implement the webhooks of the port ``PlatformApi``; ``answered`` holds what each creation answered."""

    traffic: Traffic
    endpoints: WebhookStore
    keys: IdempotencyStore
    answered: list[Json]

    @abstractmethod
    def admit(self, client_id: str) -> Json:
        """Return the organization that the client calls for; raise the platform's refusal."""

    @abstractmethod
    def partners(self, organization: Json) -> tuple[str, ...]:
        """Return the partners that the organization may act for."""

    @request
    async def webhooks(self, client_id: str) -> tuple[Endpoint, ...]:
        organization = self.admit(client_id)
        found = (Endpoint.model_validate(_answered(each.document())) for each in self.endpoints.all(organization["id"]))
        return tuple(sorted(found, key=lambda endpoint: endpoint.id))

    def webhook_secret(self) -> Secret:
        return PlainSecret(token_urlsafe(48))

    @request
    async def create_webhook(
        self, client_id: str, body: Representation, key: str, secret: Secret | None = None
    ) -> Endpoint:
        organization = self.admit(client_id)
        body = {**body, **({"secret": secret.reveal()} if secret else {})}

        def do() -> Answer:
            draft = read_body(WebhookDraft, json.dumps(body).encode())
            made, secret = self.endpoints.create(organization["id"], draft, self.partners(organization))
            return Answer(NewWebhook.model_validate({**_answered(made.document()), "secret": secret}))

        document = self._once(organization, key, "POST /v1/webhooks", body, do).document
        assert document is not None
        self.answered.append(_answered(document))
        return Endpoint.model_validate(self.answered[-1])

    @request
    async def update_webhook(self, client_id: str, live: Endpoint, patch: Representation, key: str) -> None:
        organization = self.admit(client_id)

        def do() -> Answer:
            changes, partners = read_body(WebhookPatch, json.dumps(patch).encode()), self.partners(organization)
            self.endpoints.update(organization["id"], live.id, changes, str(live.version), partners)
            return Answer(None)

        self._once(organization, key, f"PATCH /v1/webhooks/{live.id}", patch, do)

    @request
    async def delete_webhook(self, client_id: str, endpoint_id: str, key: str) -> None:
        organization = self.admit(client_id)

        def do() -> Answer:
            self.endpoints.delete(self.endpoints.find(organization["id"], endpoint_id))
            return Answer(None)

        self._once(organization, key, f"DELETE /v1/webhooks/{endpoint_id}", {}, do)

    def _once(self, organization: Json, key: str, what: str, body: Any, do: Callable[[], Answer]) -> Answer:
        method, _, path = what.partition(" ")
        try:
            return self.keys.answer(organization["id"], key, (method, path, json.dumps(body).encode()), do)
        except Problem as problem:
            kind = _KINDS.get(problem.status, RequestFailed)
            raise kind(f"{problem.kind}: {problem.detail}", status=problem.status, code=problem.kind) from problem
