"""The fields of an organization. Rate limits are those of NT24's public documentation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from reconciler.kinds import loss
from reconciler.kinds.evidence import By, Evidence, by_detail, by_sent
from reconciler.kinds.field import MARKS, Field, FieldTable, attribute
from reconciler.kinds.loss import HIGH, relied_on
from reconciler.kinds.risk_rules import WORDS, always, came, flag, high, low, medium, members, replaced
from reconciler.model import layout
from reconciler.model.change import Action
from reconciler.model.expectations import People
from reconciler.model.field_class import FieldClass
from reconciler.model.manifest import CAPABILITIES, RateLimitTier
from reconciler.model.risk import Risk
from reconciler.model.touch import Aspect, Thing
from reconciler.model.value import Value

EXTRA: Final = "keycloak.attributes."
"""What the paths of attributes begin with that no manifest names."""
MEMBERS: Final = "keycloak.members"
"""User names of members that are service accounts, but not of an integration's client."""
PEOPLE: Final = "keycloak.people"
"""User names of members that are no service account."""
MANAGED: Final = "keycloak.managedMembers"
"""User names of the members whose account ends with their membership; never compared."""
ACCOUNTS: Final = "keycloak.serviceAccounts"
"""User names of the service accounts in an organization that no manifest declares, but for those of clients that one
declares, or that go with it; never compared."""
INVITATIONS: Final = "keycloak.invitations"
IDENTITY_PROVIDERS: Final = "keycloak.identityProviders"
"""Aliases of linked identity providers, but for those that a manifest declares, or declared."""
LINKED_WITH_DOMAIN: Final = "keycloak.identityProvidersWithDomain"
"""Aliases of the others that have a domain, where people do not share the organization; never compared."""
GROUPS: Final = "keycloak.groups"
"""Names of the organization's own groups: their roles are held by members, and shown by no listing of roles."""
ACCOUNTS_IN_GROUPS: Final = "keycloak.accountsInGroups"
"""Service accounts in the organization's own groups: ``PATH USERNAME``."""
DOMAINS: Final = "keycloak.domains"
"""As Keycloak shows them: people's, where no manifest declares any."""
DECLARED_DOMAINS: Final = "domains"
"""Their names, where a manifest declares them."""

_READS: Final = {
    RateLimitTier.STANDARD: "300",
    RateLimitTier.HIGH_VOLUME: "1,000",
    RateLimitTier.ENTERPRISE: "as agreed",
}
"""Reads a minute."""


def _moment(before: Value, after: Value) -> Risk:
    """Return the risk of another moment of acceptance; the same one in another time zone is a low one."""
    if before is None or after is None:
        # The agreement's version, which comes and goes with it, says the rest.
        return low("dpa-moment", "It records when a person accepted the agreement.")
    if _as_moment(before) == _as_moment(after):
        return low("dpa-moment", "It is the same time, written differently.")
    return medium("dpa-changed", "It records that a person accepted it at another time.")


def _as_moment(value: Value) -> datetime | Value:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _end(before: Value, after: Value) -> Risk:
    """Return the risk of another end of a grant, both in UTC as ISO 8601 writes it."""
    if before is not None and (after is None or str(after) > str(before)):
        return high("granted-longer", "It stays granted for longer.")
    return low("grant-ends", "It ends then.")


def _partners(number: int, more: str = "") -> str:
    return f"1 {more}partner" if number == 1 else f"{number:,} {more}partners"


def _tier(before: Value, after: Value) -> Risk:
    tiers = list(RateLimitTier)
    if before is None:
        return low("tier-given", "It sets the rate limit.")
    if after is None:
        return medium("tier-removed", "The platform decides the rate limit.")
    if after not in tiers or before not in tiers:
        return medium("tier-changed", "The rate limit changes.")
    old, new = RateLimitTier(str(before)), RateLimitTier(str(after))
    why = f"Reads per minute: {_READS[old]} -> {_READS[new]}."
    return medium("tier-down", why) if tiers.index(new) < tiers.index(old) else low("tier-up", why)


def _people(before: Value, after: Value) -> Risk:
    if after == People.NONE:
        return high("people-removed", "People who share it are removed, together with their access and roles.")
    if before == People.NONE:
        return medium("people-left-alone", "People who join it are reported, and not removed.")
    return low("people-left-alone", "People are left alone, or as the environment's settings say.")


