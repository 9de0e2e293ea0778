"""How an integration organization lives in Keycloak: every name that we choose there, in one place.

An IntegrationOrganization is a Keycloak Organization whose attributes carry the platform's facts; each of its
clients is a confidential client whose service account is a member of exactly that Organization. The platform API
reads the same names.
"""

from typing import Final

ORGANIZATION_SCOPE: Final = "nt24-organization"
"""The client scope whose mapper puts the ``organization`` claim (alias and id) into tokens."""

ORGANIZATION_CLAIM: Final = "organization"

DEFAULT_CLIENT_SCOPES: Final = ("basic", ORGANIZATION_SCOPE, "service_account")
"""What every integration client gets: ``sub``, ``organization``, ``client_id``; sorted."""

ROLES_SCOPE: Final = "roles"
"""Keycloak's client scope that puts roles into tokens: for clients whose manifest declares some."""

CLIENT_PREFIX: Final = "api-client-"
SERVICE_ACCOUNT_PREFIX: Final = "service-account-"
"""Keycloak's own prefix for the user name of a service account."""

LOCK_PREFIX: Final = "reconciler-lock-"
"""Of the clientIds of locks; a lock is no integration's client, and nothing is planned for it."""

DEFAULT_REALM: Final = "nt24-idp"
DEFAULT_OWNER: Final = "reconciler"

# Organization attributes.
UUID: Final = "organizationUuid"
PARTNERS: Final = "authorizedPartners"
RATE_LIMIT_TIER: Final = "rateLimitTier"
DPA_VERSION: Final = "dpaVersion"
DPA_ACCEPTED_AT: Final = "dpaAcceptedAt"

# Our marks, on organizations and clients alike.
MARKS: Final = "reconciler/"
OWNER_MARK: Final = "reconciler/owner"
APPLIED_MARK: Final = "reconciler/applied"
MANAGED_MARK: Final = "reconciler/managed"
"""On a client: ``true`` on each that any reconciler manages, so that a client policy can name them all."""
SOFT_DELETED_MARK: Final = "reconciler/soft-deleted"
"""When a manifest that is gone suspended the organization, or disabled the client, instead of deleting it."""
WEBHOOKS_MARK: Final = "reconciler/webhooks"
"""On an organization: which endpoints on the platform are ours, which has no place for a mark of its own. Values are
``NAME.id=ID`` and ``NAME.FIELD=fingerprint``, as last applied."""
IDENTITY_PROVIDERS_MARK: Final = "reconciler/identity-providers"
"""On an organization: which links to identity providers a manifest declared. Values are ``ALIAS.FIELD=fingerprint``, as
last applied."""
ITEM_MARKS: Final = frozenset({WEBHOOKS_MARK, IDENTITY_PROVIDERS_MARK})
"""On an organization: the marks of items that have no place for them."""
ROTATION_MARK: Final = "reconciler/rotation"
"""How far the rotation of a client's secret is; only while one is under way, and only on clients."""

# Client attributes.
TOKEN_LIFESPAN: Final = "access.token.lifespan"  # noqa: S105  (a name of an attribute)

MAX_VALUE_LENGTH: Final = 255
"""Keycloak's limit for an organization attribute's value, a clientId, a client's name and description."""


def service_account_of(client_id: str) -> str:
    """Return the user name of the client's service account."""
    return SERVICE_ACCOUNT_PREFIX + client_id
