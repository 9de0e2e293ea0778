"""What a Keycloak server cannot do that manifests need: found once in a run, and asked by whoever plans."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What the server cannot do."""

    needs_domain: bool = False
    """It takes no organization without a domain."""
    hides_organization: bool = False
    """Its tokens name the organization where Keycloak's own scope ``organization`` is asked for, and nowhere else."""


NO_LIMITS: Final = ServerLimits()
