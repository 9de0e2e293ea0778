"""Why Keycloak gives no token: what its answers can mean, and what its own record of the client says.

Keycloak gives several causes the same code. The table says what each answer of Keycloak 26.7.5 means (measured);
where our login may read the client, the record names the very cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reconciler.diagnose.results import certain, sure
from reconciler.diagnose.stored import SecretMatch, Stored
from reconciler.model.diagnosis import Cause
from reconciler.model.probe import ProbeAnswer

_ASK: Final = "Ask NT24's support, or whoever runs Keycloak"

UNKNOWN_CLIENT: Final = Cause(
    "unknown-client",
    "The realm has no client of this id.",
    "Compare NT24_CLIENT_ID with what NT24 gave you (api-client-…), and NT24_REALM and KEYCLOAK_URL with the "
    "environment that it is for: staging and production have different clients.",
    "It is the usual reason where it has never worked, or after a change of environment.",
)
CLIENT_DISABLED: Final = Cause(
    "client-disabled",
    "The client is disabled.",
    f"{_ASK}, to enable it; a client is disabled on purpose.",
    "It is likely where the same id and secret worked before.",
)
WRONG_SECRET: Final = Cause(
    "wrong-secret",
    "The secret is not this client's.",
    "Take the secret again from where NT24's was stored: whole, of this client, and of this environment. Whoever "
    "administers Keycloak can have it delivered again: reconciler rotate deliver.",
    "It is the usual reason where it has never worked: compare the length, and the first and last characters.",
)
OLD_SECRET_ENDED: Final = Cause(
    "old-secret-ended",
    "The secret is an old one: it was replaced, and the time in which both were valid is over.",
    "Give the program the new secret; reconciler rotate deliver brings it.",
    "It is likely where it worked until lately, and somebody rotated the secret 24 to 72 hours ago.",
)
SECRET_EXPIRED: Final = Cause(
    "secret-expired",
    "The secret has expired, and no new one was made.",
    "Have it rotated: reconciler rotate start makes a new one and delivers it.",
    "It is likely where it worked until lately, and nobody rotated anything.",
)
SERVICE_ACCOUNTS_OFF: Final = Cause(
    "service-accounts-off",
    '"Service account roles" is switched off for the client, so that it gets no token of its own.',
    f"{_ASK}, to switch it on, and to restore its organization: switching it off has removed that (reconciler apply "
    "does both).",
    "The secret was accepted; whoever administers Keycloak sees it in the client's settings.",
)
ACCOUNT_DISABLED: Final = Cause(
    "service-account-disabled",
    "The user behind the client's service account is disabled.",
    f"{_ASK}, to enable that user (reconciler apply does it).",
    "The secret was accepted; whoever administers Keycloak sees it in the list of users.",
)
PUBLIC_CLIENT: Final = Cause(
    "client-public",
    "The client is public: client authentication is switched off, and its secret means nothing.",
    f"{_ASK}, to switch client authentication on (reconciler apply does it).",
    "Whoever administers Keycloak sees it in the client's settings.",
)
BEARER_ONLY: Final = Cause(
    "client-bearer-only",
    "The client is bearer-only: it may check tokens, but gets none.",
    f"{_ASK}, to switch that off (reconciler apply does it).",
    "Whoever administers Keycloak sees it in the client's record (bearerOnly).",
)
OTHER_AUTHENTICATOR: Final = Cause(
    "other-authenticator",
    "The client does not prove itself by a secret, but by a signed JWT or a certificate.",
    f"{_ASK}, to set the client authenticator to Client Id and Secret (reconciler apply does it).",
    "Whoever administers Keycloak sees it on the client's page Credentials.",
)
REALM_DISABLED: Final = Cause(
    "realm-disabled",
    "The whole realm is disabled.",
    "Nothing helps on your side; ask NT24 when it is back.",
    "All clients of the realm are refused.",
)
REALM_MISSING: Final = Cause(
    "wrong-realm",
    "Keycloak has no such realm.",
    "Set NT24_REALM to the realm that NT24 named (nt24-idp unless they said otherwise), and KEYCLOAK_URL to the "
    "server that it is on. Upper and lower case matter.",
)
WRONG_GRANT_TYPE: Final = Cause(
    "wrong-grant-type",
    "The program asks with another grant_type than client_credentials, or in other letters.",
    "Send grant_type=client_credentials: lower case, with the underscore, in the form-encoded body.",
    "Look at the request that the program sends.",
)
GRANT_TYPE_MISSING: Final = Cause(
    "grant-type-missing",
    "The request has no grant_type that Keycloak could read.",
    "Send grant_type=client_credentials in the body, as application/x-www-form-urlencoded; not as JSON, not in the "
    "query.",
    "Look at the request that the program sends.",
)
PASSWORD_SENT: Final = Cause(
    "username-or-password-sent",
    "The program logs in as a user: it sends username and password, or grant_type=password.",
    "Send client_id, client_secret and grant_type=client_credentials only. NT24 has no user login.",
    "Look at the request that the program sends.",
)
SCOPE_REFUSED: Final = Cause(
    "scope-refused",
    "The program asks for a scope that the client does not have.",
    "Leave scope out: everything that the API needs is in the token by default.",
    "Look at the request that the program sends.",
)
BLANKS: Final = certain(
    "blanks-around-secret",
    "NT24_CLIENT_ID or NT24_CLIENT_SECRET has spaces, a line break or quotes around it; without them, it is accepted.",
    "Set it without them: a file that ends with a line break and quotes in an env file are the usual reasons.",
)


@dataclass(frozen=True, slots=True)
class _Row:
    """What an answer with this code means, if these words are in it; ``shown`` where they leave no doubt."""

    code: str
    words: str
    causes: tuple[Cause, ...]
    shown: bool = False


_TABLE: Final = (
    _Row("invalid_client", "bearer-only", (BEARER_ONLY,), shown=True),
    _Row("invalid_client", "client_assertion", (OTHER_AUTHENTICATOR,), shown=True),
    _Row("invalid_client", "", (UNKNOWN_CLIENT, CLIENT_DISABLED, WRONG_SECRET, SERVICE_ACCOUNTS_OFF)),
    _Row("unauthorized_client", "public client not allowed", (PUBLIC_CLIENT,), shown=True),
    _Row("unauthorized_client", "not enabled to retrieve service account", (SERVICE_ACCOUNTS_OFF,), shown=True),
    _Row("unauthorized_client", "direct access grants", (PASSWORD_SENT,), shown=True),
    _Row(
        "unauthorized_client",
        "invalid client credentials",
        (WRONG_SECRET, OLD_SECRET_ENDED, SECRET_EXPIRED, OTHER_AUTHENTICATOR),
    ),
    _Row("unauthorized_client", "", (WRONG_SECRET, OLD_SECRET_ENDED, SERVICE_ACCOUNTS_OFF, UNKNOWN_CLIENT)),
    _Row("unsupported_grant_type", "", (WRONG_GRANT_TYPE,), shown=True),
    _Row("invalid_grant", "", (WRONG_GRANT_TYPE, PASSWORD_SENT)),
    _Row("invalid_request", "grant_type", (GRANT_TYPE_MISSING,), shown=True),
    _Row("invalid_request", "disabled", (ACCOUNT_DISABLED,), shown=True),
    _Row("invalid_scope", "", (SCOPE_REFUSED,), shown=True),
    _Row("access_denied", "realm not enabled", (REALM_DISABLED,), shown=True),
    _Row("realm does not exist", "", (REALM_MISSING,), shown=True),
)
"""The first row that fits counts. Keycloak answers an id that it does not know and one that is disabled alike
(``invalid_client``), and before it looks at the secret; then the secret, then the service account, then its user."""


def possible_causes(answer: ProbeAnswer) -> tuple[Cause, ...]:
    """Return what the answer alone can mean, most likely first; nothing for one that is not in the table."""
    code, words = answer.code.lower(), answer.words.lower()
    row = next((row for row in _TABLE if row.code == code and row.words in words), None)
    if row is None:
        return ()
    return tuple(sure(cause) for cause in row.causes) if row.shown else row.causes


def stored_causes(stored: Stored, now: datetime) -> tuple[Cause, ...]:
    """Return every reason for a refusal that Keycloak's own record of the client shows."""
    if (client := stored.client) is None:
        return (sure(UNKNOWN_CLIENT),)
    times, secret = stored.times, stored.secret
    account = stored.account if isinstance(stored.account, Mapping) else {}
    realm = stored.realm if isinstance(stored.realm, Mapping) else {}
    reasons = (
        (REALM_DISABLED, realm.get("enabled") is False),
        (CLIENT_DISABLED, not client.get("enabled")),
        (BEARER_ONLY, bool(client.get("bearerOnly"))),
        (PUBLIC_CLIENT, bool(client.get("publicClient"))),
        (OTHER_AUTHENTICATOR, client.get("clientAuthenticatorType", "client-secret") != "client-secret"),
        (WRONG_SECRET, secret is SecretMatch.NEITHER),
        (OLD_SECRET_ENDED, secret is SecretMatch.OLD and not times.old_is_alive(now)),
        (SECRET_EXPIRED, secret in {SecretMatch.CURRENT, SecretMatch.OLD} and times.has_expired(now)),
        (SERVICE_ACCOUNTS_OFF, not client.get("serviceAccountsEnabled")),
        (ACCOUNT_DISABLED, account.get("enabled") is False),
    )
    return tuple(sure(cause) for cause, applies in reasons if applies)
