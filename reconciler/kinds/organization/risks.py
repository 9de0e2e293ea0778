"""The rules of risk of an organization. Rate limits are those of NT24's public documentation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from reconciler.kinds.organization.people import DOMAINS, GROUPS, IDENTITY_PROVIDERS, INVITATIONS, MEMBERS, PEOPLE
from reconciler.kinds.risk_rules import Rule, always, flag, high, low, medium, members, replaced
from reconciler.model.change import Action
from reconciler.model.expectations import People
from reconciler.model.manifest import CAPABILITIES, RateLimitTier
from reconciler.model.risk import NO_RISK, Risk
from reconciler.model.value import Value

_READS: Final = {RateLimitTier.STANDARD: "300", RateLimitTier.HIGH_VOLUME: "1,000", RateLimitTier.ENTERPRISE: "agreed"}
"""Reads a minute."""


def _moment(before: Value, after: Value) -> Risk:
    """Return the risk of another moment of acceptance; the same one in another time zone is none."""
    if before is None or after is None or _as_moment(before) == _as_moment(after):
        return NO_RISK
    return medium("dpa-changed", "It says that a person accepted it at another moment.")


def _as_moment(value: Value) -> datetime | Value:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _partners(number: int) -> str:
    return "1 partner" if number == 1 else f"{number:,} partners"


def _tier(before: Value, after: Value) -> Risk:
    tiers = list(RateLimitTier)
    if after not in tiers or before not in tiers:
        return NO_RISK
    old, new = RateLimitTier(str(before)), RateLimitTier(str(after))
    why = f"{_READS[old]} -> {_READS[new]} reads a minute."
    return medium("tier-down", why) if tiers.index(new) < tiers.index(old) else low("tier-up", why)


def _people(before: Value, after: Value) -> Risk:
    if after == People.NONE:
        return high("people-removed", "People that share it are removed, with what lets them in and gives them roles.")
    left = medium("people-left-alone", "People that join it are reported, and not removed.")
    return left if before == People.NONE else NO_RISK


_DPA: Final = replaced(
    changed=medium("dpa-changed", "It says that a person accepted another agreement."),
    removed=high("dpa-removed", "Without an accepted agreement, every call is refused (403)."),
    given=medium("dpa-recorded", "It says that a person accepted the agreement."),
)
ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.DELETE: high(
        "organization-deleted", "Every call of its clients is refused, and its partners and capabilities are gone."
    ),
}
"""What happens to a whole organization."""

RISKS: Final[Mapping[str, Rule]] = {
    "displayName": replaced(
        changed=low("display-name-changed", "People and systems see another name."), removed=NO_RISK
    ),
    "organizationUuid": replaced(
        changed=high("identity-changed", "Its clients act for another organization of the platform."),
        removed=high("identity-changed", "The platform does not know the organization any more."),
    ),
    "suspended": flag(
        on=high("organization-suspended", "Every call of its clients is refused."),
        off=medium("organization-resumed", "Calls of its clients are answered again."),
    ),
    "authorizedPartners": members(
        removed=lambda n: high("partner-removed", f"Calls for {_partners(n)} are refused (403)."),
        added=lambda n: medium("partner-added", f"Its clients may act for {_partners(n)} more."),
    ),
    "capabilities.rateLimitTier": _tier,
    **{f"capabilities.{name}": flag(on=each.granted, off=each.withdrawn) for name, each in CAPABILITIES.items()},
    "dpa.version": _DPA,
    "dpa.acceptedAt": _moment,
    MEMBERS: always(medium("member-removed", "Members that no manifest declares are removed.")),
    "people": _people,
    PEOPLE: always(
        high("person-removed", "Whoever is a member loses what the organization gave: its claim, groups and roles.")
    ),
    INVITATIONS: always(medium("invitation-withdrawn", "Whoever was invited cannot join by that invitation any more.")),
    DOMAINS: always(
        medium("domain-removed", "People with an e-mail address of that domain are not led to the organization.")
    ),
    GROUPS: always(medium("group-removed", "The group ends, with its roles.")),
    IDENTITY_PROVIDERS: always(
        medium("identity-provider-unlinked", "Nobody joins the organization by that identity provider any more.")
    ),
}
"""What happens to a field, by its path."""
