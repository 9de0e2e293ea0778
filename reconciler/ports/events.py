"""The part of the Admin API that says who changed what."""

from typing import Protocol

from reconciler.model.event import AdminEvent
from reconciler.model.value import Representation


class EventsApi(Protocol):
    """The recorded admin events, and the names of who caused them."""

    async def admin_events(
        self, resource_types: tuple[str, ...], operations: tuple[str, ...] = ()
    ) -> tuple[Representation, ...]:
        """Return the recorded admin events of these types, newest first, read in pages.

        What was sent is kept whole of changes of the realm alone; of others, only what a proof rests on.
        """
        ...

    async def events(
        self, since: int = 0, *, limit: int, path: str = "", resources: tuple[str, ...] = ()
    ) -> tuple[AdminEvent, ...]:
        """Return the newest admin events, at most ``limit``, newest first, without secrets.

        ``since`` is in milliseconds of Keycloak's clock. ``path`` is what the paths must be, ``*`` standing for
        anything; ``resources`` are the resource types, none for all.
        """
        ...

    async def name_of_user(self, user_id: str, realm_id: str) -> str | None:
        """Return a user's name, or None where it is gone or must not be read; ``realm_id`` is where it logs in."""
        ...

    async def name_of_client(self, uuid: str, realm_id: str) -> str | None:
        """Return a clientId, or None where it is gone or must not be read; ``realm_id`` is where it lives."""
        ...
