"""The classes of fields that metrics count drift by: few, and stable, so that alert rules can name them."""

from collections.abc import Iterable
from enum import StrEnum


class FieldClass(StrEnum):
    """Name what a field is about; closed."""

    IDENTITY = "identity"
    PARTNERS = "partners"
    CAPABILITIES = "capabilities"
    DPA = "dpa"
    ENABLED = "enabled"
    MEMBERSHIP = "membership"
    ROLES = "roles"
    TOKENS = "tokens"
    SERVICE_ACCOUNT = "service-account"
    SETTINGS = "settings"
    MARKS = "marks"
    REALM = "realm"
    WEBHOOK = "webhook"
    MISSING = "missing"


def first_class(prefixes: Iterable[tuple[str, FieldClass]], path: str) -> FieldClass:
    """Return the class of the first prefix that the path has; without any, it is about the identity."""
    return next((found for prefix, found in prefixes if path.startswith(prefix)), FieldClass.IDENTITY)
