"""The classes of fields that metrics count drift by: few, and stable, so that alert rules can name them."""

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
