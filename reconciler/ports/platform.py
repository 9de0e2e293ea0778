"""The Novatrade24 Integration API."""

from collections.abc import Iterable
from typing import Protocol

from reconciler.model.observed import Effective, Endpoint
from reconciler.model.value import Representation
from reconciler.ports.secrets import Secret


class PlatformApi(Protocol):
    """The Novatrade24 Integration API, asked with a client's own token."""

    async def me(self, client_id: str) -> Effective:
        """Return what ``GET /v1/me`` answers to the client.

        Raises:
            RequestFailed: No token could be had, or the platform refused; the message says which.
        """

    def forget_tokens(self, client_ids: Iterable[str]) -> None:
        """Ask with new tokens from now on: those from before name the organization that a client was in then."""

    async def is_mock(self) -> bool:
        """Tell whether the platform answers ``GET /v1/me`` to any token: canned answers prove nothing."""

    async def webhooks(self, client_id: str) -> tuple[Endpoint, ...]:
        """Return the webhook endpoints of the client's organization, sorted by id, read in pages."""

    def webhook_secret(self) -> Secret:
        """Return a new secret for a webhook, that signs what the platform delivers."""

    async def create_webhook(
        self, client_id: str, body: Representation, key: str, secret: Secret | None = None
    ) -> Endpoint:
        """Create an endpoint; with an idempotency ``key`` that was used already, return what it made then.

        Without a ``secret`` the platform makes one up, which nobody can ask for later.

        Raises:
            RequestFailed: It is refused; 422 ``idempotency-key-reused`` where the key belongs to another body.
        """

    async def update_webhook(self, client_id: str, live: Endpoint, patch: Representation, key: str) -> None:
        """Change the endpoint by a merge patch. Raises Conflict where it has another version than ``live``."""

    async def delete_webhook(self, client_id: str, endpoint_id: str, key: str) -> None:
        """Delete the endpoint. Raises NotFound where it is gone."""
