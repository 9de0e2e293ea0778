"""Keycloak's Admin API for one realm, as far as it is needed."""

from typing import Protocol

from reconciler.ports.clients import ClientsApi
from reconciler.ports.events import EventsApi
from reconciler.ports.organizations import OrganizationsApi
from reconciler.ports.realm import RealmApi
from reconciler.ports.roles import RolesApi


class AdminApi(RealmApi, OrganizationsApi, ClientsApi, RolesApi, EventsApi, Protocol):
    """All that is asked of Keycloak, but for secrets."""

    @property
    def sent(self) -> int:
        """Return how many requests were made so far, tokens apart."""
        ...
