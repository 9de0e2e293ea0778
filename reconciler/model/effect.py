"""One field in three places: what reviewers see beside a change."""

from dataclasses import dataclass

from reconciler.model.address import Address
from reconciler.model.value import Value


@dataclass(frozen=True, slots=True)
class Effect:
    """What one field of an organization is worth in the manifest, in Keycloak, and to one client in ``/v1/me``."""

    client: Address
    path: str
    desired: Value
    stored: Value
    effective: Value
