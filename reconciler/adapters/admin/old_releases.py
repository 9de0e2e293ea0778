"""Tell what an old release cannot do by the features that it knows, switched on or not.

Each limit was measured on the newest patch of every minor release of 26, and so was which of them knows what. The
version is withheld from most logins (docs/decisions.md, 159); features are shown to all that may read a realm.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.server import NO_LIMITS, ServerLimits

_SINCE_26_4: Final = frozenset(
    {"CLIENT_AUTH_FEDERATED", "DB_TIDB", "KUBERNETES_SERVICE_ACCOUNTS", "LOG_MDC", "SPIFFE", "WORKFLOWS"}
)
"""Several, so that a release to come which no longer knows one of them is not taken for an old one."""
_SINCE_26_3: Final = frozenset({"INSTAGRAM_BROKER", "LOGOUT_ALL_SESSIONS_V1", "ROLLING_UPDATES_V2"})


def limits_of(server: Mapping[str, Any]) -> ServerLimits:
    """Return the limits of the server that answered ``/admin/serverinfo`` so; none where it shows no features."""
    known = {str(each["name"]) for each in server.get("features") or ()}
    if not known or known & _SINCE_26_4:
        return NO_LIMITS
    return ServerLimits(needs_domain=True, hides_organization=not known & _SINCE_26_3)
