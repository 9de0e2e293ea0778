"""Which writes may be repeated, and what has to be looked at before."""

from http import HTTPStatus
from typing import Final

from reconciler.model.change import Change, Verb
from reconciler.model.errors import Conflict, OutcomeUnknown, RequestFailed, Unreachable

ATTEMPTS: Final = 4
PAUSE: Final = 0.5
"""Seconds before a second attempt; doubled with each further one."""

CREATIONS: Final = frozenset({Verb.CREATE_REALM, Verb.CREATE_ORGANIZATION, Verb.CREATE_CLIENT})
"""Writes that are looked for before they are repeated."""
UPDATES: Final = frozenset({Verb.UPDATE_REALM, Verb.UPDATE_ORGANIZATION, Verb.UPDATE_CLIENT, Verb.UPDATE_WEBHOOK})
"""Writes of a merged whole: they are read and merged again before they are repeated. All others read for themselves,
or mean the same when they are repeated."""
POSTS: Final = CREATIONS | {
    Verb.PUT_ORGANIZATION_SCOPE,
    Verb.PUT_SCOPE_MAPPERS,
    Verb.ADD_DEFAULT_ROLE,
    Verb.ADD_SCOPE_MAPPING,
    Verb.GRANT_ROLE,
    Verb.JOIN_ORGANIZATION,
}
"""Writes that send a POST, which nobody below us repeats where no answer came."""
REMOVALS: Final = frozenset(
    {
        Verb.REMOVE_SCOPE_MAPPER,
        Verb.REMOVE_MAPPING_OF_SCOPE,
        Verb.REMOVE_DEFAULT_ROLE,
        Verb.DELETE_ORGANIZATION,
        Verb.REMOVE_MEMBER,
        Verb.UNLINK_IDENTITY_PROVIDER,
        Verb.DELETE_INVITATION,
        Verb.LEAVE_ORGANIZATION_GROUP,
        Verb.DELETE_ORGANIZATION_GROUP,
        Verb.DELETE_CLIENT,
        Verb.REMOVE_CLIENT_SCOPE,
        Verb.DELETE_CLIENT_ROLE,
        Verb.REMOVE_SCOPE_MAPPING,
        Verb.REVOKE_ROLE,
        Verb.UNREGISTER_NODE,
        Verb.LEAVE_GROUP,
        Verb.UNLINK_SERVICE_ACCOUNT,
        Verb.LEAVE_ORGANIZATION,
        Verb.DELETE_WEBHOOK,
        Verb.UNMARK_WEBHOOK,
    }
)
"""Writes that are done where there is nothing to remove: a removal may be repeated below us when its answer is lost."""
ON_THE_PLATFORM: Final = frozenset({Verb.CREATE_WEBHOOK, Verb.UPDATE_WEBHOOK, Verb.DELETE_WEBHOOK})
"""Writes to the platform, which follows Keycloak some seconds late."""


def hidden(change: Change, error: Conflict) -> Conflict:
    """Return the error for what cannot be created, because something is there that the login is not shown."""
    return Conflict(
        f"{change.address} exists, and this login does not see it: {error.message}",
        status=error.status,
        remedy="Give the reconciler's login the roles view-clients, view-organizations and view-users of the client "
        "realm-management; fine-grained permissions for single objects do not do. Then plan again.",
    )


def is_worth_repeating(change: Change, verb: Verb, error: RequestFailed | Unreachable) -> bool:
    """Tell whether a write that ended like this may succeed when it is repeated.

    Keycloak may answer 409 or 500 to concurrent writers of one object (keycloak/keycloak#11588). The platform may
    refuse what this very apply has just allowed.
    """
    if isinstance(error, Unreachable):
        return verb in POSTS
    if isinstance(error, Conflict):
        return verb not in CREATIONS
    if error.status == HTTPStatus.FORBIDDEN and verb in ON_THE_PLATFORM:
        return bool(change.depends_on)
    return isinstance(error, OutcomeUnknown) or (error.status is not None and error.status >= 500)
