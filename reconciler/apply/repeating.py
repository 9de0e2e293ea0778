"""Whether a write that failed is worth repeating."""

from http import HTTPStatus
from typing import Final

from reconciler.model.change import Change, Repeat, Verb
from reconciler.model.errors import Conflict, OutcomeUnknown, RequestFailed, Unreachable

ATTEMPTS: Final = 4
PAUSE: Final = 0.5
"""Seconds before a second attempt; doubled with each further one."""


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
        return verb.repeat.is_post
    if isinstance(error, Conflict):
        return verb.repeat is not Repeat.CREATION
    if error.status == HTTPStatus.FORBIDDEN and verb.is_on_platform:
        return bool(change.depends_on)
    return isinstance(error, OutcomeUnknown) or (error.status is not None and error.status >= 500)