_RENAMED: Final = low("display-name-changed", "People and systems see a different name.")
_DPA: Final = replaced(
    changed=medium("dpa-changed", "It records that a person accepted another agreement."),
    removed=high("dpa-removed", "Without an accepted agreement, every call is refused (403)."),
    given=medium("dpa-recorded", "It records that a person accepted the agreement."),
)
_PEOPLE_LOST: Final = relied_on(HIGH, "people-removed", "People lose what they have through the organization.")

_OF_MEMBERS: Final = (
    # Whoever invited somebody may have made a member.
    Evidence(Thing.ORGANIZATION, (Aspect.MEMBERS, Aspect.INVITATIONS), By.NAMES, by_detail("username")),
)

_OF_PLATFORM: Final = (
    Field("", told=(Evidence(Thing.ORGANIZATION, (Aspect.ITSELF, Aspect.IMPORTED)),)),
    Field(
        "displayName",
        is_said=True,
        is_effective=True,
        risk=replaced(
            changed=_RENAMED, removed=_RENAMED, given=low("display-name-given", "People and systems see the name.")
        ),
    ),
    Field("description", is_said=True, risk=WORDS, loss=loss.WORDS),
    Field(
        "suspended",
        is_said=True,
        about=FieldClass.ENABLED,
        risk=flag(
            on=high("organization-suspended", "Every call of its clients is refused."),
            off=medium("organization-resumed", "Calls of its clients are answered again."),
        ),
        loss=loss.LOCKOUT,
    ),
    Field(
        "organizationUuid",
        is_said=True,
        is_effective=True,
        place=attribute(layout.UUID),
        risk=replaced(
            changed=high("identity-changed", "Its clients act for another organization of the platform."),
            removed=high("identity-changed", "The platform no longer recognizes the organization."),
            given=low("identity-given", "The platform identifies the organization by it."),
        ),
    ),
    Field(
        "until.",
        risk=_end,
    ),
    Field(
        "authorizedPartners",
        is_said=True,
        is_effective=True,
        holds_partners=True,
        place=attribute(layout.PARTNERS),
        about=FieldClass.PARTNERS,
        risk=members(
            removed=lambda n: high("partner-removed", f"Calls for {_partners(n)} are refused (403)."),
            added=lambda n: medium("partner-added", f"Its clients can act for {_partners(n, 'more ')}."),
        ),
        called="partner",
        loss=loss.CALLS,
    ),
    Field("capabilities.", about=FieldClass.CAPABILITIES, loss=loss.CALLS),
    Field(
        "capabilities.rateLimitTier",
        is_said=True,
        is_effective=True,
        place=attribute(layout.RATE_LIMIT_TIER),
        risk=_tier,
    ),
    *(
        Field(
            f"capabilities.{name}",
            is_said=True,
            is_effective=True,
            place=attribute(name),
            risk=flag(on=each.granted, off=each.withdrawn),
            called=f"the capability {name}",
        )
        for name, each in CAPABILITIES.items()
    ),
    Field("dpa.", about=FieldClass.DPA, loss=loss.CALLS),
    Field("dpa.version", is_said=True, is_effective=True, place=attribute(layout.DPA_VERSION), risk=_DPA),
    Field("dpa.acceptedAt", is_said=True, is_effective=True, place=attribute(layout.DPA_ACCEPTED_AT), risk=_moment),
    *MARKS,
)


def _domains(number: int) -> str:
    return f"{number} domain" if number == 1 else f"{number} domains"


