"""Keycloak's Admin API for one realm, as far as it is needed."""

from typing import Protocol

from reconciler.model.login import Login
from reconciler.ports.clients import ClientsApi
from reconciler.ports.events import EventsApi
from reconciler.ports.organizations import OrganizationsApi
from reconciler.ports.realm import RealmApi
from reconciler.ports.roles import RolesApi


class AdminApi(RealmApi, OrganizationsApi, ClientsApi, RolesApi, EventsApi, Protocol):
    """All that is asked of Keycloak, but for secrets."""

    async def login(self) -> Login:
        """Return who the login is, as the token of an earlier request says; nothing is asked."""

    @property
    def sent(self) -> int:
        """Return how many requests were made so far, tokens apart."""
