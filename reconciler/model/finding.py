"""Findings: what no write of ours can put right, with the remedy for a person."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.address import Address


class Severity(StrEnum):
    """Say how much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FieldStatus(StrEnum):
    """Compare one field in three places: desired, stored in Keycloak, effective in ``/v1/me``."""

    IN_SYNC = "in-sync"
    DRIFTED = "drifted"
    LAGGING = "lagging"
    OVERRIDDEN = "overridden"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know about a resource."""

    address: Address
    code: str
    severity: Severity
    status: FieldStatus
    detail: str
    remedy: str

    @property
    def sort_key(self) -> tuple[int, tuple[int, tuple[str, ...]], str, str]:
        """Return the key that sorts errors first, then by address."""
        return list(Severity).index(self.severity), self.address.sort_key, self.code, self.detail
