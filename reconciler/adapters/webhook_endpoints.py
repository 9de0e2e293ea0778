"""``/v1/webhooks`` of the Novatrade24 Integration API."""

import secrets
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from reconciler.adapters.http import ApiClient
from reconciler.adapters.request_log import asked
from reconciler.adapters.tape import Tape, read
from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import RequestFailed
from reconciler.model.observed import Endpoint
from reconciler.model.value import Representation
from reconciler.ports import Secret

_PATH: Final = "/v1/webhooks"
_PAGE: Final = 100
_Model = TypeVar("_Model", bound=BaseModel)


class _Pagination(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    hasNext: bool = False  # noqa: N815  (the name on the wire)


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    data: tuple[Endpoint, ...]
    pagination: _Pagination = _Pagination()


class WebhookEndpoints:
    """Implement the webhooks of the port ``PlatformApi``; every write says its idempotency key."""

    http: ApiClient
    tape: Tape

    @abstractmethod
    async def ask(
        self,
        client_id: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Return the answer to a request with the client's own token."""

    @read
    async def webhooks(self, client_id: str) -> tuple[Endpoint, ...]:
        """Return the webhook endpoints of the client's organization, sorted by id, read in pages."""
        found: list[Endpoint] = []
        number, more = 0, True
        while more:
            page = _read(_Page, await self.ask(client_id, "GET", _PATH, query={"page": number, "size": _PAGE}))
            found += page.data
            number, more = number + 1, page.pagination.hasNext and bool(page.data)
        return tuple(sorted(found, key=lambda endpoint: endpoint.id))

    def webhook_secret(self) -> Secret:
        """Return a new secret of 64 characters."""
        return PlainSecret(secrets.token_urlsafe(48))

    async def create_webhook(
        self, client_id: str, body: Representation, key: str, secret: Secret | None = None
    ) -> Endpoint:
        """Create an endpoint; with an idempotency key that was used already, return what it made then."""
        whole = {**body, **({"secret": secret.reveal()} if secret else {})}
        return _read(Endpoint, await self.ask(client_id, "POST", _PATH, headers=_keyed(key), body=whole))

    async def update_webhook(self, client_id: str, live: Endpoint, patch: Representation, key: str) -> None:
        """Change the endpoint by a merge patch, if it still has the version of ``live``."""
        headers = _keyed(key) | {"If-Match": f'"{live.version}"'}
        await self.ask(client_id, "PATCH", f"{_PATH}/{quote(live.id, safe='')}", headers=headers, body=patch)

    async def delete_webhook(self, client_id: str, endpoint_id: str, key: str) -> None:
        """Delete the endpoint."""
        await self.ask(client_id, "DELETE", f"{_PATH}/{quote(endpoint_id, safe='')}", headers=_keyed(key))


def _keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def _read(model: type[_Model], response: httpx.Response) -> _Model:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        # Only where it is wrong, never what it holds: an answer to a creation holds a secret.
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False))
        raise RequestFailed(
            f"{asked(response.request)} answered something else than documented (see {fields})."
        ) from None
