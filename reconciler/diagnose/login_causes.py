"""Why Keycloak accepts no login of the reconciler's own: what each of its answers means, and what to do.

Measured on 26.7.5. What is in no row has several causes, among which the answer does not tell.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class _Row:
    """What an answer means whose text has these words."""

    words: str
    remedy: str


_TABLE: Final = (
    _Row(
        "realm does not exist",
        "Check KEYCLOAK_REALM: Keycloak has no realm of this name to log in to. Upper and lower case matter.",
    ),
    _Row("realm not enabled", "The realm of KEYCLOAK_REALM is disabled. Enable it, or log in to another one (master)."),
    _Row(
        "account is not fully set up",
        "The account has a required action (a new password, a one-time code to set up, …). Log in to Keycloak with a "
        "browser once, or take the action off the user; for programs, use a client with a secret.",
    ),
    _Row("account disabled", "The user of KEYCLOAK_USER is disabled, or locked after failed logins."),
    _Row(
        "account temporarily disabled",
        "The user of KEYCLOAK_USER is locked after failed logins. Wait, or unlock it in Keycloak.",
    ),
    _Row(
        "invalid user credentials",
        "Check KEYCLOAK_USER and KEYCLOAK_PASSWORD, and that the user is in the realm of KEYCLOAK_REALM. If the user "
        "logs in with a one-time code (OTP), the password alone is refused with the same words: use a client with a "
        "secret, or a user without one.",
    ),
    _Row(
        "dpop proof is missing",
        "The client gives only tokens that are bound to a key (DPoP), which the reconciler does not use. Switch off "
        "'Require DPoP bound tokens' for the client, or log in with another one.",
    ),
    _Row(
        "mtls",
        "The client gives only tokens that are bound to a client certificate (mTLS). Name the certificate by "
        "RECONCILER_CLIENT_CERT and RECONCILER_CLIENT_KEY, or log in with another client.",
    ),
    _Row(
        "not enabled to retrieve service account",
        "The client has no service account: switch on Service account roles for the client of KEYCLOAK_CLIENT_ID.",
    ),
    _Row(
        "public client not allowed",
        "The client of KEYCLOAK_CLIENT_ID is public: its secret means nothing. Switch on Client authentication and "
        "Service account roles, or name another client.",
    ),
    _Row(
        "direct access grants",
        "The client of KEYCLOAK_CLIENT_ID logs no users in by a password: switch on Direct access grants, or leave "
        "KEYCLOAK_CLIENT_ID out, which means admin-cli.",
    ),
    _Row(
        "client_assertion",
        "The client proves itself by a signed JWT, and not by a secret: set KEYCLOAK_JWT_SIGNING_KEY, or set its "
        "authenticator to Client Id and Secret.",
    ),
    _Row("bearer-only", "The client of KEYCLOAK_CLIENT_ID is bearer-only and gets no token: name another one."),
)
_BY_SECRET: Final = (
    _Row(
        "invalid_client:",
        "Check KEYCLOAK_CLIENT_ID: the realm of KEYCLOAK_REALM has no such client, it is disabled, or it proves itself "
        "by a certificate. Keycloak looks at the secret later.",
    ),
    _Row(
        "unauthorized_client:",
        "Check KEYCLOAK_CLIENT_SECRET: the client is there and enabled, but this is not its secret.",
    ),
)
"""What is said of the client itself, where it comes with a secret or none."""


def login_remedy(message: str, *, by_secret: bool) -> str:
    """Return what to do about a refused login, by the words of Keycloak's answer; empty where they do not tell."""
    said = message.lower()
    rows = (*_TABLE, *(_BY_SECRET if by_secret else ()))
    return next((row.remedy for row in rows if row.words in said), "")
