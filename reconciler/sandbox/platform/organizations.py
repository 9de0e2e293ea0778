"""Organizations as the platform sees them: read from Keycloak by the names of the layout."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from reconciler.model import layout
from reconciler.model.manifest import CAPABILITIES
from reconciler.sandbox.platform.admin import AdminSession

_MOST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Organization:
    """What one integration organization is and may do."""

    id: str
    """Its id in Keycloak."""
    name: str
    enabled: bool
    uuid: str
    """The platform's own UUID of it; empty when it has none."""
    partners: tuple[str, ...]
    """UUIDs of the partners that it may act for, sorted."""
    rate_limit_tier: str
    flags: frozenset[str]
    """The capability flags that are set."""
    dpa_version: str | None
    dpa_accepted_at: str | None


class OrganizationLookup(Protocol):
    """Know organizations by their id in Keycloak."""

    async def find(self, organization_id: str) -> Organization | None:
        """Return the organization; None when there is none."""


class _Representation(BaseModel):
    """Keycloak's OrganizationRepresentation, as far as the platform reads it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    enabled: bool = True
    attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class KeycloakOrganizations:
    """Look organizations up in Keycloak, and keep what was found for a few seconds."""

    def __init__(
        self, admin: AdminSession, realm: str, *, cache_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._admin = admin
        self._path = f"/{quote(realm, safe='')}/organizations/"
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._kept: dict[str, tuple[float, Organization | None]] = {}

    async def find(self, organization_id: str) -> Organization | None:
        """Return the organization as it was at most ``cache_seconds`` ago; None when there is none.

        Raises:
            KeycloakUnavailable: Keycloak does not answer.
        """
        asked_at = self._clock()
        kept = self._kept.get(organization_id)
        if kept is not None and asked_at < kept[0]:
            return kept[1]
        response = await self._admin.get(self._path + quote(organization_id, safe=""))
        found = read_organization(response.content) if response.status_code == 200 else None
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[organization_id] = (asked_at + self._cache_seconds, found)
        return found


def read_organization(body: bytes) -> Organization:
    """Return the organization that Keycloak's JSON describes."""
    representation = _Representation.model_validate_json(body)
    attributes = representation.attributes

    def first(name: str) -> str | None:
        return next(iter(attributes.get(name, ())), None) or None

    return Organization(
        id=representation.id,
        name=representation.name,
        enabled=representation.enabled,
        uuid=first(layout.UUID) or "",
        partners=tuple(sorted(set(filter(None, map(_uuid, attributes.get(layout.PARTNERS, ())))))),
        rate_limit_tier=first(layout.RATE_LIMIT_TIER) or "STANDARD",
        flags=frozenset(flag for flag in CAPABILITIES if first(flag) == "true"),
        dpa_version=first(layout.DPA_VERSION),
        dpa_accepted_at=first(layout.DPA_ACCEPTED_AT),
    )


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
