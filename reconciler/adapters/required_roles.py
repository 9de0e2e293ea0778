"""Which roles of ``realm-management`` an Admin API request needs, so that a 403 can name the missing one.

Source: Keycloak's server administration guide, "Fine-grained admin permissions and realm roles"; measured on 26.7.5.
"""

import re
from typing import Final

READ: Final = (
    "view-clients",
    "view-users",
    "view-organizations",
    "view-realm",
    "view-events",
    "view-identity-providers",
)
"""What a login needs that plans."""
WRITE: Final = ("manage-clients", "manage-organizations", "manage-users")
"""What a login needs beside to apply; the scaffolding of a realm needs ``manage-realm`` too."""

_TABLE: Final = tuple(
    (re.compile(rf"/admin/realms/[^/]+{path}"), read, write)
    for path, read, write in (
        (r"/organizations/members/", "view-organizations and view-users", "manage-organizations and manage-users"),
        (
            r"/organizations/[^/]+/members",
            "view-organizations and view-users",
            "manage-organizations and manage-users",
        ),
        # No role that only reads shows them (measured on 26.7.5).
        (r"/organizations/[^/]+/invitations", "manage-organizations", "manage-organizations"),
        # Without it, an organization's manager cannot link one (measured on 26.7.5).
        (
            r"/organizations/[^/]+/identity-providers",
            "view-organizations",
            "manage-organizations and manage-identity-providers",
        ),
        (r"/organizations", "view-organizations", "manage-organizations"),
        (r"/clients/[^/]+/service-account-user", "view-clients and view-users", "manage-clients"),
        (r"/clients", "view-clients", "manage-clients"),
        (r"/client-scopes", "view-clients", "manage-clients"),
        (r"/(client-policies|authentication)", "view-realm", "manage-realm"),
        (r"/identity-provider", "view-identity-providers", "manage-identity-providers"),
        (r"/(users|groups)", "view-users", "manage-users"),
        (r"/roles", "view-realm", "manage-realm"),
        (r"/admin-events", "view-events", "manage-events"),
        (r"$", "view-realm", "manage-realm"),
    )
)


def explain_forbidden(method: str, path: str) -> str:
    """Return the remedy for a 403: the role that is missing."""
    if method == "POST" and path.endswith("/admin/realms"):
        return "Creating a realm needs the role 'create-realm' of the realm master; or create it yourself first."
    for pattern, read, write in _TABLE:
        if pattern.search(path):
            role = read if method == "GET" else write
            return f"Give the reconciler's login the role {role} of the client realm-management."
    return "Give the reconciler's login the roles that the README lists."
