"""The classes of fields that metrics count drift by: few, and stable, so that alert rules can name them."""

from enum import StrEnum

from reconciler.model.address import Kind


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


_PREFIXES = (
    ("authorizedPartners", FieldClass.PARTNERS),
    ("capabilities", FieldClass.CAPABILITIES),
    ("dpa", FieldClass.DPA),
    ("suspended", FieldClass.ENABLED),
    ("enabled", FieldClass.ENABLED),
    ("reconciler/", FieldClass.MARKS),
    ("serviceAccount.organizations", FieldClass.MEMBERSHIP),
    ("serviceAccount.groups", FieldClass.MEMBERSHIP),
    ("serviceAccount.defaultRole", FieldClass.ROLES),
    ("serviceAccountRoles", FieldClass.ROLES),
    ("serviceAccount", FieldClass.SERVICE_ACCOUNT),
    ("keycloak.members", FieldClass.MEMBERSHIP),
    ("keycloak.people", FieldClass.MEMBERSHIP),
    ("keycloak.serviceAccounts", FieldClass.MEMBERSHIP),
    ("keycloak.invitations", FieldClass.MEMBERSHIP),
    ("keycloak.accountsInGroups", FieldClass.MEMBERSHIP),
    ("keycloak.groups", FieldClass.MEMBERSHIP),
    ("keycloak.identityProviders", FieldClass.MEMBERSHIP),
    ("keycloak.roles", FieldClass.ROLES),
    ("keycloak.scopeMappings", FieldClass.ROLES),
    ("keycloak.protocolMappers", FieldClass.TOKENS),
    ("keycloak.defaultClientScopes", FieldClass.TOKENS),
    ("keycloak.optionalClientScopes", FieldClass.TOKENS),
    ("accessTokenLifespan", FieldClass.TOKENS),
    ("keycloak", FieldClass.SETTINGS),
)


def field_class(kind: Kind, path: str) -> FieldClass:
    """Return what the field of a resource of that kind is about."""
    if kind is Kind.REALM:
        return FieldClass.REALM
    if kind is Kind.WEBHOOK:
        return FieldClass.WEBHOOK
    return next((found for prefix, found in _PREFIXES if path.startswith(prefix)), FieldClass.IDENTITY)
