"""What the platform's error answers mean: every type of its catalogue, with what a program does about it.

Source: developers.novatrade24.com, "Errors". Clients key on the last part of ``type``, and keep ``traceId``.
"""

from collections.abc import Mapping
from typing import Final

from reconciler.diagnose.results import certain
from reconciler.model.diagnosis import Cause

TOKEN_EXPIRED: Final = Cause(
    "token-expired",
    "The token has expired.",
    "Ask for a new one a minute before the old one ends (expires_in), and once more after a 401; "
    "reconciler.integrator does both.",
    "It is likely where calls work for some minutes, and then fail.",
)
TOKEN_MISSING: Final = Cause(
    "token-missing",
    "No token was sent, or not as Authorization: Bearer TOKEN.",
    "Send the header with each call; some HTTP clients drop it on a redirect.",
    "Look at the request that the program sends.",
)
OTHER_ISSUER: Final = Cause(
    "token-of-another-issuer",
    "The token is of another realm or issuer than the API trusts.",
    "Use the Keycloak and the realm that belong to this API: KEYCLOAK_URL, NT24_REALM and NT24_API_URL must be of one "
    "environment.",
    "It is likely where it has never worked: compare the token's iss with what NT24 named.",
)
NOT_INTEGRATION: Final = Cause(
    "not-an-integration-client",
    "The token was issued to a client that is no integration's.",
    "Use the client that NT24 gave you (api-client-…).",
    "The token's azp says which client it is.",
)
NO_PARTNER: Final = Cause(
    "partner-not-authorized",
    "The organization is not authorized for this partner.",
    "Use a partner that GET /v1/me lists, or ask NT24 to authorize this one (spec.authorizedPartners).",
    "The path has a partner's UUID (/partners/{sellerId}/…): reconciler doctor --partner UUID says if it is listed.",
)
NOT_LINKED: Final = Cause(
    "client-not-linked",
    "The client is not linked to exactly one active organization.",
    "Run reconciler doctor with the program's credentials: the check claims says which of the reasons it is.",
    "GET /v1/me is refused alike.",
)
CAPABILITY_MISSING: Final = certain(
    "capability-missing",
    "The organization lacks the capability that this call needs.",
    "Ask NT24 for it (spec.capabilities); reconciler doctor --capability NAME says what is in force.",
)
DPA_MISSING: Final = Cause(
    "dpa-missing",
    "Nobody has accepted the Data Processing Agreement (DPA) for the organization.",
    "A person with the authority to do so accepts it with NT24. It is a legal act: no program can.",
    "It is likely for a new organization.",
)
DPA_OUTDATED: Final = Cause(
    "dpa-outdated",
    "An older version of the Data Processing Agreement (DPA) was accepted, and its time of grace is over.",
    "A person with the authority to do so accepts the current version with NT24. Every call is refused until then.",
    "It is likely where calls worked until lately; NT24 announces new versions by e-mail.",
)
RATE_LIMITED: Final = certain(
    "rate-limited",
    "The organization has used up its requests of this category; all of its clients share them.",
    "Wait as long as Retry-After says, and spread the calls: 300 reads, 60 writes and 10 webhook calls a minute in the "
    "tier STANDARD, and twice that rate for ten seconds. For more, ask NT24 for another tier.",
)
NOT_FOUND: Final = Cause(
    "no-such-object",
    "There is nothing at this path, or nothing that the organization may see.",
    "Check the path and the ids in it.",
    "Where every path answers so, NT24_API_URL has a wrong base path.",
)

_PLAIN: Final = (
    certain(
        "malformed-request",
        "The request cannot be read: its JSON, a UUID in the path, a header or the method.",
        "Correct the request; repeating it does not help. The detail says which part it is.",
    ),
    certain(
        "version-mismatch",
        "Somebody else changed the object since the program read it.",
        "Read it again, make the change on top of what is there now, and send it with the new If-Match.",
    ),
    certain(
        "resource-exists-different-body",
        "An object of this external id exists already, with other content.",
        "Read it, and change it; or use another id for what is another object.",
    ),
    certain(
        "milestone-already-set",
        "The milestone was set before, and can be set only once.",
        "Read the object: where the milestone has the value that was meant, the call was done already.",
    ),
    certain(
        "validation-error",
        "The request can be read, but values in it are not acceptable.",
        "Correct the fields that errors[] names; repeating it does not help.",
    ),
    certain(
        "idempotency-key-reused",
        "The Idempotency-Key was used within 24 hours for another request.",
        "Make a new key for each new write, and keep it only for repeating that very write.",
    ),
    certain(
        "internal-error",
        "The platform has a problem of its own.",
        "Try again later: reads at once, writes with the same Idempotency-Key. If it stays so, give NT24's support "
        "the traceId.",
    ),
)
"""Those that mean one thing each, which is called as the type is."""

PROBLEMS: Final[Mapping[str, tuple[Cause, ...]]] = {
    "unauthorized": (TOKEN_EXPIRED, TOKEN_MISSING, OTHER_ISSUER, NOT_INTEGRATION),
    "forbidden": (NO_PARTNER, NOT_LINKED),
    "capability-required": (CAPABILITY_MISSING,),
    "dpa-not-accepted": (DPA_MISSING, DPA_OUTDATED),
    "not-found": (NOT_FOUND,),
    "rate-limited": (RATE_LIMITED,),
    **{cause.code: (cause,) for cause in _PLAIN},
}
"""By the last part of ``type``; where there are several causes, the most likely comes first."""
