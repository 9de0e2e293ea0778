"""The part of the Admin API that says who changed what."""

from typing import Protocol

from reconciler.model.attribution import AdminEvent


class EventsApi(Protocol):
    """The recorded admin events, and the names of who caused them."""

    async def event_types(self) -> frozenset[str] | None:
        """Return the resource types of admin events that the server knows; None where it does not tell this login."""

    async def events(
        self,
        since: int = 0,
        *,
        limit: int,
        path: str = "",
        resources: tuple[str, ...] = (),
        operations: tuple[str, ...] = (),
        keys: tuple[str, ...] | None = None,
    ) -> tuple[AdminEvent, ...]:
        """Return the newest admin events, at most ``limit`` (0 for all), newest first, without secrets.

        ``since`` is in milliseconds of Keycloak's clock. ``path`` is what the paths must be, ``*`` standing for
        anything; ``resources`` are the resource types, ``operations`` the operations, none for all. Keycloak fails
        where it does not know a type. Of an object that was sent, only the ``keys`` are kept, None for all of them.
        """

    async def name_of_user(self, user_id: str, realm_id: str) -> str | None:
        """Return a user's name, or None where it is gone or must not be read; ``realm_id`` is where it logs in."""

    async def name_of_client(self, uuid: str, realm_id: str) -> str | None:
        """Return a clientId, or None where it is gone or must not be read; ``realm_id`` is where it lives."""
