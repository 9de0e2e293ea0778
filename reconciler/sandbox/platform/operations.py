"""The table of the API's operations: the routes and the OpenAPI document are made of it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.requests import Request

from reconciler.sandbox.platform.documents import (
    AutoPause,
    Document,
    Health,
    KycDocument,
    Me,
    NewWebhook,
    Order,
    Page,
    Paused,
    TestDelivery,
    Webhook,
    WebhookDraft,
    WebhookPatch,
)
from reconciler.sandbox.platform.endpoints import webhooks
from reconciler.sandbox.platform.endpoints.call import Answer, Endpoint
from reconciler.sandbox.platform.endpoints.pages import PAGE, SIZE, Number
from reconciler.sandbox.platform.endpoints.reads import document, me, orders
from reconciler.sandbox.platform.endpoints.sandbox import auto_pause, health
from reconciler.sandbox.platform.limits import Category
from reconciler.sandbox.platform.problems import ProblemType
from reconciler.sandbox.platform.webhooks import WebhookStore

OpenEndpoint: TypeAlias = Callable[[Request, WebhookStore], Awaitable[Answer]]
_PART: Final = re.compile(r"{(\w+)}")
_PAGED: Final = (PAGE, SIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    status: int = 200
    """What it answers when it succeeds."""
    answer: type[Document] | None
    """The document that it answers then."""
    body: type[Document] | None = None
    query: tuple[Number, ...] = ()
    problems: tuple[ProblemType, ...] = ()
    """What it may refuse by itself, beside what every operation of its kind may."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the names of the variable parts of the path; each is a UUID."""
        return tuple(_PART.findall(self.path))

    @property
    def media_types(self) -> tuple[str, ...]:
        """Return what the body may be sent as; () where there is none."""
        more = ("application/merge-patch+json",) if self.method == "PATCH" else ()
        return ("application/json", *more) if self.body else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Operation):
    """An operation that asks nobody who calls."""

    endpoint: OpenEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded(Operation):
    """An operation behind the gate."""

    category: Category = Category.READ
    endpoint: Endpoint
    if_match: bool | None = None
    """Whether it needs the version that the caller has seen; None where it does not look at it."""

    @property
    def is_write(self) -> bool:
        """Tell whether it takes an idempotency key."""
        return self.category is not Category.READ


_MALFORMED, _INVALID = ProblemType.MALFORMED_REQUEST, ProblemType.VALIDATION_ERROR
_MISSING, _STALE = ProblemType.NOT_FOUND, ProblemType.VERSION_MISMATCH
OPERATIONS: Final[tuple[Open | Guarded, ...]] = (
    Open(method="GET", path="/health", answer=Health, endpoint=health),
    Open(
        method="POST", path="/sandbox/auto-pause", answer=Paused, body=AutoPause,
        problems=(_MALFORMED, _MISSING, _INVALID), endpoint=auto_pause,
    ),
    Guarded(method="GET", path="/v1/me", answer=Me, endpoint=me),
    Guarded(
        method="GET", path="/v1/partners/{sellerId}/orders", answer=Page[Order], query=_PAGED,
        problems=(_MALFORMED, _INVALID), endpoint=orders,
    ),
    Guarded(
        method="GET", path="/v1/kyc/documents/{documentId}", answer=KycDocument,
        problems=(_MALFORMED, ProblemType.CAPABILITY_REQUIRED), endpoint=document,
    ),
    Guarded(
        method="GET", path="/v1/webhooks", answer=Page[Webhook], query=_PAGED,
        problems=(_INVALID,), endpoint=webhooks.list_webhooks,
    ),
    Guarded(
        method="POST", path="/v1/webhooks", status=201, answer=NewWebhook, body=WebhookDraft,
        problems=(_INVALID,), category=Category.WEBHOOK, endpoint=webhooks.create_webhook,
    ),
    Guarded(
        method="GET", path="/v1/webhooks/{webhookId}", answer=Webhook, problems=(_MISSING,),
        endpoint=webhooks.get_webhook,
    ),
    Guarded(
        method="PATCH", path="/v1/webhooks/{webhookId}", answer=Webhook, body=WebhookPatch, if_match=True,
        problems=(_MISSING, _STALE, _INVALID), category=Category.WEBHOOK, endpoint=webhooks.update_webhook,
    ),
    Guarded(
        method="DELETE", path="/v1/webhooks/{webhookId}", status=204, answer=None, if_match=False,
        problems=(_MISSING, _STALE), category=Category.WEBHOOK, endpoint=webhooks.delete_webhook,
    ),
    Guarded(
        method="POST", path="/v1/webhooks/{webhookId}/test", status=202, answer=TestDelivery,
        problems=(_MISSING,), category=Category.WEBHOOK, endpoint=webhooks.test_webhook,
    ),
)  # fmt: skip
