"""The rules of risk, all of them: what a change of a field, or of a whole resource, can do to people and systems.

A rule sees one field's way from before (live) to after (desired). A restoration of what the reconciler's own rules
say is a low risk; what has no rule has none. Rate limits are those of NT24's public documentation.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias

from reconciler.kinds.adoption import loss_of
from reconciler.kinds.client import fields as client
from reconciler.kinds.marks import MEMBERSHIPS, is_rule
from reconciler.kinds.organization.people import DOMAINS, GROUPS, IDENTITY_PROVIDERS, INVITATIONS, MEMBERS, PEOPLE
from reconciler.kinds.webhook import fields as webhook
from reconciler.model.address import Kind
from reconciler.model.change import Action, Change, FieldChange
from reconciler.model.expectations import People
from reconciler.model.layout import OWNER_MARK
from reconciler.model.manifest import RateLimitTier
from reconciler.model.risk import NO_RISK, Risk, RiskLevel, highest
from reconciler.model.value import Value
from reconciler.model.webhook import WebhookStatus
from reconciler.plan.consequences import consequences_of

Rule: TypeAlias = Callable[[Value, Value], Risk]

_READS: Final = {RateLimitTier.STANDARD: "300", RateLimitTier.HIGH_VOLUME: "1,000", RateLimitTier.ENTERPRISE: "agreed"}
"""Reads a minute."""


def assessed(change: Change) -> Change:
    """Return the change with its consequences, the risk of each field, and its own: the highest of them all."""
    deletes = change.action is Action.DELETE
    fields = tuple(replace(f, risk=NO_RISK if deletes else _of_field(change, f)) for f in change.field_changes)
    found = consequences_of(change)
    action = _ACTIONS.get((change.address.kind, change.action), NO_RISK)
    risk = highest((action, *(field.risk for field in fields), *(each.risk for each in found)))
    return replace(change, field_changes=fields, consequences=found, risk=risk)


def _of_field(change: Change, field: FieldChange) -> Risk:
    rule = _FIELDS.get((change.address.kind, field.path))
    if rule is not None:
        return rule(field.before, field.after)
    if not is_rule(field.path) and not change.adopts:
        return NO_RISK
    if change.adopts:
        loss = loss_of(change.address.kind, field.path, field.before, field.after, change.after or {})
        return loss.risk if loss else _RULED if is_rule(field.path) else NO_RISK
    # What an object is created with restores nothing.
    return NO_RISK if change.action is Action.CREATE else _RESTORED


def _low(code: str, why: str) -> Risk:
    return Risk(RiskLevel.LOW, code, why)


def _medium(code: str, why: str) -> Risk:
    return Risk(RiskLevel.MEDIUM, code, why)


def _high(code: str, why: str) -> Risk:
    return Risk(RiskLevel.HIGH, code, why)


def _flag(on: Risk, off: Risk) -> Rule:
    """Return the rule of a flag; a flag that is not there is off."""

    def rule(before: Value, after: Value) -> Risk:
        if bool(before) is bool(after):
            return NO_RISK
        return on if after else off

    return rule


def _always(risk: Risk) -> Rule:
    return lambda _before, _after: risk


def _replaced(changed: Risk, removed: Risk, given: Risk = NO_RISK) -> Rule:
    """Return the rule of a value that is changed, removed, or given for the first time."""

    def rule(before: Value, after: Value) -> Risk:
        return given if before is None else removed if after is None else changed

    return rule


def _moment(before: Value, after: Value) -> Risk:
    """Return the risk of another moment of acceptance; the same one in another time zone is none."""
    if before is None or after is None or _as_moment(before) == _as_moment(after):
        return NO_RISK
    return _medium("dpa-changed", "It says that a person accepted it at another moment.")


def _as_moment(value: Value) -> datetime | Value:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _number(up: Risk, down: Risk) -> Rule:
    """Return the rule of a number that grows or shrinks; one that is new is no risk."""

    def rule(before: Value, after: Value) -> Risk:
        if not isinstance(before, int) or not isinstance(after, int) or before == after:
            return NO_RISK
        return up if after > before else down

    return rule


def _set(removed: Callable[[int], Risk], added: Callable[[int], Risk]) -> Rule:
    """Return the rule of a set: of what is removed or added, the higher risk."""

    def rule(before: Value, after: Value) -> Risk:
        gone, new = _items(before) - _items(after), _items(after) - _items(before)
        return highest((*([removed(len(gone))] if gone else []), *([added(len(new))] if new else [])))

    return rule


def _items(value: Value) -> frozenset[Value]:
    return frozenset(value) if isinstance(value, tuple) else frozenset()


def _partners(number: int) -> str:
    return "1 partner" if number == 1 else f"{number:,} partners"


def _tier(before: Value, after: Value) -> Risk:
    tiers = list(RateLimitTier)
    if after not in tiers or before not in tiers:
        return NO_RISK
    old, new = RateLimitTier(str(before)), RateLimitTier(str(after))
    why = f"{_READS[old]} -> {_READS[new]} reads a minute."
    return _medium("tier-down", why) if tiers.index(new) < tiers.index(old) else _low("tier-up", why)


def _membership(before: Value, after: Value) -> Risk:
    if before is None:
        return NO_RISK
    if _items(before) > _items(after):
        return _low("membership-ended", "A membership that is not declared ends.")
    return _high("client-moved", "The client acts for another organization, with its partners and capabilities.")


def _people(before: Value, after: Value) -> Risk:
    if after == People.NONE:
        return _high("people-removed", "People that share it are removed, with what lets them in and gives them roles.")
    left = _medium("people-left-alone", "People that join it are reported, and not removed.")
    return left if before == People.NONE else NO_RISK


def _webhook_status(before: Value, after: Value) -> Risk:
    if before is None:
        return NO_RISK
    if after == WebhookStatus.ACTIVE:
        return _low("webhook-resumed", "Events are delivered again.")
    return _medium("webhook-stopped", "Events are not delivered.") if before == WebhookStatus.ACTIVE else NO_RISK


def _event_types(before: Value, after: Value) -> Risk:
    # No types at all stand for all of them.
    fewer = bool(_items(after)) and (before == () or bool(_items(before) - _items(after)))
    return _UNSEEN if fewer else NO_RISK


def _enabled(before: Value, after: Value) -> Risk:
    if after is True:
        # A new client that is enabled surprises nobody.
        return _medium("client-enabled", "The client may get tokens again.") if before is False else NO_RISK
    return _high("client-disabled", "The system that uses it gets no tokens.") if before is True else NO_RISK


_RESTORED: Final = _low("hardening-restored", "It is put back to what the reconciler's rules say.")
_RULED: Final = _low("rule-applied", "It becomes what the reconciler's rules say.")
_CREATED: Final = _low("resource-created", "It is new.")
_ADOPTED: Final = _medium("resource-adopted", "It exists, and is managed from then on.")
_TAKEN_OVER: Final = _medium("owner-changed", "It is managed by this reconciler from then on.")
_UNSEEN: Final = _medium("hardening-weakened", "Fewer logins are recorded, or for a shorter time.")
_LONGER: Final = _medium("token-lifespan-longer", "A token that leaks can be used for longer.")
_SHORTER: Final = _low("token-lifespan-shorter", "Tokens are asked for more often.")
_CAPABILITY: Final = _flag(
    on=_low("capability-granted", "The organization may do more."),
    off=_medium("capability-withdrawn", "Calls that need it are refused (403)."),
)
_DPA: Final = _replaced(
    changed=_medium("dpa-changed", "It says that a person accepted another agreement."),
    removed=_high("dpa-removed", "Without an accepted agreement, every call is refused (403)."),
    given=_medium("dpa-recorded", "It says that a person accepted the agreement."),
)
_ROTATION: Final = _replaced(
    changed=_medium("rotation-changed", "Secrets are valid for another time."),
    removed=_high("hardening-weakened", "Secrets do not expire, and an old one dies at once when it is rotated."),
)

_ACTIONS: Final[Mapping[tuple[Kind, Action], Risk]] = {
    **{(kind, Action.CREATE): _CREATED for kind in Kind},
    **{(kind, Action.ADOPT): _ADOPTED for kind in Kind},
    (Kind.ORGANIZATION, Action.DELETE): _high(
        "organization-deleted", "Every call of its clients is refused, and its partners and capabilities are gone."
    ),
    (Kind.CLIENT, Action.DELETE): _high(
        "client-deleted", "Its secret is destroyed, and the system that uses it is refused."
    ),
    (Kind.WEBHOOK, Action.CREATE): _medium("webhook-created", "Events are sent to an address that got none before."),
    (Kind.WEBHOOK, Action.DELETE): _medium(
        "webhook-deleted", "Events are not delivered any more, and its secret is gone."
    ),
}
"""What happens to a whole resource."""

_FIELDS: Final[Mapping[tuple[Kind, str], Rule]] = {
    **{(kind, OWNER_MARK): _replaced(_TAKEN_OVER, _TAKEN_OVER) for kind in Kind},
    **{
        (kind, "lifecycle.preventDestroy"): _flag(
            on=NO_RISK, off=_medium("protection-removed", "It may be deleted from then on.")
        )
        for kind in (Kind.REALM, Kind.ORGANIZATION)
    },
    **{
        (kind, "lifecycle.adopt.drop"): _set(
            removed=lambda _: NO_RISK,
            added=lambda _: _medium("adoption-drops", "Adopting takes it away from what exists already."),
        )
        for kind in (Kind.REALM, Kind.ORGANIZATION)
    },
    (Kind.REALM, "accessTokenLifespan"): _number(up=_LONGER, down=_SHORTER),
    (Kind.REALM, "adminEvents.enabled"): _flag(
        on=NO_RISK, off=_high("hardening-weakened", "Nobody sees any more who changed what in Keycloak.")
    ),
    (Kind.REALM, "adminEvents.details"): _flag(
        on=NO_RISK, off=_medium("hardening-weakened", "Nobody sees any more what was written to Keycloak.")
    ),
    (Kind.REALM, "adminEvents.expiration"): _number(
        up=NO_RISK, down=_medium("hardening-weakened", "Who changed what is forgotten sooner.")
    ),
    (Kind.REALM, "loginEvents.enabled"): _flag(on=NO_RISK, off=_UNSEEN),
    (Kind.REALM, "loginEvents.types"): _event_types,
    (Kind.REALM, "loginEvents.expiration"): _number(up=NO_RISK, down=_UNSEEN),
    (Kind.REALM, "secretRotation.expiration"): _ROTATION,
    (Kind.REALM, "secretRotation.overlap"): _ROTATION,
    (Kind.ORGANIZATION, "displayName"): _replaced(
        changed=_low("display-name-changed", "People and systems see another name."), removed=NO_RISK
    ),
    (Kind.ORGANIZATION, "organizationUuid"): _replaced(
        changed=_high("identity-changed", "Its clients act for another organization of the platform."),
        removed=_high("identity-changed", "The platform does not know the organization any more."),
    ),
    (Kind.ORGANIZATION, "suspended"): _flag(
        on=_high("organization-suspended", "Every call of its clients is refused."),
        off=_medium("organization-resumed", "Calls of its clients are answered again."),
    ),
    (Kind.ORGANIZATION, "authorizedPartners"): _set(
        removed=lambda n: _high("partner-removed", f"Calls for {_partners(n)} are refused (403)."),
        added=lambda n: _medium("partner-added", f"Its clients may act for {_partners(n)} more."),
    ),
    (Kind.ORGANIZATION, "capabilities.rateLimitTier"): _tier,
    (Kind.ORGANIZATION, "capabilities.allowMarketplaceLedKyc"): _CAPABILITY,
    (Kind.ORGANIZATION, "capabilities.allowMultiVinOrders"): _CAPABILITY,
    (Kind.ORGANIZATION, "capabilities.allowContactPersonalData"): _flag(
        on=_high("personal-data-allowed", "Its clients may read contacts' personal data."),
        off=_medium("capability-withdrawn", "Calls for contacts' personal data are refused (403)."),
    ),
    (Kind.ORGANIZATION, "capabilities.allowKycDocumentDownload"): _flag(
        on=_high("kyc-documents-allowed", "Its clients may download KYC documents, which are personal data."),
        off=_medium("capability-withdrawn", "Downloads of KYC documents are refused (403)."),
    ),
    (Kind.ORGANIZATION, "dpa.version"): _DPA,
    (Kind.ORGANIZATION, "dpa.acceptedAt"): _moment,
    (Kind.ORGANIZATION, MEMBERS): _always(_medium("member-removed", "Members that no manifest declares are removed.")),
    (Kind.ORGANIZATION, "people"): _people,
    (Kind.ORGANIZATION, PEOPLE): _always(
        _high("person-removed", "Whoever is a member loses what the organization gave: its claim, groups and roles.")
    ),
    (Kind.ORGANIZATION, INVITATIONS): _always(
        _medium("invitation-withdrawn", "Whoever was invited cannot join by that invitation any more.")
    ),
    (Kind.ORGANIZATION, DOMAINS): _always(
        _medium("domain-removed", "People with an e-mail address of that domain are not led to the organization.")
    ),
    (Kind.ORGANIZATION, GROUPS): _always(_medium("group-removed", "The group ends, with its roles.")),
    (Kind.ORGANIZATION, IDENTITY_PROVIDERS): _always(
        _medium("identity-provider-unlinked", "Nobody joins the organization by that identity provider any more.")
    ),
    (Kind.WEBHOOK, "url"): _replaced(
        changed=_medium("webhook-moved", "Events are sent to another address."), removed=NO_RISK
    ),
    (Kind.WEBHOOK, "events"): _set(
        removed=lambda _: _medium("webhook-events-removed", "Some events are not delivered any more."),
        added=lambda _: _low("webhook-events-added", "More events are delivered."),
    ),
    (Kind.WEBHOOK, "partnerIds"): _always(_low("webhook-partners-changed", "Events of other partners are delivered.")),
    (Kind.WEBHOOK, webhook.STATUS): _webhook_status,
    (Kind.CLIENT, "clientId"): _always(
        _high("client-renamed", "The system that uses it is refused until it sends the new id.")
    ),
    (Kind.CLIENT, "enabled"): _enabled,
    (Kind.CLIENT, "accessTokenLifespan"): _number(up=_LONGER, down=_SHORTER),
    (Kind.CLIENT, client.ROLES): _set(
        removed=lambda _: _medium("role-revoked", "The service account may do less in Keycloak."),
        added=lambda _: _high("role-granted", "The service account may do more in Keycloak."),
    ),
    (Kind.CLIENT, MEMBERSHIPS): _membership,
    (Kind.CLIENT, "keycloak.publicClient"): _flag(
        on=NO_RISK,
        off=_high("secret-destroyed", "Its secret is gone already: it gets a new one, which its system must be given."),
    ),
}
"""What happens to a field, by its kind and path."""
