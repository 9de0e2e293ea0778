"""Who manages a resource, as an inventory tells it."""

from enum import StrEnum


class Ownership(StrEnum):
    """Say who manages a resource; closed."""

    MANAGED = "managed"
    UNMANAGED = "unmanaged"
    OTHER_OWNER = "other-owner"
    MISSING = "missing"
    """Nobody does: a manifest declares it, and it does not live yet."""
