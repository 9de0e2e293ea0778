"""Why a token names no organization, and the platform therefore knows nobody."""

from collections.abc import Mapping
from typing import Final

from reconciler.diagnose.results import sure
from reconciler.diagnose.stored import Stored
from reconciler.model.diagnosis import Cause
from reconciler.model.layout import ORGANIZATION_SCOPE, UUID

SUSPENDED: Final = Cause(
    "organization-suspended",
    "The organization is suspended.",
    "Ask NT24 why; it is done on purpose. In the manifest it is spec.suspended.",
    "It is the usual reason where it worked before: all clients of the organization are refused.",
)
NO_MEMBERSHIP: Final = Cause(
    "no-organization",
    "The client belongs to no organization. Switching its service account off and on removes it, too.",
    "Have the client linked to its organization again (reconciler apply does it).",
    "It is likely for a new client, or where somebody changed this one client.",
)
TWO_MEMBERSHIPS: Final = Cause(
    "several-organizations",
    "The client belongs to more than one organization; then Keycloak names none at all.",
    "Have it taken out of all but its own (reconciler apply does it).",
    "It is likely where the client was just linked to another organization.",
)
NO_SCOPE: Final = Cause(
    "organization-scope-missing",
    f"The client does not have the client scope {ORGANIZATION_SCOPE} by default: nothing puts the organization into "
    "its tokens.",
    "Have the scope added to the client's default scopes (reconciler apply does it).",
    "It is likely for a client that was made by hand.",
)
BAD_MAPPER: Final = Cause(
    "organization-mapper-wrong",
    f"The mapper of the client scope {ORGANIZATION_SCOPE} is gone or changed, so that the claim is missing, or has no "
    "id.",
    "Have the realm's scaffolding restored (reconciler apply with the manifest of kind: Realm).",
    "All clients of the realm are refused.",
)
ORGANIZATIONS_OFF: Final = Cause(
    "organizations-off",
    "Organizations are disabled in the realm.",
    "Have them switched on again (reconciler apply with the manifest of kind: Realm).",
    "All clients of the realm are refused.",
)
NO_UUID: Final = Cause(
    "organization-unknown-to-platform",
    "The organization has no organizationUuid, so that the platform does not know it.",
    "Have it set to the UUID that NT24 gave to the organization (spec.organizationUuid).",
    "It is likely for a new organization.",
)
STALE: Final = Cause(
    "platform-behind",
    "The platform does not follow (yet): it keeps what it read of an organization for a while.",
    "Try again in a minute. If it stays so, give NT24's support the traceId.",
    "It is likely right after a change.",
)


def membership_causes(stored: Stored | None, claim: object) -> tuple[Cause, ...]:
    """Return why the claim is missing, or of the wrong form."""
    if claim is not None:
        return (sure(BAD_MAPPER),)
    shown = _shown(stored) if stored else ()
    return shown or (SUSPENDED, NO_MEMBERSHIP, TWO_MEMBERSHIPS, NO_SCOPE, ORGANIZATIONS_OFF, BAD_MAPPER)


def link_causes(stored: Stored | None) -> tuple[Cause, ...]:
    """Return why the platform does not know an organization that the token names."""
    organization = stored.organization if stored else None
    if organization is None:
        return (SUSPENDED, NO_UUID, STALE)
    if not organization.get("enabled"):
        return (sure(SUSPENDED),)
    if not (organization.get("attributes") or {}).get(UUID):
        return (sure(NO_UUID),)
    return (STALE,)


def _shown(stored: Stored) -> tuple[Cause, ...]:
    realm = stored.realm if isinstance(stored.realm, Mapping) else {}
    if realm and not realm.get("organizationsEnabled"):
        return (sure(ORGANIZATIONS_OFF),)
    causes = []
    if isinstance(found := stored.organizations, tuple):
        if not found:
            causes.append(sure(NO_MEMBERSHIP))
        elif len(found) > 1:
            aliases = ", ".join(str(each["alias"]) for each in found)
            what = f"The client belongs to {len(found)} organizations: {aliases}. Then Keycloak names none at all."
            causes.append(sure(TWO_MEMBERSHIPS, what))
        elif not found[0].get("enabled"):
            causes.append(sure(SUSPENDED))
    scopes = (stored.client or {}).get("defaultClientScopes")
    if scopes is not None and ORGANIZATION_SCOPE not in scopes:
        causes.append(sure(NO_SCOPE))
    elif not causes and isinstance(found, tuple):
        causes.append(sure(BAD_MAPPER))
    return tuple(causes)
