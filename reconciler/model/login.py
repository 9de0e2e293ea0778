"""Who the reconciler's login is to Keycloak, as far as its access token says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    """One login.

    ``user_id`` is the user's, or the service account's; empty where the token does not say. ``roles`` are those of
    ``realm-management`` that it holds; None where the token names none of them, as lightweight tokens never do.
    """

    user_id: str = ""
    roles: frozenset[str] | None = None