_OF_PEOPLE: Final = (
    Field("people", risk=_people),
    Field(
        DECLARED_DOMAINS,
        is_said=True,
        is_optional=True,
        about=FieldClass.SETTINGS,
        risk=members(
            removed=lambda n: medium(
                "domain-removed", f"Users with addresses of {_domains(n)} are no longer directed to the organization."
            ),
            added=lambda n: medium(
                "domain-added", f"Users with addresses of {_domains(n)} are directed to the organization."
            ),
        ),
        called="domain",
        loss=_PEOPLE_LOST,
    ),
    Field(
        MEMBERS,
        is_apart=True,
        told=_OF_MEMBERS,
        by_planner=True,
        about=FieldClass.MEMBERSHIP,
        risk=always(medium("member-removed", "Members that no manifest declares are removed.")),
        event=came(high("member-added", "A service account acts for the organization.")),
        called="member",
        loss=_PEOPLE_LOST,
    ),
    Field(
        PEOPLE,
        is_apart=True,
        is_shared=True,
        told=_OF_MEMBERS,
        by_planner=True,
        about=FieldClass.MEMBERSHIP,
        risk=always(high("person-removed", "Members lose what the organization grants: its claim, groups and roles.")),
        event=came(high("person-added", "A person has what the organization grants: its claim, groups and roles.")),
        called="person",
        loss=_PEOPLE_LOST,
    ),
    Field(MANAGED, is_apart=True, by_planner=True),
    Field(LINKED_WITH_DOMAIN, is_apart=True, by_planner=True),
    Field(ACCOUNTS, is_apart=True, by_planner=True, about=FieldClass.MEMBERSHIP),
    Field(
        INVITATIONS,
        is_apart=True,
        is_shared=True,
        told=(Evidence(Thing.ORGANIZATION, (Aspect.INVITATIONS,), By.TOUCH),),
        about=FieldClass.MEMBERSHIP,
        event=came(medium("person-invited", "Invited people can join the organization.")),
        called="invitation of",
        verbs=("sent", "withdrawn"),
        risk=always(medium("invitation-withdrawn", "Invited people can no longer join with that invitation.")),
        loss=_PEOPLE_LOST,
    ),
    Field(
        DOMAINS,
        is_shared=True,
        event=came(
            medium("domain-added", "Users with an e-mail address of that domain are directed to the organization.")
        ),
        called="domain",
        risk=always(
            medium(
                "domain-removed",
                "Users with an e-mail address of that domain are no longer directed to the organization.",
            )
        ),
        loss=_PEOPLE_LOST,
    ),
    Field(
        GROUPS,
        is_apart=True,
        is_shared=True,
        told=(Evidence(Thing.ORGANIZATION, (Aspect.GROUPS,), By.NAMES, by_sent("name")),),
        about=FieldClass.MEMBERSHIP,
        event=came(medium("group-added", "Its members get its roles.")),
        called="group",
        risk=always(medium("group-removed", "The group is deleted, with its roles.")),
        loss=relied_on(HIGH, "organization-groups-deleted", "People with roles from a group lose them."),
    ),
    Field(
        ACCOUNTS_IN_GROUPS,
        is_apart=True,
        told=(Evidence(Thing.ORGANIZATION, (Aspect.GROUP_MEMBERS,), By.TOUCH),),
        event=came(high("role-granted", "The service account has the roles of the group.")),
        called="member of a group",
        about=FieldClass.MEMBERSHIP,
        loss=loss.GROUP_LEFT,
    ),
    Field(
        IDENTITY_PROVIDERS,
        is_apart=True,
        is_shared=True,
        told=(Evidence(Thing.ORGANIZATION, (Aspect.IDENTITY_PROVIDERS,), By.NAMES),),
        by_planner=True,
        item="the identity provider",
        event=came(high("identity-provider-linked", "Users who log in through it join the organization.")),
        called="identity provider",
        verbs=("linked", "unlinked"),
        about=FieldClass.MEMBERSHIP,
        risk=always(
            medium(
                "identity-provider-unlinked", "Users no longer join the organization through that identity provider."
            )
        ),
        loss=_PEOPLE_LOST,
    ),
)
_OF_KEYCLOAK: Final = (
    Field("keycloak.", about=FieldClass.SETTINGS, may_be_ignored=True),
    Field("keycloak.id", exempt="Keycloak's own key"),
    Field("keycloak.redirectUrl", is_shared=True, loss=loss.ADDRESS),
    Field(EXTRA, loss=loss.ATTRIBUTE, may_be_ignored=True, are_many=True),
    Field(EXTRA + layout.MARKS, may_be_ignored=False),
)

FIELDS: Final = FieldTable(*_OF_PLATFORM, *_OF_PEOPLE, *_OF_KEYCLOAK)

ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.DELETE: high(
        "organization-deleted", "Every call of its clients is refused, and its partners and capabilities are lost."
    )
}
"""What happens to a whole organization."""
